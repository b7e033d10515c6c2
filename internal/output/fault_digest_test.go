package output

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
)

// TestFault31EntryOfAnUnknownDigestIsShownAsUnsupported holds that it does not
// keep the others from being shown.
func TestFault31EntryOfAnUnknownDigestIsShownAsUnsupported(t *testing.T) {
	unknown := digest.Digest("blake3:" + strings.Repeat("0", 64))
	in := inspect.Inspection{Name: "a", Index: &manifest.Index{Entries: []manifest.Entry{
		{Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: unknown, Size: 1}},
		{Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: sha("1"), Size: 1}, Manifest: child(layer("a"))},
	}}}
	var text, raw bytes.Buffer
	if err := (Printer{Out: &text}).PrintInspection(in); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "[1] # Layers: unknown, digests of this kind are not supported\n") ||
		!strings.Contains(text.String(), "[2] # Layers: 1\n") {
		t.Errorf("shown is\n%s", text.String())
	}
	if err := (Printer{Out: &raw}).Raw(in, false); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Manifests []struct {
			Unsupported bool
			Digest      digest.Digest
			Layers      []any
		}
	}
	if err := json.Unmarshal(raw.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Manifests) != 2 || !got.Manifests[0].Unsupported || got.Manifests[0].Digest != unknown ||
		got.Manifests[1].Unsupported || len(got.Manifests[1].Layers) != 1 {
		t.Errorf("JSON is\n%s", raw.String())
	}
}
