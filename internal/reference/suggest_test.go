package reference

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/internal/errtext"
)

func TestSpellingsOfOtherToolsHaveAWayOut(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"oci:./dir:1":                       "an OCI layout is written oci-layout://./dir:1",
		"oci:/abs/dir:1":                    "an OCI layout is written oci-layout:///abs/dir:1",
		"oci-layout:/dir:1":                 "an OCI layout is written oci-layout:///dir:1",
		"ocidir://dir:1":                    "an OCI layout is written oci-layout://dir:1",
		"./dir:1":                           "an OCI layout is written oci-layout://./dir:1",
		"../dir":                            "an OCI layout is written oci-layout://../dir",
		"/abs/dir":                          "an OCI layout is written oci-layout:///abs/dir",
		"dir:/x":                            "directories of the kind dir are not read: skopeo copy --all dir:/x oci:DIR:TAG",
		"docker-archive://x.tar":            "archives are not read: skopeo copy --all docker-archive:x.tar oci:DIR:TAG",
		"oci-archive:/x.tar:1":              "archives are not read: skopeo copy --all oci-archive:/x.tar:1 oci:DIR:TAG",
		"ocifile://x.tar":                   "archives are not read: skopeo copy --all oci-archive:x.tar oci:DIR:TAG",
		"containers-storage:a/b:1":          "images of this machine are not read",
		"docker-daemon:app:1":               "images of this machine are not read",
		"https://h.example/app:1":           "write it without https://, as h.example/app:1",
		"HTTPS://h.example/app/":            "write it without https://, as h.example/app",
		"http://h.example/app:1":            "write it without http://, as h.example/app:1, and --plain-http",
		"docker://http://h.example/app:1":   "write it without http://, as h.example/app:1, and",
		"docker://docker://h.example/app:1": "write it h.example/app:1, or docker://h.example/app:1",
		"docker://oci-layout://dir:1":       "an OCI layout is written oci-layout://dir:1",
		"https://docker://h.example/app:1":  "write it without https://, as h.example/app:1",
		"docker:h.example/app:1":            "write it h.example/app:1, or docker://h.example/app:1",
		"ftp://h.example/app:1":             "a reference is NAME:TAG, NAME@DIGEST or oci-layout://DIR:TAG",
		"https://":                          "a reference is NAME:TAG",
	} {
		_, err := Parse(typed)
		if hint := errtext.Hint(err); !strings.HasPrefix(hint, want) {
			t.Errorf("%s: %v, hint %q, want %q", typed, err, hint, want)
		}
	}
	for _, typed := range []string{"App:1", "app:", "h.example/app@1", ":1", "https:"} {
		_, err := Parse(typed)
		if hint := errtext.Hint(err); err == nil || hint != "" {
			t.Errorf("%q: %v, hint %q", typed, err, hint)
		}
	}
}

// TestThePathOfALayoutHasAWayOut is about paths that begin like names.
func TestThePathOfALayoutHasAWayOut(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"L/app", "app"} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "oci-layout"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for typed, want := range map[string]string{
		"L/app:1": "an OCI layout is written oci-layout://L/app:1", "L/app": "an OCI layout is written oci-layout://L/app", "L/other:1": "",
	} {
		_, err := Parse(typed)
		if hint := errtext.Hint(err); err == nil || hint != want {
			t.Errorf("%s: %v, hint %q, want %q", typed, err, hint, want)
		}
	}
	ref, err := Parse("app:1")
	if err != nil || errtext.Hint(ref.WithSuggestion(fs.ErrNotExist)) != "an OCI layout is written oci-layout://app:1" {
		t.Errorf("app:1: %v, hint %q", err, errtext.Hint(ref.WithSuggestion(fs.ErrNotExist)))
	}
}
