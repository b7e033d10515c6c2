package output

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	digest "github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// checkGolden compares with testdata/golden/inspect/NAME, or writes it.
func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	checkGoldenOf(t, "inspect", name, got)
}

// checkGoldenOf is checkGolden for the output of a command.
func checkGoldenOf(t *testing.T, command, name string, got []byte) {
	t.Helper()
	file := filepath.Join("../../testdata/golden", command, name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// sha makes a digest of one repeated hex digit, easy to find in a golden file.
func sha(digit string) digest.Digest { return digest.Digest("sha256:" + strings.Repeat(digit, 64)) }

func layer(digit string) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayerGzip, Digest: sha(digit), Size: 10}
}

func config() ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: ocispec.MediaTypeImageConfig, Digest: sha("c"), Size: 20}
}

func attests(subject digest.Digest) map[string]string {
	return map[string]string{
		manifest.AnnotationReferenceType:   "attestation-manifest",
		manifest.AnnotationReferenceDigest: subject.String(),
	}
}

func child(layers ...ocispec.Descriptor) *ocispec.Manifest {
	return &ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, Config: config(), Layers: layers,
	}
}

// oddIndex holds one entry of every kind that the recorded images lack.
func oddIndex() manifest.Inspection {
	oci, docker := ocispec.MediaTypeImageManifest, manifest.MediaTypeDockerImage
	windows := &ocispec.Platform{OS: "windows", Architecture: "arm", Variant: "v7", OSVersion: "10.0.1", OSFeatures: []string{"win32k", "b"}}
	linux := &ocispec.Platform{OS: "linux", Architecture: "amd64"}
	unknown := &ocispec.Platform{OS: "unknown", Architecture: "unknown"}
	entry := func(d ocispec.Descriptor, m *ocispec.Manifest) manifest.Entry {
		return manifest.Entry{Descriptor: d, Manifest: m, Missing: m == nil}
	}
	return manifest.Inspection{
		Name:       "reg.example/odd:1",
		Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: sha("0"), Size: 4711},
		Index: &manifest.Index{SchemaVersion: 2, Annotations: map[string]string{"a": "<b>"}, Entries: []manifest.Entry{
			entry(ocispec.Descriptor{MediaType: docker, Digest: sha("1"), Size: 1, Platform: windows}, child(layer("a"), layer("b"))),
			entry(ocispec.Descriptor{MediaType: oci, Digest: sha("2"), Size: 2}, child(layer("a"))),
			entry(ocispec.Descriptor{MediaType: oci, Digest: sha("3"), Size: 3, Platform: linux}, nil),
			entry(ocispec.Descriptor{MediaType: oci, Digest: sha("4"), Size: 4, Platform: unknown, Annotations: attests(sha("1"))}, child()),
			entry(ocispec.Descriptor{MediaType: oci, Digest: sha("5"), Size: 5, Platform: unknown, Annotations: attests(sha("3"))}, nil),
			entry(ocispec.Descriptor{MediaType: oci, Digest: sha("6"), Size: 6, Platform: new(ocispec.Platform)}, child()),
		}},
	}
}

// withForeign adds entries that are no image manifests: raw refuses them.
func withForeign(in manifest.Inspection) manifest.Inspection {
	in.Index.Entries = append(in.Index.Entries,
		manifest.Entry{Descriptor: ocispec.Descriptor{MediaType: "application/x-thing", Digest: sha("7"), Size: 7}},
		manifest.Entry{Descriptor: ocispec.Descriptor{MediaType: "application/x-proof", Digest: sha("8"), Size: 8, Annotations: attests(sha("2"))}},
		manifest.Entry{Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: sha("9"), Size: 9}, Missing: true},
	)
	return in
}

func manifestOfImage() ocispec.Manifest {
	m := *child(layer("a"), layer("b"))
	m.Subject = &ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: sha("d"), Size: 3}
	m.Annotations = map[string]string{"k": "v & w"}
	return m
}

func singleImage() manifest.Inspection {
	return manifest.Inspection{
		Name:       "reg.example/app:1",
		Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: sha("1"), Size: 1234},
		Image: &manifest.Image{
			Manifest: manifestOfImage(),
			Config:   ocispec.Image{Platform: ocispec.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.1", Variant: "v2"}},
		},
	}
}

func TestInspectionText(t *testing.T) {
	tests := []struct {
		golden string
		in     manifest.Inspection
		color  bool
	}{
		{"index.txt", withForeign(oddIndex()), false},
		{"index-color.txt", withForeign(oddIndex()), true},
		{"image.txt", singleImage(), false},
		{"image-color.txt", singleImage(), true},
		{"hostile-index.txt", hostileIndex(), false},
		{"hostile-image.txt", hostileImage(), false},
	}
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) {
			var out bytes.Buffer
			if err := (Printer{Out: &out, Color: tt.color}).Inspection(tt.in); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, tt.golden, out.Bytes())
		})
	}
}

func TestRawJSON(t *testing.T) {
	tests := []struct {
		golden string
		in     manifest.Inspection
		expand bool
	}{
		{"index.json", oddIndex(), false},
		{"index.json", oddIndex(), true},
		{"image.json", singleImage(), false},
		{"image-expanded.json", singleImage(), true},
		{"hostile-index.json", hostileIndex(), false},
		{"hostile-image.json", hostileImage(), true},
	}
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) {
			var out bytes.Buffer
			if err := (Printer{Out: &out}).Raw(tt.in, tt.expand); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, tt.golden, out.Bytes())
		})
	}
}
