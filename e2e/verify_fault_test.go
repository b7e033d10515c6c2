//go:build e2e

package e2e

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// imageOf is an image that starts /app from one layer of any bytes.
func imageOf(t *testing.T, build string, mediaType string, layer []byte) object {
	t.Helper()
	config := configFor(build, "/app")
	descriptor := describe(mediaType, layer)
	config.RootFS = ocispec.RootFS{Type: "layers", DiffIDs: nil}
	config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, descriptor.Digest)
	family := ociMedia()
	return manifestOf(t, family.Manifest, family.Config, encode(t, config), []ocispec.Descriptor{descriptor}, [][]byte{layer}, config.Platform)
}

// TestVerifyWhatHostileLayersCost puts layers that attack whoever unpacks them
// into a real registry, beside one that is right.
func TestVerifyWhatHostileLayersCost(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	bomb := append(gzipped(t, files{"app": "x"}.Tar(t)), bytes.Repeat(gzipped(t, make([]byte, 64<<20)), 10)...)
	many := gzipped(t, bytes.Repeat(files{"app": "x"}.Tar(t)[:1024], 1_000_001))
	g.Put(t, "app", "1", newIndex(t, ociMedia(),
		imageOf(t, "linux/386", ociMedia().Layer, bomb),
		imageOf(t, "linux/mips", ociMedia().Layer, many),
		imageOf(t, "linux/arm", ociMedia().Layer, []byte("this is no archive")),
		runnableImage(t, configFor("linux/amd64", "/app"), files{"app": string(compile(t, "linux/amd64"))}),
	))
	used, done := leastPeak(t, memoryLimit, "verify", g.Host+"/app:1")
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
	v := session{}.Verify(t, 0, "--ignore", "layer-unreadable", "--severity", "info", g.Host+"/app:1")
	if len(v.Codes()) > 0 {
		// What cannot be read is unknown, and no finding of its own.
		t.Errorf("beside that it found %q", v.Codes())
	}
}

// TestFault106AWrongLayerIsAFinding has the registry send other bytes behind
// the end of the archive, with a program in it that is right.
func TestFault106AWrongLayerIsAFinding(t *testing.T) {
	t.Parallel()
	image := runnableImage(t, configFor("linux/amd64", "/app"), files{"app": string(compile(t, "linux/amd64"))})
	at := writeLayout(t, map[string]object{"1": newIndex(t, ociMedia(), image)})
	layer := image.Blobs[0]
	other := append(bytes.Clone(layer[:len(layer)-1]), layer[len(layer)-1]^1)
	at.WriteFile(t, blobPath(digest.FromBytes(layer)), other)
	v := session{}.Verify(t, 3, "oci-layout://"+string(at)+":1")
	if diff := cmp.Diff([]string{"digest-mismatch linux/amd64"}, v.Codes()); diff != "" {
		t.Error(diff)
	}
	if p := v.Images[0].Entries[0].Programs; len(p) != 1 || p[0].Platform != "" {
		t.Errorf("a program was judged by its bytes: %+v", p)
	}
}
