package platform_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/platform"
)

func TestParse(t *testing.T) {
	tests := []struct {
		in   string
		want platform.Platform
	}{
		{"linux/amd64", platform.Platform{OS: "linux", Architecture: "amd64"}},
		{"linux/arm/v7", platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}},
		{"linux/arm", platform.Platform{OS: "linux", Architecture: "arm"}},
		{"linux/arm64", platform.Platform{OS: "linux", Architecture: "arm64"}},
		{"linux/arm64/v8", platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}},
		{"linux/arm64/v9.2", platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v9.2"}},
		{"linux/amd64/v1", platform.Platform{OS: "linux", Architecture: "amd64", Variant: "v1"}},
		{"linux/amd64/v3", platform.Platform{OS: "linux", Architecture: "amd64", Variant: "v3"}},
		{"linux/386/sse2", platform.Platform{OS: "linux", Architecture: "386", Variant: "sse2"}},
		{"wasip1/wasm", platform.Platform{OS: "wasip1", Architecture: "wasm"}},
		{"beos/z80", platform.Platform{OS: "beos", Architecture: "z80"}},

		// Aliases and shorthands.
		{"linux/aarch64", platform.Platform{OS: "linux", Architecture: "arm64"}},
		{"linux/aarch64/v8", platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}},
		{"linux/arm64/8", platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}},
		{"linux/arm/6", platform.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}},
		{"linux/x86_64", platform.Platform{OS: "linux", Architecture: "amd64"}},
		{"linux/x86-64/v2", platform.Platform{OS: "linux", Architecture: "amd64", Variant: "v2"}},
		{"linux/i386", platform.Platform{OS: "linux", Architecture: "386"}},
		{"linux/i386/sse2", platform.Platform{OS: "linux", Architecture: "386", Variant: "sse2"}},
		{"linux/armhf", platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}},
		{"linux/armhf/v7", platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}},
		{"linux/armel", platform.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}},
		{"Linux/AMD64/V3", platform.Platform{OS: "linux", Architecture: "amd64", Variant: "v3"}},
		{"macos/arm64", platform.Platform{OS: "darwin", Architecture: "arm64"}},
		{"linux/armv7", platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}},
		{"linux/ARMv7l", platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}},
		{"linux/arm32v6", platform.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}},
		{"linux/arm64v8", platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}},
		{"linux/amd64v1", platform.Platform{OS: "linux", Architecture: "amd64", Variant: "v1"}},
		{"linux/x64", platform.Platform{OS: "linux", Architecture: "amd64"}},
		{"linux/x64/3", platform.Platform{OS: "linux", Architecture: "amd64", Variant: "v3"}},
		{"linux/ppc64el", platform.Platform{OS: "linux", Architecture: "ppc64le"}},
		{"linux/mips64el", platform.Platform{OS: "linux", Architecture: "mips64le"}},
		{"linux/loongarch64", platform.Platform{OS: "linux", Architecture: "loong64"}},
		{"linux/i686", platform.Platform{OS: "linux", Architecture: "386"}},
		{"linux/arm64/9.4", platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v9.4"}},
		{"windows/amd64/1809", platform.Platform{OS: "windows", Architecture: "amd64", Variant: "1809"}},

		// An architecture alone.
		{"arm64", platform.Platform{OS: "linux", Architecture: "arm64"}},
		{"armhf", platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}},
		{"x86_64", platform.Platform{OS: "linux", Architecture: "amd64"}},
		{"wasm", platform.Platform{OS: "linux", Architecture: "wasm"}},

		// Versions of the os.
		{"windows/amd64:10.0.17763.1", platform.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.17763.1"}},
		{"windows/arm/v7:10.0.1", platform.Platform{OS: "windows", Architecture: "arm", Variant: "v7", OSVersion: "10.0.1"}},
		{"darwin/arm64:macOS 13.4", platform.Platform{OS: "darwin", Architecture: "arm64", OSVersion: "macOS 13.4"}},
		{"darwin(macOS%2013.4)/arm64", platform.Platform{OS: "darwin", Architecture: "arm64", OSVersion: "macOS 13.4"}},
		{"linux/amd64:Ubuntu 24.04 (noble)", platform.Platform{OS: "linux", Architecture: "amd64", OSVersion: "Ubuntu 24.04 (noble)"}},
		{"windows(10.0.17763)/amd64", platform.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.17763"}},
		{"windows(10.0.17763+win32k)/amd64", platform.Platform{
			OS: "windows", Architecture: "amd64", OSVersion: "10.0.17763", OSFeatures: []string{"win32k"},
		}},
		{"windows(+win32k)/amd64:10.0", platform.Platform{
			OS: "windows", Architecture: "amd64", OSVersion: "10.0", OSFeatures: []string{"win32k"},
		}},
		{"linux(6.1%2Bdeb)/amd64", platform.Platform{OS: "linux", Architecture: "amd64", OSVersion: "6.1+deb"}},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := platform.Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestParse_Invalid(t *testing.T) {
	tests := []struct{ in, why string }{
		{"", "must be os/arch"},
		{"linux", "must be os/arch"},
		{"z80", "must be os/arch"},
		{"arm64/v8", "did you mean linux/arm64/v8?"},
		{"armv7/linux", "did you mean linux/armv7/linux?"},
		{"darwin/arm64: 13", "letters, digits"},
		{"darwin/arm64:13 ", "letters, digits"},
		{"linux/armv7/v6", "means arm/v7"},
		{"linux/arm64v8/v9", "means arm64/v8"},
		{"linux/arm/v7/x", "must be os/arch"},
		{"/amd64", "empty"},
		{"linux/", "empty"},
		{"linux//v7", "empty"},
		{"linux/arm/", "empty"},
		{"linux/amd 64", "not allowed"},
		{" linux/amd64", "not allowed"},
		{"linux/amd64 ", "not allowed"},
		{"linux/*", "not allowed"},
		{"linux/arm/v7\n", "not allowed"},
		{"linux/amd64,linux/arm64", "not allowed"},
		{"linux/amd64 linux/arm64", "only commas separate platforms"},
		{"linux/amd64; linux/arm64;linux/arm/v7", "only commas separate platforms"},
		{"linux/amd64,arm64", "not allowed"},
		{"línux/amd64", "not allowed"},
		{"linux/amd64:", "after the colon is empty"},
		{"linux/amd64:1:2", "letters, digits"},
		{"linux:5/amd64", "must be os/arch"},
		{"windows(10.0)/amd64:10.1", "two os versions"},
		{"windows()/amd64", "options after the os are empty"},
		{"windows(10.0+)/amd64", "malformed"},
		{"windows(10.0++a)/amd64", "malformed"},
		{"windows(10%0A)/amd64", "letters, digits"},
		{"windows(10%zz)/amd64", "malformed"},
		{"windows(+a%2Cb)/amd64", "letters, digits"},
		{"windows(10.0/amd64", "malformed"},
		{"linux/armhf/v6", "means arm/v7"},
		{"linux/armel/v7", "means arm/v6"},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := platform.Parse(tt.in)
			if err == nil {
				t.Fatalf("Parse(%q) = %v, want an error", tt.in, got)
			}
			if diff := cmp.Diff(platform.Platform{}, got); diff != "" {
				t.Errorf("a failure returned a platform:\n%s", diff)
			}
			if !strings.Contains(err.Error(), tt.why) {
				t.Errorf("error %q does not say %q", err, tt.why)
			}
		})
	}
}

func TestParseRequested_Windows(t *testing.T) {
	for text, want := range map[string]string{
		"windows/amd64:ltsc2022": "10.0.20348", "windows/amd64:LTSC2019": "10.0.17763", "windows/amd64:1809": "10.0.17763",
		"windows/amd64:20H2": "10.0.19042", "windows/amd64:20348": "10.0.20348", "windows(ltsc2025)/amd64": "10.0.26100",
		"windows/amd64:10.0.20348": "10.0.20348", "windows/amd64:10.0": "10.0", "windows/amd64:10.0.20348.2700": "10.0.20348.2700",
		"windows/amd64": "", "linux/amd64:1809": "1809",
		"windows/amd64:nanoserver": "!", "windows/amd64:21": "!", "windows/amd64:10.0.x": "!", "windows/amd64:ltsc2023": "!",
	} {
		p, err := platform.ParseRequested(text)
		if got := p.OSVersion; (err != nil) != (want == "!") || err == nil && got != want {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
}

// TestRespell compares the ways in: a flag, a spec and a config with the same
// spelling mean the same platform.
func TestRespell(t *testing.T) {
	for text, want := range map[string]string{
		"linux/armv7": "linux/arm/v7", "Linux/aarch64": "linux/arm64", "macOS/arm64": "darwin/arm64", "linux/arm/7": "linux/arm/v7",
		"linux/arm64/8.2": "linux/arm64/v8.2", "linux/amd64/V2": "linux/amd64/v2", "linux/ppc64el": "linux/ppc64le", "linux/amd64": "linux/amd64",
		"linux/arm64/v8": "linux/arm64/v8", "linux/z80": "linux/z80",
	} {
		written := split(text)
		parsed, err := platform.Parse(text)
		if p := platform.Respell(written); platform.Format(p) != want || err != nil || platform.Format(parsed) != want {
			t.Errorf("%s: respelled %s, parsed %s (%v), want %s", text, platform.Format(p), platform.Format(parsed), err, want)
		}
		if filled := platform.Complete(platform.Platform{}, written); platform.Format(filled) != want {
			t.Errorf("%s: of a config it is %s, want %s", text, platform.Format(filled), want)
		}
		if c := platform.Conflicts(parsed, written); len(c) > 0 {
			t.Errorf("%s contradicts %s: %+v", text, want, c)
		}
	}
	if p := platform.Respell(platform.Platform{OS: "linux", Architecture: "armhf", Variant: "v6"}); p.Architecture != "armhf" {
		t.Errorf("a contradiction is read as %+v", p)
	}
	if p := platform.Respell(platform.Platform{}); platform.Format(p) != "unknown/unknown" {
		t.Errorf("an empty platform is read as %+v", p)
	}
}

func TestCheckWindowsVersion(t *testing.T) {
	for text, hint := range map[string]string{
		"windows:ltsc2022":        "leave os.version out: the image's config has the full build (ltsc2022 is 10.0.20348)",
		"windows:1809":            "leave os.version out: the image's config has the full build (1809 is 10.0.17763)",
		":ltsc2022":               "leave os.version out: the image's config has the full build (ltsc2022 is 10.0.20348)",
		"windows:server core":     "leave os.version out: the image's config has the full build",
		"windows:10.0":            "leave os.version out: the image's config has the full build",
		"windows:10.0.20348":      "",
		"windows:10.0.20348.2700": "",
		"windows:":                "",
		"linux:1809":              "",
		":6.1":                    "",
	} {
		os, version, _ := strings.Cut(text, ":")
		err := platform.CheckWindowsVersion(platform.Platform{OS: os, OSVersion: version})
		var bad *platform.WindowsVersionError
		if errors.As(err, &bad) != (hint != "") || bad != nil && bad.Hint() != hint {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestFormat(t *testing.T) {
	tests := []struct {
		in   platform.Platform
		want string
	}{
		{platform.Platform{OS: "linux", Architecture: "amd64"}, "linux/amd64"},
		{platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}, "linux/arm/v7"},
		{platform.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.17763.1"}, "windows/amd64:10.0.17763.1"},
		{platform.Platform{OS: "windows", Architecture: "arm", Variant: "v7", OSVersion: "10"}, "windows/arm/v7:10"},
		{platform.Platform{OS: "linux"}, "linux/unknown"},
		{platform.Platform{Architecture: "arm"}, "unknown/arm"},
		{platform.Platform{}, "unknown/unknown"},
	}
	for _, tt := range tests {
		if got := platform.Format(tt.in); got != tt.want {
			t.Errorf("Format(%+v) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestKey(t *testing.T) {
	tests := []struct {
		in   platform.Platform
		want string
	}{
		{platform.Platform{OS: "linux", Architecture: "386"}, "386-linux---"},
		{platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}, "arm-linux-v7--"},
		{platform.Platform{
			OS: "windows", Architecture: "amd64", OSVersion: "10.0.1", OSFeatures: []string{"b", "a"},
		}, "amd64-windows--10.0.1-b.a"},
		{platform.Platform{}, "----"},
	}
	for _, tt := range tests {
		if got := platform.Key(tt.in); got != tt.want {
			t.Errorf("Key(%+v) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// FuzzParse holds that what was read can be written and read again: nothing
// of the text was lost.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"linux/amd64", "linux/arm/v7", "linux/armhf", "LINUX/AARCH64/8", "windows/amd64:10.0.17763.1",
		"windows(10.0.17763+win32k)/amd64", "linux(%2B)/386", "linux/amd64:1:2", "//", "a/b/c/d", "linux/i386/x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := platform.Parse(s)
		if err != nil {
			if p.OS != "" || p.Architecture != "" {
				t.Fatalf("Parse(%q) failed and returned %+v", s, p)
			}
			return
		}
		if p.OS == "" || p.Architecture == "" {
			t.Fatalf("Parse(%q) = %+v without os or architecture", s, p)
		}
		p.OSFeatures = nil // Format leaves them out
		again, err := platform.Parse(platform.Format(p))
		if err != nil {
			t.Fatalf("Parse(%q) = %+v, which is written as %q: %v", s, p, platform.Format(p), err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatalf("%q does not survive writing and reading (-first +second):\n%s", s, diff)
		}
	})
}
