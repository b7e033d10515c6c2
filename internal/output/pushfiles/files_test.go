package pushfiles

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/output/githubtest"
	"manifest-tool/internal/reference"
)

const mediaType = "application/vnd.oci.image.index.v1+json"

func parse(t *testing.T, s string) reference.Ref {
	t.Helper()
	ref, err := reference.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func digestOf(s string) digest.Digest { return digest.FromString(s) }

// result is the result of a push to a target with further tags, of which those in
// failed could not be written.
func result(target reference.Ref, more []string, failed map[string]string) push.Result {
	r := push.Result{Ref: target.String(), Target: target, Digest: digestOf(target.String()), Size: 700, MediaType: mediaType}
	for _, tag := range append([]string{target.Tag}, more...) {
		one := push.TagResult{Tag: tag, State: push.TagWritten}
		if message := failed[tag]; message != "" {
			one.State, one.Error, one.Err = push.TagFailed, message, errors.New(message)
		}
		r.Tags = append(r.Tags, one)
	}
	return r
}

// allFiles are files in a directory of their own; those of GitHub Actions exist.
func allFiles(t *testing.T) Files {
	t.Helper()
	dir := t.TempDir()
	f := Files{
		Digest: filepath.Join(dir, "digest"), Metadata: filepath.Join(dir, "metadata.json"),
		Outputs: filepath.Join(dir, "output"), Summary: filepath.Join(dir, "summary"),
		Text: func(s string) string { return "clean " + s },
	}
	write(t, f.Outputs, "")
	write(t, f.Summary, "")
	return f
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// content is "no file" for a file that does not exist.
func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "no file"
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func mustWrite(t *testing.T, f Files, several bool, indexes ...[]push.Result) {
	t.Helper()
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(indexes, several, nil); err != nil {
		t.Fatal(err)
	}
}

func TestOneIndex(t *testing.T) {
	t.Parallel()
	f := allFiles(t)
	write(t, f.Digest, "old")
	write(t, f.Outputs, "before=1") // without a line end
	r := result(parse(t, "registry.example.com/team/app:1.0"), []string{"latest"}, nil)
	r.Tags[1].State, r.Tags[1].Unchanged = push.TagUnchanged, true
	mustWrite(t, f, false, []push.Result{r})
	d := r.Digest.String()
	for path, want := range map[string]string{
		f.Digest: d,
		f.Metadata: `{
  "containerimage.descriptor": {
    "mediaType": "` + mediaType + `",
    "digest": "` + d + `",
    "size": 700
  },
  "containerimage.digest": "` + d + `",
  "image.name": "registry.example.com/team/app:1.0,registry.example.com/team/app:latest"
}
`,
		f.Summary: "### manifest-tool push\n\n| image | digest | tags |\n| --- | --- | --- |\n" +
			"| `registry.example.com/team/app` | `" + d + "` | `1.0`, `latest` (unchanged) |\n\n",
	} {
		if diff := cmp.Diff(want, content(t, path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
		}
	}
	want := map[string]string{
		"before": "1", "image": "registry.example.com/team/app", "digest": d, "reference": "registry.example.com/team/app@" + d,
		"tags": "registry.example.com/team/app:1.0\nregistry.example.com/team/app:latest",
		"metadata": `{"containerimage.descriptor":{"mediaType":"` + mediaType + `","digest":"` + d + `","size":700},"containerimage.digest":"` + d +
			`","image.name":"registry.example.com/team/app:1.0,registry.example.com/team/app:latest"}`,
	}
	if diff := cmp.Diff(want, githubtest.ReadOutputs(t, content(t, f.Outputs))); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(f.Digest), ".*")); err != nil || len(left) > 0 {
		t.Errorf("temporary files %q, %v", left, err)
	}
}

// TestSeveralIndexes has an index in two repositories, of which one tag failed, and one
// of which all did.
func TestSeveralIndexes(t *testing.T) {
	t.Parallel()
	f := allFiles(t)
	a := result(parse(t, "r.example/a:1"), []string{"2"}, map[string]string{"1": "denied"})
	b := result(parse(t, "r.example/b:1"), nil, map[string]string{"1": "denied"})
	c := result(parse(t, "r.example/c:1"), nil, nil)
	mirror := result(parse(t, "mirror.example/a:1"), nil, nil)
	mirror.Digest = a.Digest
	mustWrite(t, f, true, []push.Result{a, mirror}, []push.Result{b}, []push.Result{c})
	if want, got := a.Digest.String()+"\n"+c.Digest.String()+"\n", content(t, f.Digest); got != want {
		t.Errorf("digests %q, want %q", got, want)
	}
	for _, text := range []string{`  "r.example/a:1": {`, `"image.name": "r.example/a:2,mirror.example/a:1"`, `  "r.example/c:1": {`} {
		if got := content(t, f.Metadata); !strings.Contains(got, text) || strings.Contains(got, "r.example/b") {
			t.Errorf("metadata without %q, or with b: %s", text, got)
		}
	}
	outputs := githubtest.ReadOutputs(t, content(t, f.Outputs))
	if outputs["image"] != "r.example/a\nmirror.example/a\nr.example/c" || outputs["tags"] != "r.example/a:2\nmirror.example/a:1\nr.example/c:1" {
		t.Errorf("outputs %q", outputs)
	}
	if got, want := content(t, f.Summary), "| `1` failed: `clean denied`, `2` |\n"; !strings.Contains(got, want) || !strings.Contains(got, "r.example/b") {
		t.Errorf("summary %q", got)
	}
}

func TestNothingIsWrittenAboutNothing(t *testing.T) {
	t.Parallel()
	for name, indexes := range map[string][][]push.Result{
		"no result": nil, "no tag": {{result(parse(t, "r.example/a:1"), nil, map[string]string{"1": "denied"})}},
	} {
		for _, several := range []bool{false, true} {
			f := allFiles(t)
			mustWrite(t, f, several, indexes...)
			if got := content(t, f.Digest) + content(t, f.Metadata) + content(t, f.Outputs); got != "no fileno file" {
				t.Errorf("%s: wrote %q", name, got)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "kept")
	for name, c := range map[string]struct {
		files Files
		want  string
	}{
		"no directory":  {Files{Digest: filepath.Join(dir, "none", "x")}, "can't write --digest-file %q: its directory does not exist"},
		"a directory":   {Files{Metadata: dir}, "can't write --metadata-file %q: %[1]q is not a regular file"},
		"a device":      {Files{Digest: os.DevNull}, "can't write --digest-file %q: %[1]q is not a regular file"},
		"below a file":  {Files{Outputs: filepath.Join(dir, "file", "x")}, "can't write $GITHUB_OUTPUT %q: not a directory"},
		"summary":       {Files{Summary: dir}, "can't write $GITHUB_STEP_SUMMARY %q: is a directory"},
		"the same file": {Files{Digest: filepath.Join(dir, "file"), Metadata: dir + "/./file"}, "are the same file"},
	} {
		err := c.files.Check()
		want := c.want
		for _, k := range c.files.kinds() {
			want = strings.NewReplacer("%q", quote(k.path), "%[1]q", quote(k.path)).Replace(want)
		}
		var input *manifest.InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || content(t, filepath.Join(dir, "file")) != "kept" {
		t.Errorf("%v, %v", left, err)
	}
}

func quote(s string) string { return `"` + s + `"` }

// TestWriteError removes the directory after it was checked.
func TestWriteError(t *testing.T) {
	t.Parallel()
	f := Files{Outputs: filepath.Join(t.TempDir(), "gone", "output")}
	err := f.Write([][]push.Result{{result(parse(t, "r.example/a:1"), nil, nil)}}, false, nil)
	if want := "pushed, but can't write $GITHUB_OUTPUT"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}
