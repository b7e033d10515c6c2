package push

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// TestPush_UncheckedPrograms pushes an image whose layers are not tar archives.
func TestPush_UncheckedPrograms(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	to, err := reference.Parse(r.Host + "/app:nydus")
	if err != nil {
		t.Fatal(err)
	}
	s := storeFor(t, to)
	s.Announce(to, true)
	config := ocispec.Image{Platform: manifesttest.LinuxAMD64, Config: ocispec.ImageConfig{Entrypoint: []string{"/app"}}}
	config.RootFS = ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString("a"), digest.FromString("b")}}
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: manifesttest.PutBlob(t, s, to, ocispec.MediaTypeImageConfig, manifesttest.EncodeJSON(t, config)),
	}
	for _, content := range []string{"a", "b"} {
		m.Layers = append(m.Layers, manifesttest.PutBlob(t, s, to, "application/vnd.oci.image.layer.nydus.blob.v1", []byte(content)))
	}
	d := manifesttest.PutManifest(t, s, to, ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(t, m))
	in := spec.Spec{Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: to.String()}}}
	_, warnings, err := pushed(t, in, Options{Verify: VerifyBinaries})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"the programs of linux/amd64 " + d.Digest.String() + " were not checked: layer " + m.Layers[0].Digest.String() +
		" is not a tar archive: application/vnd.oci.image.layer.nydus.blob.v1"}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if _, warnings, err = pushed(t, in, Options{}); err != nil || len(warnings) > 0 {
		t.Errorf("without --verify binaries: %q, %v", strings.Join(warnings, "; "), err)
	}
}
