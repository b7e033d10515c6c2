//go:build e2e

package verify

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
	"manifest-tool/internal/rootfs/rootfstest"
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
	bomb := zstdOf(23, fixture.Files{"app": "x"}.Tar(t)[:1024], 3000)
	many := fixture.Gzip(t, bytes.Repeat(fixture.Files{"app": "x"}.Tar(t)[:1024], 1_000_001))
	g.Put(t, "app", "1", fixture.NewIndex(t, fixture.OCI(),
		imageOf(t, "linux/386", zstdLayer, bomb),
		imageOf(t, "linux/mips", fixture.OCI().Layer, many),
		imageOf(t, "linux/arm", fixture.OCI().Layer, []byte("this is no archive")),
		fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": string(fixture.CompileProgram(t, "linux/amd64"))}),
	))
	used, done := clitest.LeastPeakMemory(t, clitest.MemoryLimit, "verify", g.Host+"/app:1")
	t.Logf("%.1f MiB at most", float64(used)/1024)
	done.WantCode(t, 3)
	if got := strings.Count(done.Stdout, "layer-unreadable"); got != 1 || !strings.Contains(done.Stdout, "reading the archive") {
		t.Errorf("layer-unreadable is headed %d times:\n%s", got, done.Stdout)
	}
	all := clitest.Run(t, "verify", "--severity", "info", g.Host+"/app:1")
	for _, says := range []string{"linux/386", "times its size after decompression", "linux/mips", "1000000 entries", "linux/arm"} {
		if !strings.Contains(all.Stdout, says) {
			t.Errorf("it does not say %q:\n%s", says, all.Stdout)
		}
	}
	v := clitest.Session{}.Verify(t, 0, "--ignore", "layer-unreadable,layer-beyond-limits", "--severity", "info", g.Host+"/app:1")
	if len(v.Codes()) > 0 {
		// What cannot be read is unknown, and no finding of its own.
		t.Errorf("beside that it found %q", v.Codes())
	}
}

const zstdLayer = "application/vnd.oci.image.layer.v1.tar+zstd"

// zstdOf is a zstd frame with a window of 2 to the log bytes: an archive, and so
// many blocks of 128 KiB of zeros.
func zstdOf(log byte, archive []byte, zeros int) []byte {
	block := func(kind, size int) []byte {
		h := kind<<1 | size<<3
		return []byte{byte(h), byte(h >> 8), byte(h >> 16)}
	}
	b := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3}
	for raw := range slices.Chunk(archive, 128<<10) {
		b = append(append(b, block(0, len(raw))...), raw...)
	}
	for range zeros {
		b = append(append(b, block(1, 128<<10)...), 0)
	}
	return append(b, 1, 0, 0) // an empty block, the last
}

// TestFault104LayersBeyondLimits has layers that a runtime reads and this program
// does not, and one with the largest window that it reads.
func TestFault104LayersBeyondLimits(t *testing.T) {
	t.Parallel()
	archive := fixture.Files{"app": string(fixture.CompileProgram(t, "linux/amd64"))}.Tar(t)
	archive = archive[:len(archive)-1024] // the zeros that end it follow
	layout := fixture.WriteLayout(t, map[string]fixture.Object{
		"wide":  imageOf(t, "linux/amd64", zstdLayer, zstdOf(27, archive, 1600)),
		"wider": imageOf(t, "linux/amd64", zstdLayer, zstdOf(28, archive, 1)),
		"dense": imageOf(t, "linux/amd64", zstdLayer, zstdOf(20, archive, 8000)),
		"gzip":  imageOf(t, "linux/amd64", fixture.OCI().Layer, append(fixture.Gzip(t, archive), bytes.Repeat(fixture.Gzip(t, make([]byte, 64<<20)), 6)...)),
	})
	for _, tag := range []string{"wider", "dense"} {
		ref := "oci-layout://" + string(layout) + ":" + tag
		done := clitest.Run(t, "verify", ref)
		done.WantCode(t, 0)
		if !strings.Contains(done.Stdout, "unknown   unknown") || strings.Contains(done.Stdout, "not found") {
			t.Errorf("%s:\n%s", tag, done.Stdout)
		}
		strict := clitest.Run(t, "--strict", "verify", ref)
		strict.WantCode(t, 3)
		if !strings.Contains(strict.Stdout, "error layer-beyond-limits") {
			t.Errorf("%s with --strict:\n%s", tag, strict.Stdout)
		}
		clitest.Run(t, "verify", "--deep", "--binaries", "all", ref).WantCode(t, 0)
		v := clitest.Session{}.Verify(t, 3, "--severity", "info", ref)
		if diff := cmp.Diff([]string{"layer-beyond-limits linux/amd64"}, v.Codes()); diff != "" {
			t.Errorf("%s: %s", tag, diff)
		}
	}
	for tag, limit := range map[string]int64{"wide": 152 << 10, "gzip": clitest.MemoryLimit} {
		_, done := clitest.LeastPeakMemory(t, limit, "verify", "--severity", "info", "oci-layout://"+string(layout)+":"+tag)
		if strings.Contains(done.Stdout, "layer-") {
			t.Errorf("%s is not read:\n%s", tag, done.Stdout)
		}
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
	if p := v.Images[0].Entries[0].Programs; len(p) != 1 || p[0].Platform != "unknown" {
		t.Errorf("a program was judged by its bytes: %+v", p)
	}
}

// TestFault112ManyForeignPrograms has as many programs of another platform as are
// read: in root file systems of their own, and as mistakes.
func TestFault112ManyForeignPrograms(t *testing.T) {
	t.Parallel()
	program := rootfstest.ELF(rootfstest.AMD64, "")
	for name, path := range map[string]string{"roots": "opt/%06d/lib/ld-linux-x86-64.so.2", "mistakes": "opt/app/programs/program-%06d"} {
		files := fixture.Files{"app": rootfstest.ELF(rootfstest.ARM64, "")}
		for i := range 99_999 {
			files[fmt.Sprintf(path, i)] = program
		}
		image := fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/app"), files)
		ref := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": image})) + ":1"
		used, _ := clitest.LeastPeakMemory(t, clitest.MemoryLimit, "verify", "--binaries", "all", "--severity", "info", "-o", "json", ref)
		t.Logf("%s: %.1f MiB at most", name, float64(used)/1024)
		text := clitest.Run(t, "verify", "--binaries", "all", "--severity", "info", ref)
		if !strings.Contains(text.Stdout, "99999 linux/amd64") || len(text.Stdout) > 64<<10 {
			t.Errorf("%s: %d bytes of text: %s", name, len(text.Stdout), clitest.Tail(text.Stdout))
		}
	}
}
