//go:build e2e

package executable_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// debian is what all programs of one of Debian's architectures are built for;
// machine is readelf's word for it.
type debian struct {
	name, arch, variant, float, machine string
}

// TestDebian reads every ELF file of some packages of each of
// Debian's architectures, static and dynamic, programs and libraries, and asks
// readelf about them. It runs in `make test-binaries`, where BINARIES_DEBS is
// the folder that e2e/debs fills.
func TestDebian(t *testing.T) {
	folder := os.Getenv("BINARIES_DEBS")
	if folder == "" {
		if os.Getenv("BINARIES") == "all" {
			t.Fatal("BINARIES_DEBS does not name the folder of the packages")
		}
		t.Skip("only `make test-binaries` fetches the packages")
	}
	for _, d := range []debian{
		{"amd64", "amd64", "v1", "", "Advanced Micro Devices X86-64"},
		{"i386", "386", "", "", "Intel 80386"},
		{"armel", "arm", "v5", "soft", "ARM"},
		{"armhf", "arm", "v7", "hard", "ARM"},
		{"arm64", "arm64", "", "", "AArch64"},
		{"mipsel", "mipsle", "", "hard", "MIPS R3000"},
		{"mips64el", "mips64le", "", "hard", "MIPS R3000"},
		{"ppc64el", "ppc64le", "", "", "PowerPC64"},
		{"s390x", "s390x", "", "", "IBM S/390"},
	} {
		t.Run(d.name, func(t *testing.T) {
			kinds := map[string]int{}
			files := elfFiles(t, filepath.Join(folder, d.name))
			for _, path := range files {
				kinds[d.check(t, folder, path)]++
			}
			if kinds["static"] == 0 || kinds["dynamic"] == 0 || kinds["library"] == 0 {
				t.Errorf("there are %v", kinds)
			}
			out, err := exec.CommandContext(t.Context(), "readelf", append([]string{"-hW"}, files...)...).Output()
			if n := strings.Count(string(out), "Machine:                           "+d.machine+"\n"); err != nil || n != len(files) {
				t.Errorf("readelf, %v, finds %d of %d files for %s", err, n, len(files), d.machine)
			}
			fmt.Printf("| Debian %s | %s %s %s | %v |\n", d.name, d.arch, d.variant, d.float, kinds)
		})
	}
}

// elfFiles returns the paths of all ELF files below a folder.
func elfFiles(t *testing.T, root string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.HasPrefix(data, []byte("\x7fELF")) {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// check reads a program and says which kind it is. A variant may be missing on
// amd64, where not every library states it.
func (d debian) check(t *testing.T, folder, path string) string {
	t.Helper()
	_, e := readFile(t, path)
	if len(e.Platforms) != 1 {
		t.Errorf("%s: %s", path, tell(e))
		return "odd"
	}
	got, on := e.Platforms[0], platform.Platform{OS: "linux", Architecture: d.arch, Variant: d.variant}
	sameVariant := got.Platform.Variant == d.variant || d.arch == "amd64" && got.Platform.Variant == ""
	if got.Platform.Architecture != d.arch || !sameVariant || got.Float != d.float || got.Platform.OS != "" && got.Platform.OS != "linux" {
		t.Errorf("%s: %s: %s", path, tell(e), e.Detail)
	}
	if j := executable.CheckRuns(executable.Target{Platform: on}, e); j.Fit != executable.FitNative || j.Note != "" {
		t.Errorf("%s: %+v", path, j)
	}
	switch {
	case e.Shared:
		return "library"
	case e.Loader == "":
		return "static"
	}
	d.checkLoader(t, folder, e)
	return "dynamic"
}

// checkLoader judges the loader of a dynamic program: its own suits, that of
// armel no program of armhf, and the reverse.
func (d debian) checkLoader(t *testing.T, folder string, e executable.Executable) {
	t.Helper()
	_, own := readFile(t, linked(filepath.Join(folder, d.name), e.Loader))
	if j := executable.CheckLoader(e, own); j.Fit != executable.FitNative {
		t.Errorf("%s of %s: %+v", e.Loader, d.name, j)
	}
	for _, swap := range [][3]string{{"armhf", "armel", "/lib/ld-linux.so.3"}, {"armel", "armhf", "/lib/ld-linux-armhf.so.3"}} {
		if swap[0] != d.name {
			continue
		}
		_, other := readFile(t, linked(filepath.Join(folder, swap[1]), swap[2]))
		if j := executable.CheckLoader(e, other); j.Fit != executable.FitIncompatible || j.Field != executable.FieldFloat {
			t.Errorf("the loader of %s for %s: %+v", swap[1], swap[0], j)
		}
	}
}

// linked is a path below a root. Where it is an absolute link, it leads to a
// place below the root too, and not to the machine's own file.
func linked(root, path string) string {
	if target, err := os.Readlink(filepath.Join(root, path)); err == nil && filepath.IsAbs(target) {
		path = target
	}
	return filepath.Join(root, path)
}
