//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// eightImages are images that differ in their platform only, and share their
// lower layer.
func eightImages(t *testing.T) []object {
	t.Helper()
	var all []object
	for _, build := range []string{
		"linux/386", "linux/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64", "linux/ppc64le", "linux/riscv64", "linux/s390x",
	} {
		all = append(all, runnableImage(t, configFor(build, "/app"), files{"shared": "shared"}, files{"app": "#!/shared\n# " + build}))
	}
	return all
}

// TestVerifyListsEveryChildThatIsGone deletes three of eight children from a
// real registry.
func TestVerifyListsEveryChildThatIsGone(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := eightImages(t)
	g.put(t, "app", "1", newIndex(t, ociMedia(), images...))
	for _, i := range []int{1, 4, 7} {
		g.deleteManifest(t, "app", images[i].digest())
	}
	v := session{}.verify(t, 3, "--binaries", "none", g.host+"/app:1")
	want := []string{"child-missing linux/amd64", "child-missing linux/arm64", "child-missing linux/s390x"}
	if diff := cmp.Diff(want, v.codes()); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if len(v.Images[0].Entries) != 8 || v.Summary.Errors != 3 {
		t.Errorf("%d entries, %d errors", len(v.Images[0].Entries), v.Summary.Errors)
	}
	for i, e := range v.Images[0].Entries {
		if gone := i == 1 || i == 4 || i == 7; (e.Verdict == "missing") != gone || !gone && e.Verdict != "ok" {
			t.Errorf("entry %d is %s", i+1, e.Verdict)
		}
	}
	text := manifestTool(t, "verify", "--binaries", "none", g.host+"/app:1")
	text.wantCode(t, 3)
	if got := strings.Count(text.stdout, "by GET of the manifest"); got != 3 {
		t.Errorf("the text names %d:\n%s", got, text.stdout)
	}
	text.wantStderr(t, "manifest-tool: verify found 3 errors")
}

// TestVerifyListsEverythingThatIsWrongInALayout spoils one image in each way,
// so that no finding can hide behind another.
func TestVerifyListsEverythingThatIsWrongInALayout(t *testing.T) {
	t.Parallel()
	images := eightImages(t)
	index := newIndex(t, ociMedia(), images...)
	// What the index says about the first two is wrong.
	text := strings.Replace(string(index.raw), `"size":`, `"size":1`, 1)
	second := strings.Index(text, images[1].digest().String())
	before := strings.LastIndex(text[:second], ocispec.MediaTypeImageManifest)
	text = text[:before] + "application/vnd.docker.distribution.manifest.v2+json" + text[before+len(ocispec.MediaTypeImageManifest):]
	index.raw = []byte(text)
	at := writeLayout(t, map[string]object{"1": index})
	path := func(content []byte) string { return filepath.Join(string(at), blobPath(digest.FromBytes(content))) }
	layer, config := 1, 2 // of an image's blobs
	must(t, os.Remove(path(images[2].blobs[config])))
	must(t, os.WriteFile(path(images[3].blobs[config]), []byte("{}"), 0o600))
	must(t, os.Remove(path(images[4].blobs[layer])))
	must(t, os.WriteFile(path(images[5].blobs[layer]), append([]byte("x"), images[5].blobs[layer]...), 0o600))
	other := append([]byte(nil), images[6].blobs[layer]...)
	other[len(other)-1] ^= 1
	must(t, os.WriteFile(path(images[6].blobs[layer]), other, 0o600))
	must(t, os.WriteFile(path(images[7].raw), []byte("{}"), 0o600))

	want := []string{
		"config-missing linux/arm/v6", "digest-mismatch linux/s390x", "layer-missing linux/arm64",
		"media-type-mismatch linux/amd64", "size-mismatch linux/386", "size-mismatch linux/arm/v7", "size-mismatch linux/ppc64le",
	}
	v := session{}.verify(t, 3, "--binaries", "none", "oci-layout://"+string(at)+":1")
	if diff := cmp.Diff(want, v.codes()); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	// Only who reads the layers sees that one has other bytes.
	v = session{}.verify(t, 3, "--binaries", "none", "--deep", "oci-layout://"+string(at)+":1")
	if diff := cmp.Diff(append([]string{"config-missing linux/arm/v6", "digest-mismatch linux/riscv64"}, want[1:]...), v.codes()); diff != "" {
		t.Errorf("findings of --deep (-want +got):\n%s", diff)
	}
}

func TestVerifyFindsPlatformsThatAreTwice(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	image := func(build, content string) object {
		return runnableImage(t, configFor(build, "/app"), files{"app": content})
	}
	app := string(compile(t, "linux/arm64"))
	g.put(t, "app", "1", newIndex(t, ociMedia(), image("linux/arm64", app), image("linux/arm64/v8", app)))
	v := session{}.verify(t, 3, g.host+"/app:1")
	if diff := cmp.Diff([]string{"duplicate-platform linux/arm64/v8"}, v.codes()); diff != "" {
		t.Error(diff)
	}
	session{}.verify(t, 0, "--ignore", "duplicate-platform", g.host+"/app:1")
	session{}.verify(t, 0, "--severity", "error", g.host+"/app:1")
}

func TestVerifyWhatItCannotAskFor(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	images := eightImages(t)
	open.put(t, "app", "1", newIndex(t, ociMedia(), images...))
	open.put(t, "app", "good", newIndex(t, ociMedia(), images[:2]...))
	forbidden := images[3].digest().String()
	g, _ := open.behind(t, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, forbidden) {
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	v := session{}.verify(t, 3, "--binaries", "none", g.host+"/app:1")
	if diff := cmp.Diff([]string{"unreachable linux/arm/v7"}, v.codes()); diff != "" {
		t.Error(diff)
	}
	// A reference that cannot be read is a failure, and the others are told.
	v = session{}.verify(t, 1, "--binaries", "none", g.host+"/app:nothing", g.host+"/app:good")
	if v.Images[0].Error == "" || v.Images[1].Error != "" || len(v.Images[1].Entries) != 2 {
		t.Errorf("%+v", v)
	}
	// A platform that no entry is for is an answer.
	v = session{}.verify(t, 3, "--binaries", "none", "--platform", "linux/mips", g.host+"/app:good")
	if diff := cmp.Diff([]string{"platform-absent"}, v.codes()); diff != "" {
		t.Error(diff)
	}
	v = session{}.verify(t, 0, "--binaries", "none", "--platform", "linux/x86_64", g.host+"/app:1")
	if len(v.Images[0].Entries) != 1 {
		t.Errorf("%d entries", len(v.Images[0].Entries))
	}
}

func TestVerifyRefusesBadInput(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{},
		{"app"},
		{"app:1", "x y"},
		{"--binaries", "some", "app:1"},
		{"--severity", "loud", "app:1"},
		{"--ignore", "nothing", "app:1"},
		{"--platform", "linux", "app:1"},
		{"-o", "html", "app:1"},
		{"-o", "template={{", "app:1"},
	} {
		done := manifestTool(t, append([]string{"verify"}, args...)...)
		if done.code != 2 || done.stdout != "" {
			t.Errorf("%q: exit code %d, %q", args, done.code, done.stdout)
		}
	}
}
