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
		"dir:/x":                            "skopeo's dir: directories are not supported: skopeo copy --all dir:/x oci:DIR:TAG",
		"docker-archive:/x.tar":             "a Docker archive is written docker-archive:///x.tar",
		"docker-archive:./x.tar:app:1":      "a Docker archive is written docker-archive://./x.tar:docker.io/library/app:1",
		"docker-archive:./x.tar:h.io/a:1":   "a Docker archive is written docker-archive://./x.tar:h.io/a:1",
		"docker-archive:./x.tar:1.0":        "a Docker archive is written docker-archive://./x.tar:1.0",
		"oci-archive:/x.tar:1":              "an OCI archive is written oci-archive:///x.tar:1",
		"ocifile://x.tar":                   "an OCI archive is written oci-archive://x.tar",
		"./x.tar.gz:1":                      "an archive is written oci-archive://./x.tar.gz:1, or docker-archive://./x.tar.gz:1 if docker save made it",
		"containers-storage:a/b:1":          "images in containers-storage are not supported",
		"docker-daemon:app:1":               "images in the local Docker daemon are not supported",
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
	if err := os.WriteFile("x.tar", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Parse("x.tar:"); !strings.HasPrefix(errtext.Hint(err), "an archive is written oci-archive://x.tar:,") {
		t.Errorf("x.tar: %v, hint %q", err, errtext.Hint(err))
	}
	ref, err := Parse("app:1")
	if err != nil || errtext.Hint(ref.WithSuggestion(fs.ErrNotExist)) != "an OCI layout is written oci-layout://app:1" {
		t.Errorf("app:1: %v, hint %q", err, errtext.Hint(ref.WithSuggestion(fs.ErrNotExist)))
	}
}

func TestParse_NamesTheWrongPart(t *testing.T) {
	hex := strings.Repeat("a", 64)
	for typed, want := range map[string]string{
		"r.example/app:1.0+build1":                     `the tag "1.0+build1" contains "+", which is not allowed in a tag; hint: a tag may hold letters, digits and _ . -, such as 1.0-build1`,
		"r.example/app:feature/x":                      `the tag "feature/x" contains "/", which is not allowed in a tag; hint: a tag may hold letters, digits and _ . -, such as feature-x`,
		"r.example/app:14:04":                          `the tag "14:04" contains ":", which is not allowed in a tag; hint: a tag may hold letters, digits and _ . -, such as 14-04`,
		"r.example/app:" + strings.Repeat("x", 129):    `the tag "xxxxxxxxxxxxxxxxxxxx"… has 129 characters, 128 are allowed`,
		"r.example/app:":                               "the tag after the colon is empty",
		"r.example/app:-1":                             `the tag "-1" begins with "-"`,
		"app:.x":                                       `the tag ".x" begins with "."`,
		"my_registry:5000/app:1":                       `the host "my_registry:5000" contains "_", which is not allowed in the name of a host; hint: give the host another name, with - instead of _, or use its IP address`,
		"r.example:port/app:1":                         `"r.example:port" is not a host, or HOST:PORT`,
		"-r.example/app:1":                             `"-r.example" is not a host, or HOST:PORT`,
		"r.example//app:1":                             `the repository "/app" has an empty part: a / too many`,
		"r.example/app/:1":                             `the repository "app/" has an empty part: a / too many`,
		"r.example/App:1":                              "repository name must be lowercase",
		"R/App:1":                                      "repository name must be lowercase",
		"r.example/a+b:1":                              `the repository "a+b" contains "+", which is not allowed there`,
		"r.example/../app:1":                           `the part ".." of the repository begins or ends with . _ or -`,
		"r.example/app-:1":                             `the part "app-" of the repository begins or ends with . _ or -`,
		"r.example/a..b:1":                             `the part "a..b" of the repository has more than one of . _ and - in a row`,
		"r.example/:1":                                 "the name of the repository is empty",
		"r.example/app@sha256:123":                     "the digest has 3 characters after sha256:, and needs 64",
		"r.example/app@sha256:xyz":                     `the digest "sha256:xyz" is not hexadecimal after its algorithm`,
		"r.example:5000/app@" + hex:                    "the digest aaaaaaaaaaaa… has no algorithm; hint: write @sha256:" + hex,
		"r.example/app:1@" + hex:                       "the digest aaaaaaaaaaaa… has no algorithm; hint: write @sha256:" + hex,
		"r.example/app@":                               "the digest after @ is empty",
		"r.example/app@latest":                         `"latest" after @ is not a digest, which is ALGORITHM:HEX`,
		"r.example/app@md5:" + strings.Repeat("a", 16): `"md5:aaaaaaaaaaaaaaaa" after @ is not a digest, which is ALGORITHM:HEX with at least 32 digits`,
		":1":               "the name of the repository is empty",
		"r.example/app:1 ": `it contains " ", which is not allowed in a name`,
	} {
		_, err := Parse(typed)
		got := ""
		if err != nil {
			_, got, _ = strings.Cut(err.Error(), "invalid reference format: ")
		}
		if hint := errtext.Hint(err); hint != "" {
			got += "; hint: " + hint
		}
		if got != want {
			t.Errorf("%s: %v\ngot:  %s\nwant: %s", typed, err, got, want)
		}
	}
}

// TestParse_EveryErrorNamesAPart has every bad reference: Docker's words alone do
// not say what is wrong.
func TestParse_EveryErrorNamesAPart(t *testing.T) {
	for _, line := range badLines(t, "references.txt") {
		if _, err := Parse(line[1]); err != nil && strings.HasSuffix(err.Error(), "invalid reference format") {
			t.Errorf("%q: %v", line[1], err)
		}
	}
}
