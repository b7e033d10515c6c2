//go:build e2e

package verify

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// eightImages are images that differ in their platform only, and share their
// lower layer.
func eightImages(t *testing.T) []fixture.Object {
	t.Helper()
	var all []fixture.Object
	for _, build := range []string{
		"linux/386", "linux/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64", "linux/ppc64le", "linux/riscv64", "linux/s390x",
	} {
		all = append(all, fixture.NewRunnableImage(t, fixture.NewConfig(build, "/app"), fixture.Files{"shared": "shared"}, fixture.Files{"app": "#!/shared\n# " + build}))
	}
	return all
}

// TestVerifyMissingChildren deletes three of eight children from a real
// registry.
func TestVerifyMissingChildren(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := eightImages(t)
	g.Put(t, "app", "1", fixture.NewIndex(t, fixture.OCI(), images...))
	for _, i := range []int{1, 4, 7} {
		g.DeleteManifest(t, "app", images[i].Digest())
	}
	v := clitest.Session{}.Verify(t, 3, "--binaries", "none", g.Host+"/app:1")
	want := []string{"child-missing linux/amd64", "child-missing linux/arm64", "child-missing linux/s390x"}
	if diff := cmp.Diff(want, v.Codes()); diff != "" {
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
	text := clitest.Run(t, "verify", "--binaries", "none", g.Host+"/app:1")
	text.WantCode(t, 3)
	if got := strings.Count(text.Stdout, "by GET of the manifest"); got != 3 {
		t.Errorf("the text names %d:\n%s", got, text.Stdout)
	}
	text.WantStderr(t, "manifest-tool: verify found 3 errors")
}

// TestVerifyDamagedLayout spoils one image in each way, so that no finding can
// hide behind another.
func TestVerifyDamagedLayout(t *testing.T) {
	t.Parallel()
	images := eightImages(t)
	index := fixture.NewIndex(t, fixture.OCI(), images...)
	// What the index says about the first two is wrong.
	text := strings.Replace(string(index.Raw), `"size":`, `"size":1`, 1)
	second := strings.Index(text, images[1].Digest().String())
	before := strings.LastIndex(text[:second], ocispec.MediaTypeImageManifest)
	text = text[:before] + "application/vnd.docker.distribution.manifest.v2+json" + text[before+len(ocispec.MediaTypeImageManifest):]
	index.Raw = []byte(text)
	at := fixture.WriteLayout(t, map[string]fixture.Object{"1": index})
	path := func(content []byte) string {
		return filepath.Join(string(at), fixture.BlobPath(digest.FromBytes(content)))
	}
	layer, config := 1, 2 // of an image's blobs
	clitest.Must(t, os.Remove(path(images[2].Blobs[config])))
	clitest.Must(t, os.WriteFile(path(images[3].Blobs[config]), []byte("{}"), 0o600))
	clitest.Must(t, os.Remove(path(images[4].Blobs[layer])))
	clitest.Must(t, os.WriteFile(path(images[5].Blobs[layer]), append([]byte("x"), images[5].Blobs[layer]...), 0o600))
	other := append([]byte(nil), images[6].Blobs[layer]...)
	other[len(other)-1] ^= 1
	clitest.Must(t, os.WriteFile(path(images[6].Blobs[layer]), other, 0o600))
	clitest.Must(t, os.WriteFile(path(images[7].Raw), []byte("{}"), 0o600))

	want := []string{
		"config-missing linux/arm/v6", "digest-mismatch linux/s390x", "layer-missing linux/arm64",
		"media-type-mismatch linux/amd64", "size-mismatch linux/386", "size-mismatch linux/arm/v7", "size-mismatch linux/ppc64le",
	}
	v := clitest.Session{}.Verify(t, 3, "--binaries", "none", "oci-layout://"+string(at)+":1")
	if diff := cmp.Diff(want, v.Codes()); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	// Only who reads the layers sees that one has other bytes.
	v = clitest.Session{}.Verify(t, 3, "--binaries", "none", "--deep", "oci-layout://"+string(at)+":1")
	if diff := cmp.Diff(append([]string{"config-missing linux/arm/v6", "digest-mismatch linux/riscv64"}, want[1:]...), v.Codes()); diff != "" {
		t.Errorf("findings of --deep (-want +got):\n%s", diff)
	}
}

func TestVerifyDuplicatePlatforms(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := func(build, content string) fixture.Object {
		return fixture.NewRunnableImage(t, fixture.NewConfig(build, "/app"), fixture.Files{"app": content})
	}
	app := string(fixture.CompileProgram(t, "linux/arm64"))
	g.Put(t, "app", "1", fixture.NewIndex(t, fixture.OCI(), image("linux/arm64", app), image("linux/arm64/v8", app)))
	v := clitest.Session{}.Verify(t, 3, g.Host+"/app:1")
	if diff := cmp.Diff([]string{"duplicate-platform linux/arm64/v8"}, v.Codes()); diff != "" {
		t.Error(diff)
	}
	clitest.Session{}.Verify(t, 0, "--ignore", "duplicate-platform", g.Host+"/app:1")
	clitest.Session{}.Verify(t, 0, "--severity", "error", g.Host+"/app:1")
}

func TestVerifyForbiddenEntry(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := eightImages(t)
	open.Put(t, "app", "1", fixture.NewIndex(t, fixture.OCI(), images...))
	open.Put(t, "app", "good", fixture.NewIndex(t, fixture.OCI(), images[:2]...))
	forbidden := images[3].Digest().String()
	g, _ := open.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, forbidden) {
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	v := clitest.Session{}.Verify(t, 3, "--binaries", "none", g.Host+"/app:1")
	if diff := cmp.Diff([]string{"unreachable linux/arm/v7"}, v.Codes()); diff != "" {
		t.Error(diff)
	}
	// A reference that cannot be read is a failure, and the others are told.
	v = clitest.Session{}.Verify(t, 1, "--binaries", "none", g.Host+"/app:nothing", g.Host+"/app:good")
	if v.Images[0].Error == "" || v.Images[1].Error != "" || len(v.Images[1].Entries) != 2 {
		t.Errorf("%+v", v)
	}
	// A platform that no entry is for is an answer.
	v = clitest.Session{}.Verify(t, 3, "--binaries", "none", "--platform", "linux/mips", g.Host+"/app:good")
	if diff := cmp.Diff([]string{"platform-absent"}, v.Codes()); diff != "" {
		t.Error(diff)
	}
	v = clitest.Session{}.Verify(t, 0, "--binaries", "none", "--platform", "linux/x86_64", g.Host+"/app:1")
	if len(v.Images[0].Entries) != 1 {
		t.Errorf("%d entries", len(v.Images[0].Entries))
	}
}

func TestVerifyBadInput(t *testing.T) {
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
		done := clitest.Run(t, append([]string{"verify"}, args...)...)
		if done.Code != 2 || done.Stdout != "" {
			t.Errorf("%q: exit code %d, %q", args, done.Code, done.Stdout)
		}
	}
}
