//go:build e2e

package verify

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// The usual paths of loaders.
const (
	loaderAMD64 = "lib64/ld-linux-x86-64.so.2"
	loaderARMHF = "lib/ld-linux-armhf.so.3"
)

// runnable returns an image that starts /app, a stored program of
// testdata/binaries, with further files, each PATH=PROGRAM.
func runnable(t *testing.T, platform, program string, files ...string) fixture.Object {
	t.Helper()
	base := fixture.Files{"etc/": ""}
	for _, f := range files {
		path, name, _ := strings.Cut(f, "=")
		base[path] = fixture.StoredProgram(t, name)
	}
	return fixture.NewRunnableImage(t, fixture.NewConfig(platform, "/app"), base, fixture.Files{"app": fixture.StoredProgram(t, program)})
}

// TestVariants verifies programs of compilers that name a higher variant than
// their image's platform, each in the default mode and, if it is right there,
// with all programs.
func TestVariants(t *testing.T) {
	t.Parallel()
	const hint = "info binary-variant "
	for name, tt := range map[string]struct {
		image fixture.Object
		want  string
	}{
		"v2 alone":                   {runnable(t, "linux/amd64", "c-amd64-v2", loaderAMD64+"=go-linux-amd64-v1"), hint + "linux/amd64 variant /app"},
		"v2 over v2":                 {runnable(t, "linux/amd64", "c-amd64-v2", loaderAMD64+"=c-amd64-v2-library"), hint + "linux/amd64 variant /app"},
		"v2 under v1":                {runnable(t, "linux/amd64/v1", "c-amd64-v2", loaderAMD64+"=go-linux-amd64-v1"), "error binary-platform linux/amd64/v1 variant /app"},
		"v3 over v3":                 {runnable(t, "linux/amd64", "c-amd64-v3", loaderAMD64+"=c-amd64-v3-library"), hint + "linux/amd64 variant /app"},
		"v3 over v1":                 {runnable(t, "linux/amd64", "c-amd64-v3", loaderAMD64+"=go-linux-amd64-v1"), "error binary-platform linux/amd64 variant /app"},
		"v3 under v3":                {runnable(t, "linux/amd64/v3", "c-amd64-v3", loaderAMD64+"=c-amd64-v3-library"), ""},
		"static v3 alone":            {runnable(t, "linux/amd64", "c-amd64-v3-static"), "error binary-platform linux/amd64 variant /app"},
		"static v3 over v3":          {runnable(t, "linux/amd64", "c-amd64-v3-static", loaderAMD64+"=c-amd64-v3-library"), hint + "linux/amd64 variant /app"},
		"GOAMD64=v2":                 {runnable(t, "linux/amd64", "go-linux-amd64-v2"), hint + "linux/amd64 variant /app"},
		"GOAMD64=v3 over v3":         {runnable(t, "linux/amd64", "go-linux-amd64-v3", loaderAMD64+"=c-amd64-v3-library"), "error binary-platform linux/amd64 variant /app"},
		"v3 of glibc-hwcaps":         {runnable(t, "linux/amd64", "go-linux-amd64-v1", "usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libz.so.1=c-amd64-v3-library"), ""},
		"armhf under v7":             {runnable(t, "linux/arm/v7", "c-armhf", loaderARMHF+"=c-armhf-library"), ""},
		"armhf under v6":             {runnable(t, "linux/arm/v6", "c-armhf", loaderARMHF+"=c-armv6-library"), "error binary-platform linux/arm/v6 variant /app"},
		"ARMv8 objects under v7":     {runnable(t, "linux/arm/v7", "c-armhf-mixed-static"), ""},
		"ARMv8 objects under v6":     {runnable(t, "linux/arm/v6", "c-armhf-mixed-static"), "error binary-platform linux/arm/v6 variant /app"},
		"ARMv8 objects of v6":        {runnable(t, "linux/arm/v6", "c-armhf-mixed", loaderARMHF+"=c-armv6-library"), hint + "linux/arm/v6 variant /app"},
		"static ARMv8 objects of v6": {runnable(t, "linux/arm/v6", "c-armhf-mixed-static", loaderARMHF+"=c-armv6-library"), hint + "linux/arm/v6 variant /app"},
		"NEON under v7":              {runnable(t, "linux/arm/v7", "c-armhf-neon", loaderARMHF+"=c-armhf-library"), ""},
		"NEON of v6":                 {runnable(t, "linux/arm/v6", "c-armhf-neon", loaderARMHF+"=c-armv6-library"), hint + "linux/arm/v6 variant /app"},
		"soft-float v7 under v5":     {runnable(t, "linux/arm/v5", "c-armel-v7", "lib/ld-linux.so.3=c-armel-static"), hint + "linux/arm/v5 variant /app"},
		"a v7 library under v6":      {runnable(t, "linux/arm/v6", "go-linux-arm-6", "usr/lib/libneon.so=c-armhf-library"), ""},
		"GOARM=7 under v6":           {runnable(t, "linux/arm/v6", "go-linux-arm-7"), "error binary-platform linux/arm/v6 variant /app"},
		"power10 code":               {runnable(t, "linux/ppc64le", "c-ppc64le-power10", "lib64/ld64.so.2=c-ppc64le-static"), ""},
		"GOPPC64=power9":             {runnable(t, "linux/ppc64le", "go-linux-ppc64le-power9"), "error binary-platform linux/ppc64le variant /app"},
		"riscv64 extensions":         {runnable(t, "linux/riscv64", "c-riscv64-bitmanip", "lib/ld-linux-riscv64-lp64d.so.1=c-riscv64-static"), ""},
		"GORISCV64=rva22u64":         {runnable(t, "linux/riscv64", "go-linux-riscv64-rva22u64"), "error binary-platform linux/riscv64 variant /app"},
		"z15 code":                   {runnable(t, "linux/s390x", "c-s390x-z15", "lib/ld64.so.1=c-s390x-static"), ""},
		"ARMv9 code":                 {runnable(t, "linux/arm64", "c-arm64-v9", "lib/ld-linux-aarch64.so.1=c-arm64-static"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": tt.image})) + ":1"
			code := 0
			if strings.HasPrefix(tt.want, "error") {
				code = 3
			}
			clitest.Run(t, "verify", ref).WantCode(t, code)
			if code == 0 {
				clitest.Run(t, "verify", "--binaries", "all", ref).WantCode(t, 0)
			}
			want, severe := []string(nil), 0
			if tt.want != "" {
				_, finding, _ := strings.Cut(tt.want, " ")
				want, severe = []string{finding}, 3
			}
			v := clitest.Session{}.Verify(t, severe, "--severity", "info", ref)
			if diff := cmp.Diff(want, v.Codes()); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%+v", diff, v.Images[0].Findings)
			}
		})
	}
}

// TestVariants_LoaderElsewhere has a loader that only the program names, as in
// Nix.
func TestVariants_LoaderElsewhere(t *testing.T) {
	t.Parallel()
	program := strings.ReplaceAll(fixture.StoredProgram(t, "c-amd64-v3"), "/"+loaderAMD64, "/nix64/ld-linux-x86-64.so.2")
	for loader, want := range map[string][]string{
		"c-amd64-v3-library": nil,
		"c-amd64-v2-library": {"binary-platform linux/amd64 variant /app"},
	} {
		image := fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": program, "nix64/ld-linux-x86-64.so.2": fixture.StoredProgram(t, loader)})
		ref := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": image})) + ":1"
		v := clitest.Session{}.Verify(t, 3*len(want), ref)
		if diff := cmp.Diff(want, v.Codes()); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%+v", loader, diff, v.Images[0].Findings)
		}
	}
}

// TestVariants_SeveralLevels has indexes with images for more than one level of
// amd64: the lowest promises less then than if it were the only one.
func TestVariants_SeveralLevels(t *testing.T) {
	t.Parallel()
	plain := runnable(t, "linux/amd64", "c-amd64-v2", loaderAMD64+"=c-amd64-v2-library")
	v3 := runnable(t, "linux/amd64/v3", "c-amd64-v3", loaderAMD64+"=c-amd64-v3-library")
	windows := fixture.NewRunnableImage(t, fixture.NewConfig("windows/amd64/v3", `C:\app`), fixture.Files{"Files/app.exe": fixture.StoredProgram(t, "go-windows-amd64")})
	arm := runnable(t, "linux/arm/v5", "c-armel-v7", "lib/ld-linux.so.3=c-armel-static")
	armhf := runnable(t, "linux/arm/v7", "c-armhf", loaderARMHF+"=c-armhf-library")
	both := []string{"binary-platform linux/amd64 variant /app", "loader-platform linux/amd64 variant /" + loaderAMD64}
	for name, tt := range map[string]struct {
		index fixture.Object
		flags string
		want  []string
	}{
		"one level":            {fixture.NewIndex(t, fixture.OCI(), plain), "", nil},
		"two levels":           {fixture.NewIndex(t, fixture.OCI(), plain, v3), "", both},
		"two levels, one read": {fixture.NewIndex(t, fixture.OCI(), plain, v3), "--platform linux/amd64", both},
		"one of them nested":   {fixture.NewIndex(t, fixture.OCI(), plain, fixture.NewIndex(t, fixture.OCI(), v3)), "", both},
		"levels of another os": {fixture.NewIndex(t, fixture.OCI(), plain, windows), "", nil},
		"variants of arm":      {fixture.NewIndex(t, fixture.OCI(), arm, armhf), "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": tt.index})) + ":1"
			code := 0
			if tt.want != nil {
				code = 3
			}
			v := clitest.Session{}.Verify(t, code, append(strings.Fields(tt.flags), ref)...)
			if diff := cmp.Diff(tt.want, v.Codes()); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%+v", diff, v.Images[0].Findings)
			}
		})
	}
}
