package output

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	digest "github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
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
func oddIndex() inspect.Inspection {
	oci, docker := ocispec.MediaTypeImageManifest, manifest.MediaTypeDockerImage
	windows := &ocispec.Platform{OS: "windows", Architecture: "arm", Variant: "v7", OSVersion: "10.0.1", OSFeatures: []string{"win32k", "b"}}
	linux := &ocispec.Platform{OS: "linux", Architecture: "amd64"}
	unknown := &ocispec.Platform{OS: "unknown", Architecture: "unknown"}
	entry := func(d ocispec.Descriptor, m *ocispec.Manifest) manifest.Entry {
		return manifest.Entry{Descriptor: d, Manifest: m, Missing: m == nil}
	}
	return inspect.Inspection{
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

// withForeign adds entries that are no image manifests.
func withForeign(in inspect.Inspection) inspect.Inspection {
	in.Index.Entries = append(in.Index.Entries,
		manifest.Entry{Descriptor: ocispec.Descriptor{MediaType: "application/x-thing", Digest: sha("7"), Size: 7}},
		manifest.Entry{Descriptor: ocispec.Descriptor{MediaType: "application/x-proof", Digest: sha("8"), Size: 8, Annotations: attests(sha("2"))}},
		manifest.Entry{Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: sha("9"), Size: 9}, Missing: true},
	)
	return in
}

// layeredIndex holds what only newer tools write: an index in an index, and
// the same one again; an attestation with predicates; an artifact; annotations.
func layeredIndex() inspect.Inspection {
	in := withForeign(oddIndex())
	in.Index.Annotations = map[string]string{"org.opencontainers.image.source": "https://git.example/team/app", "a": "<b>"}
	in.Index.Subject = &ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: sha("e"), Size: 9}
	stated := layer("e")
	stated.Annotations = map[string]string{"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"}
	in.Index.Entries[3].Manifest = child(stated, layer("f"))
	in.Index.Entries[0].Descriptor.Annotations = map[string]string{"com.example.flavour": "full"}
	in.Index.Entries[5].Mismatch = sha("6").String() + " is 3 bytes long, its entry says 6"

	helm := child(layer("a"))
	helm.ArtifactType, helm.Annotations = "application/vnd.cncf.helm.chart", map[string]string{"k": "v"}
	listed := func(n string) ocispec.Descriptor {
		return ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: sha(n), Size: 10}
	}
	linux := &ocispec.Platform{OS: "linux", Architecture: "riscv64"}
	inner := &manifest.Index{SchemaVersion: 2, Annotations: map[string]string{"inner": "yes"}, Entries: []manifest.Entry{
		{Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: sha("a"), Size: 1, Platform: linux}, Manifest: child(layer("a"))},
		{Descriptor: listed("b")},
	}}
	in.Index.Entries = append(in.Index.Entries,
		manifest.Entry{Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: sha("c"), Size: 8}, Manifest: helm},
		manifest.Entry{Descriptor: listed("d"), Index: inner},
		manifest.Entry{Descriptor: listed("d"), Repeated: true},
		manifest.Entry{Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: "blake3:" + sha("f")[7:], Size: 5}},
	)
	in.Referrers = []inspect.Referrer{
		{Role: inspect.RoleSBOM, Digest: sha("7"), Size: 4000, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: "application/spdx+json"},
		{Role: inspect.RoleSignature, Digest: sha("8"), Size: 300, MediaType: ocispec.MediaTypeImageManifest, Tag: "sha256-00.sig"},
	}
	return in
}

// withConfigs has the configs of its images, but for one that is gone.
func withConfigs(in inspect.Inspection) inspect.Inspection {
	image := fullConfig()
	in.Index.Entries[0].Config = &image
	in.Index.Entries[1].ConfigMissing = true
	return in
}

func fullConfig() ocispec.Image {
	created := time.Date(2025, 11, 1, 2, 3, 4, 0, time.UTC)
	return ocispec.Image{
		Created: &created, Author: "A <a@example.com>",
		Platform: ocispec.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.1", Variant: "v2"},
		Config: ocispec.ImageConfig{
			User: "app", ExposedPorts: map[string]struct{}{"80/tcp": {}, "443/tcp": {}}, Env: []string{"PATH=/bin", "A=b c"},
			Entrypoint: []string{"/app", "a && b"}, Cmd: []string{"serve"}, Volumes: map[string]struct{}{"/data": {}}, WorkingDir: "/srv",
			Labels: map[string]string{"b": "2", "a": "1"}, StopSignal: "SIGINT",
		},
		History: []ocispec.History{{Created: &created, CreatedBy: "COPY app /", Comment: "c", Author: "A", EmptyLayer: true}},
	}
}

// narrowed is the second entry of an index alone.
func narrowed(in inspect.Inspection) inspect.Inspection {
	for i := range in.Index.Entries {
		in.Index.Entries[i].Filtered = i != 1
	}
	return in
}

func manifestOfImage() ocispec.Manifest {
	m := *child(layer("a"), layer("b"))
	m.Subject = &ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: sha("d"), Size: 3}
	m.Annotations = map[string]string{"k": "v & w"}
	return m
}

func singleImage() inspect.Inspection {
	return inspect.Inspection{
		Name:       "reg.example/app:1",
		Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: sha("1"), Size: 1234},
		Image: &manifest.Image{
			Manifest: manifestOfImage(),
			Config:   ocispec.Image{Platform: ocispec.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.1", Variant: "v2"}},
		},
	}
}

func imageWithConfig() inspect.Inspection {
	in := singleImage()
	in.Image.Config = fullConfig()
	return in
}

// referring has an entry that refers to something, and is itself referred to.
func referring() inspect.Inspection {
	in, m := oddIndex(), manifestOfImage()
	in.Index.Entries[0].Manifest = &m
	in.Referrers = []inspect.Referrer{{
		Role: inspect.RoleOther, Digest: sha("7"), Size: 40, MediaType: ocispec.MediaTypeImageManifest, Annotations: map[string]string{"k": "v"},
	}}
	return in
}

// anArtifact is a single one, with nobody who refers to it.
func anArtifact() inspect.Inspection {
	in := singleImage()
	in.Image.Manifest.ArtifactType = "application/spdx+json"
	in.Referrers = []inspect.Referrer{}
	return in
}

// fixtures are all inspections of these tests, by the names of golden files.
func fixtures() map[string]inspect.Inspection {
	return map[string]inspect.Inspection{
		"index": withForeign(oddIndex()), "layered": layeredIndex(), "configs": withConfigs(layeredIndex()), "narrowed": narrowed(oddIndex()),
		"image": singleImage(), "image-config": imageWithConfig(), "artifact": anArtifact(),
		"hostile-index": hostileIndex(), "hostile-image": hostileImage(),
		"empty": {Name: "reg.example/empty:1", Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: sha("0"), Size: 9}, Index: &manifest.Index{}},
	}
}

// today is when the golden files were looked at.
func today() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func TestInspectionText(t *testing.T) {
	for name, in := range fixtures() {
		for suffix, p := range map[string]Printer{
			".txt": {}, "-color.txt": {Color: true}, "-40.txt": {Columns: 40, Now: today}, "-80.txt": {Columns: 80, Now: today}, "-120.txt": {Columns: 120, Now: today},
		} {
			t.Run(name+suffix, func(t *testing.T) {
				var out bytes.Buffer
				p.Out = &out
				if err := p.PrintInspection(in); err != nil {
					t.Fatal(err)
				}
				checkGolden(t, name+suffix, out.Bytes())
			})
		}
	}
}

// TestNoLineOfATableIsWiderThanTheTerminal looks at the tables: below them stand
// annotations, which nobody can shorten.
func TestNoLineOfATableIsWiderThanTheTerminal(t *testing.T) {
	for _, columns := range []int{60, 80, 120, 200} {
		var out bytes.Buffer
		if err := (Printer{Out: &out, Columns: columns, Now: today}).PrintInspection(withConfigs(layeredIndex())); err != nil {
			t.Fatal(err)
		}
		rows := 0
		for line := range strings.Lines(out.String()) {
			if strings.Contains(line, "sha256:") && strings.HasSuffix(strings.TrimSpace(line), "B") {
				rows++
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > columns {
					t.Errorf("%d characters on %d: %s", n, columns, line)
				}
			}
		}
		if rows == 0 {
			t.Error("no rows")
		}
	}
}

func TestRawJSON(t *testing.T) {
	tests := []struct {
		golden string
		in     inspect.Inspection
		expand bool
	}{
		{"index.json", oddIndex(), false},
		{"index.json", oddIndex(), true},
		{"layered.json", withConfigs(layeredIndex()), false},
		{"narrowed.json", narrowed(oddIndex()), false},
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
