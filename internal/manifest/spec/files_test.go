package spec_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
)

func TestReadFiles(t *testing.T) {
	one := func(target string) string {
		return "image: r.example/app:" + target + "\nmanifests: [{image: 'r.example/app:x'}]\n"
	}
	files := map[string]string{"a.yaml": one("${A:-1}") + "---\n" + one("2"), "-": one("3"), "bad.yaml": "image: 1\nmanifestz: []\n"}
	read := func(names ...string) ([]spec.Spec, error) {
		return spec.ReadFiles(spec.Files{
			Names: names, Getenv: func(string) string { return "" },
			ReadFile: func(name string) ([]byte, string, error) {
				content, ok := files[name]
				if !ok {
					return nil, "", fs.ErrNotExist
				}
				return []byte(content), "file " + name, nil
			},
		})
	}
	specs, err := read("-", "a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range specs {
		got = append(got, s.File+" "+s.Image)
	}
	if text := strings.Join(got, ", "); text != "file - r.example/app:3, file a.yaml r.example/app:1, file a.yaml r.example/app:2" {
		t.Error(text)
	}
	var input *manifest.InputError
	if _, err := read("a.yaml", "-", "-"); !errors.As(err, &input) || !strings.Contains(err.Error(), "named 2 times") {
		t.Errorf("standard input twice: %v", err)
	}
	if _, err := read("a.yaml", "bad.yaml"); !errors.As(err, &input) || !strings.HasPrefix(err.Error(), "file bad.yaml:2:") {
		t.Errorf("a wrong file: %v", err)
	}
	if _, err := read("a.yaml", "none.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
}
