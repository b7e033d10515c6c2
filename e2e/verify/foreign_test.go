//go:build e2e

package verify

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// armWith returns an image for linux/arm64 that starts /app, with a small system
// and further files, each PATH=PROGRAM; the programs are those of
// testdata/binaries.
func armWith(t *testing.T, files ...string) string {
	t.Helper()
	system := []string{"bin/sh=c-arm64-static", "bin/ls=c-arm64-static", "usr/bin/tool=c-arm64", "lib/ld-linux-aarch64.so.1=c-arm64-library"}
	image := runnable(t, "linux/arm64", "go-linux-arm64", append(system, files...)...)
	return "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": image})) + ":1"
}

// foreignOf verifies all programs of an image and returns the findings, without
// the platform of the image.
func foreignOf(t *testing.T, ref string, code int) []string {
	t.Helper()
	clitest.Run(t, "verify", "--binaries", "all", ref).WantCode(t, code)
	infos := clitest.Session{}.VerifyAny(t, "--binaries", "all", "--severity", "info", ref)
	var all []string
	for _, f := range infos.Images[0].Findings {
		line := f.Severity + " " + f.Code
		if f.Subject != "" {
			line += " " + f.Subject
		}
		reason, _, _ := strings.Cut(f.Evidence, ";")
		all = append(all, line+": "+f.Actual+": "+reason)
	}
	return all
}

// TestForeign has an image for each rule of docs/verify.md about programs of
// other platforms: with files that are usual, and with a mistake.
func TestForeign(t *testing.T) {
	t.Parallel()
	const amd, one = "go-linux-amd64-v1", "info binary-foreign: linux/amd64 in 1 file: 1: "
	for name, tt := range map[string]struct {
		files []string
		code  int
		want  []string
	}{
		"R1 another program runs it": {[]string{"usr/local/bin/app=go-wasip1-wasm"}, 0, nil},
		"R2 firmware": {
			[]string{"usr/lib/syslinux/modules/bios/a.c32=c-386", "lib/firmware/b=c-mips", "boot/memtest=c-386-static"},
			0,
			[]string{
				"info binary-foreign: linux/386 in 2 files: 2: firmware, boot code or debug information",
				"info binary-foreign: linux/mips in 1 file: 1: firmware, boot code or debug information",
			},
		},
		"R3 a root of its own": {
			[]string{"srv/root/lib64/ld-linux-x86-64.so.2=c-amd64-static", "srv/root/bin/sh=c-amd64-static"},
			0,
			[]string{"info binary-foreign: linux/amd64 in 2 files: 2: in a root file system of linux/amd64"},
		},
		"R3 the loader of the system": {
			[]string{"lib64/ld-linux-x86-64.so.2=c-amd64-static", "srv/bin/sh=c-amd64-static"},
			3,
			[]string{
				"warning binary-stray /lib64/ld-linux-x86-64.so.2: linux/amd64: a shared object in a library directory",
				"warning binary-stray /srv/bin/sh: linux/amd64: it has an execute permission",
			},
		},
		"R4 multiarch": {
			[]string{"usr/lib/x86_64-linux-gnu/liba.so.1=" + amd},
			0,
			[]string{one + "in a directory for programs of linux/amd64"},
		},
		"R5 test data": {
			[]string{"usr/local/go/src/debug/elf/testdata/app=" + amd},
			0,
			[]string{one + "test data or an example"},
		},
		"R5 an emulator": {
			[]string{"usr/bin/qemu-aarch64-static=" + amd},
			0,
			[]string{one + "an emulator that the build left"},
		},
		"R6 a twin": {
			[]string{"opt/node_modules/@esbuild/linux-x64/bin/esbuild=" + amd, "opt/node_modules/@esbuild/linux-arm64/bin/esbuild=go-linux-arm64"},
			0,
			[]string{one + "the image has the same for its own platform"},
		},
		"R7 several platforms": {
			[]string{"opt/node_modules/u/prebuilds/linux-x64/u.node=" + amd, "opt/node_modules/u/prebuilds/darwin-x64/u.node=go-darwin-amd64"},
			0,
			[]string{
				"info binary-foreign: darwin/amd64 in 1 file: 1: its package has files for several platforms",
				one + "its package has files for several platforms",
			},
		},
		"R7 one platform": {
			[]string{"opt/node_modules/@esbuild/linux-x64/bin/esbuild=" + amd},
			3,
			[]string{"warning binary-stray /opt/node_modules/@esbuild/linux-x64/bin/esbuild: linux/amd64: its package has files for this platform only, which is not that of the image"},
		},
		"R8 the path contradicts the file": {
			[]string{"opt/node_modules/u/prebuilds/linux-arm64/u.node=" + amd, "opt/node_modules/u/prebuilds/darwin-x64/u.node=go-darwin-amd64"},
			3,
			[]string{
				"warning binary-stray /opt/node_modules/u/prebuilds/linux-arm64/u.node: linux/amd64: its path names the platform of the image, its header another one",
				"info binary-foreign: darwin/amd64 in 1 file: 1: its package has files for several platforms",
			},
		},
		"R9 in PATH": {
			[]string{"usr/local/bin/kubectl:644=" + amd},
			3,
			[]string{"warning binary-stray /usr/local/bin/kubectl: linux/amd64: in a directory of PATH"},
		},
		"R9 another os": {
			[]string{"usr/local/bin/kubectl=go-darwin-arm64", "usr/local/bin/helm.exe=go-windows-arm64", "opt/helm=go-darwin-arm64"},
			3,
			[]string{
				"warning binary-stray /usr/local/bin/kubectl: darwin/arm64: an executable in a directory of PATH",
				"info binary-foreign: darwin/arm64 in 1 file: 1: for another os, and not a command",
				"info binary-foreign: windows/arm64 in 1 file: 1: for another os, and not a command",
			},
		},
		"R10 the rest": {
			[]string{"opt/data/plugin:644=" + amd},
			0,
			[]string{one + "nothing runs or loads it by itself"},
		},
		"R12 one platform is one group": {
			[]string{"lib/firmware/a=go-linux-amd64-v3", "lib/firmware/b=c-amd64-static", "lib/firmware/c=" + amd},
			0,
			[]string{"info binary-foreign: linux/amd64 in 3 files: 3: firmware, boot code or debug information"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, foreignOf(t, armWith(t, tt.files...), tt.code)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestForeign_Variants has programs of the image's architecture that not every node
// runs.
func TestForeign_Variants(t *testing.T) {
	t.Parallel()
	image := runnable(t, "linux/amd64", "go-linux-amd64-v1", "usr/local/bin/tool=go-linux-amd64-v3", "usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/liba.so=go-linux-amd64-v3",
		"bin/sh=c-amd64-static", "bin/ls=c-amd64-static")
	ref := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": image})) + ":1"
	want := []string{
		"warning binary-stray /usr/local/bin/tool: linux/amd64/v3: in a directory of PATH",
		"info binary-foreign: linux/amd64/v3 in 1 file: 1: in a directory for programs of linux/amd64/v3",
	}
	if diff := cmp.Diff(want, foreignOf(t, ref, 3)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// TestForeign_Environment has a PATH and library directories of its own.
func TestForeign_Environment(t *testing.T) {
	t.Parallel()
	config := fixture.NewConfig("linux/arm64", "/app")
	config.Config.Env = []string{"PATH=/opt/tools:/usr/bin", "LD_LIBRARY_PATH=/opt/lib:/x"}
	image := fixture.NewRunnableImage(t, config, fixture.Files{
		"app": fixture.StoredProgram(t, "go-linux-arm64"), "bin/sh": fixture.StoredProgram(t, "c-arm64-static"),
		"opt/tools/a:644": fixture.StoredProgram(t, "c-amd64-static"), "opt/lib/b.so:644": fixture.StoredProgram(t, "c-amd64-v2-library"),
		"opt/other/b.so:644": fixture.StoredProgram(t, "c-amd64-v2-library"),
	})
	ref := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": image})) + ":1"
	want := []string{
		"warning binary-stray /opt/tools/a: linux/amd64: in a directory of PATH",
		"warning binary-stray /opt/lib/b.so: linux/amd64: a shared object in a library directory",
		"info binary-foreign: linux/amd64 in 1 file: 1: nothing runs or loads it by itself",
	}
	if diff := cmp.Diff(want, foreignOf(t, ref, 3)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// TestForeign_System (R11) has systems of another platform as a whole: one line,
// also for i386 under amd64, which runs.
func TestForeign_System(t *testing.T) {
	t.Parallel()
	many := []string{"lib/x86_64-linux-gnu/liba.so=c-amd64-v2-library"}
	for i := range 40 {
		many = append(many, fmt.Sprintf("bin/tool%d=c-amd64-static", i), fmt.Sprintf("usr/bin/other%d=c-386", i))
	}
	got := foreignOf(t, armWith(t, append(many, "usr/lib/aarch64-linux-gnu/libm.so=c-amd64-static", "opt/tool=c-amd64-static")...), 3)
	want := []string{
		"error image-platform: linux/386 and others in 80 of 84 programs and libraries: the programs and libraries of the system's directories",
		"warning binary-stray /usr/lib/aarch64-linux-gnu/libm.so: linux/amd64: its path names the platform of the image, its header another one",
		"warning binary-stray /opt/tool: linux/amd64: it has an execute permission",
		"info binary-foreign: linux/amd64 in 1 file: 1: in a directory for programs of linux/amd64",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	i386 := runnable(t, "linux/amd64", "go-linux-amd64-v1", "bin/sh=c-386", "bin/ls=c-386", "lib/i386-linux-gnu/liba.so=c-386")
	got = foreignOf(t, "oci-layout://"+string(fixture.WriteLayout(t, map[string]fixture.Object{"1": i386}))+":1", 3)
	if want := []string{"error image-platform: linux/386 in 2 of 2 programs and libraries: the programs and libraries of the system's directories"}; !slices.Equal(want, got) {
		t.Errorf("%q", got)
	}
	steam := runnable(t, "linux/amd64", "c-386-static", "bin/sh=c-amd64-static", "usr/lib/i386-linux-gnu/liba.so=c-386", "usr/lib/i386-linux-gnu/libb.so=c-386")
	clitest.Run(t, "verify", "--binaries", "all", "oci-layout://"+string(fixture.WriteLayout(t, map[string]fixture.Object{"1": steam}))+":1").WantCode(t, 0)
}

// TestForeign_Many (R12) has more warnings than findings of their own: the text
// has the first hundred, the most important ones first, JSON the paths of all.
func TestForeign_Many(t *testing.T) {
	t.Parallel()
	files := []string{"usr/local/bin/z=c-amd64-static", "zzz/linux-arm64/x.node=c-amd64-static"}
	for i := range 150 {
		files = append(files, fmt.Sprintf("opt/app/%03d=c-amd64-static", i))
	}
	ref := armWith(t, files...)
	text := clitest.Run(t, "verify", "--binaries", "all", ref)
	text.WantCode(t, 3)
	first, second := strings.Index(text.Stdout, "/zzz/linux-arm64/x.node"), strings.Index(text.Stdout, "/usr/local/bin/z")
	if n := strings.Count(text.Stdout, "expected linux/arm64, got linux/amd64\n"); n != 100 || first < 0 || first > second || strings.Index(text.Stdout, "/opt/app/000") < second {
		t.Errorf("%d warnings, %d, %d: %s", n, first, second, text.Stdout)
	}
	if !strings.Contains(text.Stdout, "got linux/amd64 in 52 more files") {
		t.Error(text.Stdout)
	}
	v := clitest.Session{}.Verify(t, 3, "--binaries", "all", ref)
	paths := map[string]bool{}
	for _, f := range v.Images[0].Findings {
		paths[f.Subject] = true
		for _, p := range f.Paths {
			paths[p] = true
		}
	}
	for i := range 150 {
		if p := fmt.Sprintf("/opt/app/%03d", i); !paths[p] {
			t.Errorf("%s is not in JSON", p)
		}
	}
}

// TestForeign_Formats has one warning in each format.
func TestForeign_Formats(t *testing.T) {
	t.Parallel()
	ref := armWith(t, "usr/local/bin/kubectl=c-amd64-static")
	for format, want := range map[string]string{
		"sarif": `"ruleId": "binary-stray"`, "junit": `type="binary-stray"`, "yaml": "code: binary-stray", "text": "warning binary-stray: ",
		"template={{range .Images}}{{range .Findings}}{{.Code}} {{.Subject}}{{end}}{{end}}": "binary-stray /usr/local/bin/kubectl",
	} {
		done := clitest.Run(t, "verify", "--binaries", "all", "-o", format, ref)
		done.WantCode(t, 3)
		if !strings.Contains(done.Stdout, want) || !strings.Contains(done.Stdout, "/usr/local/bin/kubectl") {
			t.Errorf("%s: %s", format, done.Stdout)
		}
	}
	clitest.Run(t, "verify", "--binaries", "all", "--ignore", "binary-stray", ref).WantCode(t, 0)
	var v struct {
		Images []struct {
			Findings []struct{ Expected, Evidence string }
		}
	}
	done := clitest.Run(t, "verify", "--binaries", "all", "-o", "json", ref)
	clitest.Must(t, json.Unmarshal([]byte(done.Stdout), &v))
	f := v.Images[0].Findings[0]
	if f.Expected != "linux/arm64" || !strings.HasPrefix(f.Evidence, "in a directory of PATH; ELF64 ") || !strings.Contains(f.Evidence, "found in layer sha256:") {
		t.Errorf("%+v", f)
	}
}
