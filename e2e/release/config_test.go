//go:build e2e

package release

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// config has the parts of goreleaser.yaml that the tests need.
type config struct {
	Builds []struct {
		Targets []string
		Hooks   struct{ Post []string }
	}
	Archives []archive
	NFPMs    []struct {
		MTime    string
		Contents []struct {
			Src      string
			FileInfo info `json:"file_info"`
		}
	}
	Kos       []struct{ Platforms []string }
	DockersV2 []struct {
		Platforms  []string
		Dockerfile string
	} `json:"dockers_v2"`
}

type archive struct {
	ID           string
	NameTemplate string `json:"name_template"`
	BuildsInfo   info   `json:"builds_info"`
	Meta         bool
	Files        []archivedFile
}

type archivedFile struct {
	Src  string
	Info info
}

// info is what makes an entry of an archive reproducible.
type info struct {
	Owner, Group, MTime string
	Mode                int
}

func readConfig(t *testing.T) (c config) {
	t.Helper()
	if err := yaml.Unmarshal(read(t, "../../goreleaser.yaml"), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// makefileTargets returns TARGETS of the Makefile.
func makefileTargets(t *testing.T) []string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^TARGETS := ((?:.*\\\n)*.*)$`).FindSubmatch(read(t, "../../Makefile"))
	if found == nil {
		t.Fatal("the Makefile has no TARGETS")
	}
	return strings.Fields(strings.ReplaceAll(string(found[1]), "\\\n", " "))
}

// TestTargets checks that `make cross`, the archives and the images have the
// same platforms.
func TestTargets(t *testing.T) {
	c, want := readConfig(t), makefileTargets(t)
	var builds, linux []string
	for _, target := range c.Builds[0].Targets {
		builds = append(builds, strings.ReplaceAll(target, "_", "-"))
		if strings.HasPrefix(target, "linux_") {
			linux = append(linux, regexp.MustCompile(`/arm/`).ReplaceAllString(strings.ReplaceAll(target, "_", "/"), "/arm/v"))
		}
	}
	if diff := cmp.Diff(want, builds); diff != "" {
		t.Errorf("builds (-Makefile +goreleaser.yaml):\n%s", diff)
	}
	if diff := cmp.Diff(linux, c.Kos[0].Platforms); diff != "" {
		t.Errorf("kos (-builds +kos):\n%s", diff)
	}
	for _, image := range c.DockersV2 {
		for _, platform := range image.Platforms {
			if !slices.Contains(linux, platform) {
				t.Errorf("%s is built for %s, which is not a target", image.Dockerfile, platform)
			}
		}
		if len(image.Platforms) == 0 {
			t.Errorf("%s is built for no platform", image.Dockerfile)
		}
		read(t, "../../"+image.Dockerfile)
	}
}

// v2Names are the files in binaries-manifest-tool-VERSION.tar.gz of
// estesp/manifest-tool v2 (its hack/cross.sh), which scripts extract by name.
var v2Names = []string{
	"manifest-tool-darwin-amd64", "manifest-tool-darwin-arm64", "manifest-tool-linux-386", "manifest-tool-linux-amd64",
	"manifest-tool-linux-armv5", "manifest-tool-linux-armv6", "manifest-tool-linux-armv7", "manifest-tool-linux-arm64",
	"manifest-tool-linux-loong64", "manifest-tool-linux-mips64le", "manifest-tool-linux-ppc64le", "manifest-tool-linux-riscv64",
	"manifest-tool-linux-s390x", "manifest-tool-windows-amd64.exe",
}

// TestNamesOfV2 checks that a release has the file names of v2.
func TestNamesOfV2(t *testing.T) {
	c := readConfig(t)
	binaries := slices.IndexFunc(c.Archives, func(a archive) bool { return a.ID == "binaries" })
	combined := slices.IndexFunc(c.Archives, func(a archive) bool { return a.ID == "v2" })
	_, hook, found := strings.Cut(c.Builds[0].Hooks.Post[0], `"dist/v2/`)
	if binaries < 0 || combined < 0 || !found {
		t.Fatalf("archives %v, hook %q", c.Archives, c.Builds[0].Hooks.Post)
	}
	if got := expand(t, c.Archives[combined].NameTemplate, "linux_amd64"); got != "binaries-manifest-tool-9.9.9" || !c.Archives[combined].Meta {
		t.Errorf("all binaries are in %s", got)
	}
	var packed []string
	for _, target := range c.Builds[0].Targets {
		name := expand(t, strings.TrimSuffix(hook, `"`), target)
		if binary := expand(t, c.Archives[binaries].NameTemplate, target); binary != strings.TrimSuffix(name, ".exe") {
			t.Errorf("the binary of %s is %s and %s", target, binary, name)
		}
		if c.Archives[combined].matches("dist/v2/" + name) {
			packed = append(packed, name)
		}
	}
	slices.Sort(packed)
	if diff := cmp.Diff(slices.Sorted(slices.Values(v2Names)), packed); diff != "" {
		t.Errorf("binaries-manifest-tool (-v2 +ours):\n%s", diff)
	}
}

// expand applies a name template of goreleaser to a target.
func expand(t *testing.T, text, target string) string {
	t.Helper()
	parts := append(strings.Split(target, "_"), "")
	fields := map[string]string{"Os": parts[0], "Arch": parts[1], "Arm": parts[2], "Version": "9.9.9"}
	if parts[0] == "windows" {
		fields["Ext"] = ".exe"
	}
	var name strings.Builder
	parsed, err := template.New("").Option("missingkey=zero").Parse(text)
	if err == nil {
		err = parsed.Execute(&name, fields)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name.String()
}

// matches reports whether a file is in an archive.
func (a archive) matches(name string) bool {
	return slices.ContainsFunc(a.Files, func(f archivedFile) bool {
		matched, err := path.Match(f.Src, name)
		return err == nil && matched
	})
}

// TestEntriesAreReproducible checks that no entry of an archive or a package has
// the date or the owner of a checkout.
func TestEntriesAreReproducible(t *testing.T) {
	c := readConfig(t)
	const date = "{{ .CommitDate }}"
	file := info{Owner: "root", Group: "root", Mode: 0o644, MTime: date}
	program := info{Owner: "root", Group: "root", Mode: 0o755, MTime: date}
	for _, archive := range c.Archives {
		want := file
		if archive.Meta {
			want = program
		} else if archive.BuildsInfo != program && archive.ID == "archives" {
			t.Errorf("builds_info of %s is %+v", archive.ID, archive.BuildsInfo)
		}
		for _, f := range archive.Files {
			if f.Info != want {
				t.Errorf("%s in %s has %+v", f.Src, archive.ID, f.Info)
			}
		}
	}
	for _, packages := range c.NFPMs {
		if packages.MTime != date || len(packages.Contents) == 0 {
			t.Errorf("packages have the date %q and %d files", packages.MTime, len(packages.Contents))
		}
		for _, f := range packages.Contents {
			if want := (info{Mode: 0o644, MTime: date}); f.FileInfo != want {
				t.Errorf("%s has %+v", f.Src, f.FileInfo)
			}
		}
	}
}
