package executable_test

import (
	"strings"
	"testing"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

func TestCheckRuns_Hints(t *testing.T) {
	const hint, no, native = "hint", "no", "native"
	shared := func(e executable.Executable) executable.Executable { e.Shared = true; return e }
	mixed := func(e executable.Executable) executable.Executable { e.Platforms[0].Mixed = true; return e }
	both := func(exact, hinted string) executable.Executable {
		e := hinting("linux/amd64/"+hinted, "")
		e.Platforms[0].Exact = exact
		return e
	}
	for _, tt := range []struct {
		name, on string
		several  bool
		loader   string
		program  executable.Executable
		want     string
	}{
		{"v2 by notes under amd64", "linux/amd64", false, "", hinting("linux/amd64/v2", ""), hint},
		{"v2 by notes over a v1 loader", "linux/amd64", false, "v1", hinting("linux/amd64/v2", ""), hint},
		{"v2 of Go under amd64", "linux/amd64", false, "", built("linux/amd64/v2", ""), hint},
		{"v2 by notes under a declared v1", "linux/amd64/v1", false, "v2", hinting("linux/amd64/v2", ""), no},
		{"v2 by notes among several levels", "linux/amd64", true, "v2", hinting("linux/amd64/v2", ""), no},
		{"v2 of Go among several levels", "linux/amd64", true, "", built("linux/amd64/v2", ""), no},
		{"v3 by notes under amd64", "linux/amd64", false, "", hinting("linux/amd64/v3", ""), no},
		{"v3 by notes over a v2 loader", "linux/amd64", false, "v2", hinting("linux/amd64/v3", ""), no},
		{"v3 by notes over a v3 loader", "linux/amd64", false, "v3", hinting("linux/amd64/v3", ""), hint},
		{"v3 by notes over a v4 loader", "linux/amd64", false, "v4", hinting("linux/amd64/v3", ""), hint},
		{"v3 by notes over a v3 loader under a declared v2", "linux/amd64/v2", false, "v3", hinting("linux/amd64/v3", ""), no},
		{"v3 by notes under v3", "linux/amd64/v3", false, "", hinting("linux/amd64/v3", ""), native},
		{"v3 of Go over a v3 loader", "linux/amd64", false, "v3", built("linux/amd64/v3", ""), no},
		{"v3 of Go with v4 by notes over a v4 loader", "linux/amd64", false, "v4", both("v3", "v4"), no},
		{"v1 of Go with v2 by notes", "linux/amd64", false, "", both("v1", "v2"), hint},
		{"a v3 library", "linux/amd64", false, "", shared(hinting("linux/amd64/v3", "")), no},

		{"hard v7 under v6", "linux/arm/v6", false, "v6", hinting("linux/arm/v7", "hard"), no},
		{"hard v6 under v5", "linux/arm/v5", false, "", hinting("linux/arm/v6", "hard"), no},
		{"hard v7 under arm", "linux/arm", false, "", hinting("linux/arm/v7", "hard"), native},
		{"hard v7 library under v6", "linux/arm/v6", false, "v6", shared(hinting("linux/arm/v7", "hard")), hint},
		{"soft v7 under v5", "linux/arm/v5", false, "", hinting("linux/arm/v7", "soft"), hint},
		{"v7 that states no float under v5", "linux/arm/v5", false, "", hinting("linux/arm/v7", ""), hint},
		{"GOARM=7 under v6", "linux/arm/v6", false, "", built("linux/arm/v7", ""), no},
		{"GOARM=7 library under v6", "linux/arm/v6", false, "", shared(built("linux/arm/v7", "")), no},
		{"ARMv8 objects under v7", "linux/arm/v7", false, "", mixed(hinting("linux/arm/v7", "hard")), native},
		{"ARMv8 objects under v6", "linux/arm/v6", false, "", mixed(hinting("linux/arm/v7", "hard")), no},
		{"ARMv8 objects under v6 over a v7 loader", "linux/arm/v6", false, "v7", mixed(hinting("linux/arm/v7", "hard")), no},
		{"ARMv8 objects under v6 over a v6 loader", "linux/arm/v6", false, "v6", mixed(hinting("linux/arm/v7", "hard")), hint},
		{"soft ARMv8 objects under v5", "linux/arm/v5", false, "", mixed(hinting("linux/arm/v7", "soft")), hint},
	} {
		t.Run(tt.name, func(t *testing.T) {
			part := append(strings.Split(tt.on, "/"), "")
			on := executable.Target{
				Platform:      platform.Platform{OS: part[0], Architecture: part[1], Variant: part[2]},
				SeveralLevels: tt.several, LoaderVariant: tt.loader,
			}
			j := executable.CheckRuns(on, tt.program)
			got := native
			switch {
			case j.Fit == executable.FitIncompatible && j.Field == "variant":
				got = no
			case j.Fit == executable.FitNative && j.Hint != nil:
				got = hint
			}
			if got != tt.want {
				t.Errorf("%+v, want %s", j, tt.want)
			}
			if j.Hint != nil && (j.Hint.Want == "" || j.Hint.Got == "" || j.Hint.Want == j.Hint.Got) {
				t.Errorf("hint %+v", j.Hint)
			}
		})
	}
}
