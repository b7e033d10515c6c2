package plugin

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/plugin/expected")

const testdata = "../../testdata/plugin"

// variables is an environment.
type variables map[string]string

// environment returns the environment of a step with files.
func (v variables) environment(files map[string]string) Environment {
	return Environment{
		Getenv: func(name string) string { return v[name] },
		Environ: func() (all []string) {
			for name, value := range v {
				all = append(all, name+"="+value)
			}
			return all
		},
		ReadFile: func(path string) ([]byte, error) {
			if content, ok := files[path]; ok {
				return []byte(content), nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		},
	}
}

// readBuild reads the variables of a build.
func readBuild(t *testing.T, name string) variables {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(testdata, name+".env"))
	if err != nil {
		t.Fatal(err)
	}
	v := variables{}
	for line := range strings.Lines(string(raw)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		v[name] = value
	}
	return v
}

// TestLoad_Templates renders each template of testdata/plugin, in the shapes of public
// repositories, for builds of a tag, of two branches and of a pull request.
func TestLoad_Templates(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(testdata, "*.tmpl"))
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d templates, %v", len(paths), err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"tag", "branch", "release", "pull"} {
			build := readBuild(t, name)
			build["PLUGIN_SPEC"], build["PLUGIN_TARGET"] = "manifest.tmpl", "store"
			files := map[string]string{"manifest.tmpl": string(raw)}
			if strings.HasPrefix(filepath.Base(path), "tags-file") {
				files[".tags"] = "nightly\n"
				build["PLUGIN_AUTO_TAG"], build["PLUGIN_DEFAULT_TAGS"] = "", ""
			}
			run, _ := Load(build.environment(files)) // for some builds it is not a spec
			checkExpected(t, strings.TrimSuffix(filepath.Base(path), ".tmpl")+"."+name+".yaml", run.Rendered+"\n")
		}
	}
}

func checkExpected(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join(testdata, "expected", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
