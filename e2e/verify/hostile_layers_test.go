//go:build e2e

package verify

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// imageOf is an image that starts /app from one layer of any bytes.
func imageOf(t *testing.T, build string, mediaType string, layer []byte) fixture.Object {
	t.Helper()
	config := fixture.NewConfig(build, "/app")
	descriptor := fixture.DescriptorOf(mediaType, layer)
	config.RootFS = ocispec.RootFS{Type: "layers", DiffIDs: nil}
	config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, descriptor.Digest)
	family := fixture.OCI()
	return fixture.NewManifest(t, family.Manifest, family.Config, clitest.EncodeJSON(t, config), []ocispec.Descriptor{descriptor}, [][]byte{layer}, config.Platform)
}

// TestVerifyHostileLayers puts layers that attack whoever unpacks them into a
// real registry, beside one that is right.
func TestVerifyHostileLayers(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	bomb := append(fixture.Gzip(t, fixture.Files{"app": "x"}.Tar(t)), bytes.Repeat(fixture.Gzip(t, make([]byte, 64<<20)), 10)...)
	many := fixture.Gzip(t, bytes.Repeat(fixture.Files{"app": "x"}.Tar(t)[:1024], 1_000_001))
	g.Put(t, "app", "1", fixture.NewIndex(t, fixture.OCI(),
		imageOf(t, "linux/386", fixture.OCI().Layer, bomb),
		imageOf(t, "linux/mips", fixture.OCI().Layer, many),
		imageOf(t, "linux/arm", fixture.OCI().Layer, []byte("this is no archive")),
		fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": string(fixture.CompileProgram(t, "linux/amd64"))}),
	))
	used, done := clitest.LeastPeakMemory(t, clitest.MemoryLimit, "verify", g.Host+"/app:1")
	t.Logf("%.1f MiB at most", float64(used)/1024)
	done.WantCode(t, 3)
	if got := strings.Count(done.Stdout, "layer-unreadable"); got != 1 {
		t.Errorf("layer-unreadable is headed %d times:\n%s", got, done.Stdout)
	}
	for _, says := range []string{
		"linux/386", "times its size after decompression", "linux/mips", "1000000 entries", "linux/arm", "reading the archive",
	} {
		if !strings.Contains(done.Stdout, says) {
			t.Errorf("it does not say %q:\n%s", says, done.Stdout)
		}
	}
	v := clitest.Session{}.Verify(t, 0, "--ignore", "layer-unreadable", "--severity", "info", g.Host+"/app:1")
	if len(v.Codes()) > 0 {
		// What cannot be read is unknown, and no finding of its own.
		t.Errorf("beside that it found %q", v.Codes())
	}
}

// TestFault106AWrongLayerIsAFinding has the registry send other bytes behind
// the end of the archive, with a program in it that is right.
func TestFault106AWrongLayerIsAFinding(t *testing.T) {
	t.Parallel()
	image := fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": string(fixture.CompileProgram(t, "linux/amd64"))})
	at := fixture.WriteLayout(t, map[string]fixture.Object{"1": fixture.NewIndex(t, fixture.OCI(), image)})
	layer := image.Blobs[0]
	other := append(bytes.Clone(layer[:len(layer)-1]), layer[len(layer)-1]^1)
	at.WriteFile(t, fixture.BlobPath(digest.FromBytes(layer)), other)
	v := clitest.Session{}.Verify(t, 3, "oci-layout://"+string(at)+":1")
	if diff := cmp.Diff([]string{"digest-mismatch linux/amd64"}, v.Codes()); diff != "" {
		t.Error(diff)
	}
	if p := v.Images[0].Entries[0].Programs; len(p) != 1 || p[0].Platform != "" {
		t.Errorf("a program was judged by its bytes: %+v", p)
	}
}
