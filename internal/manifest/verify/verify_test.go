package verify

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
)

// attic is an OCI layout that takes anything, also what no registry would.
type attic struct {
	t   *testing.T
	dir string
}

func newAttic(t *testing.T) attic {
	t.Helper()
	s := attic{t, t.TempDir()}
	if err := os.MkdirAll(filepath.Join(s.dir, "blobs", "sha256"), 0o755); err != nil {
		t.Fatal(err)
	}
	s.write("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	return s
}

func (s attic) write(name string, raw []byte) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), raw, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// add stores bytes under their digest.
func (s attic) add(mediaType string, raw []byte) ocispec.Descriptor {
	s.t.Helper()
	d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(raw), Size: int64(len(raw))}
	s.write("blobs/sha256/"+d.Digest.Encoded(), raw)
	return d
}

// image stores an image of a config and of layers, and returns its entry.
func (s attic) image(config ocispec.Image, layers ...ocispec.Descriptor) ocispec.Descriptor {
	s.t.Helper()
	config.RootFS = ocispec.RootFS{Type: "layers"}
	for _, l := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, l.Digest)
	}
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: s.add(ocispec.MediaTypeImageConfig, manifesttest.EncodeJSON(s.t, config)), Layers: layers,
	}
	d := s.add(ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(s.t, m))
	d.Platform = &config.Platform
	return d
}

// index stores an index.
func (s attic) index(entries ...ocispec.Descriptor) ocispec.Descriptor {
	s.t.Helper()
	return s.add(ocispec.MediaTypeImageIndex, manifesttest.EncodeJSON(s.t, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: entries,
	}))
}

// tagged makes a descriptor the tag 1, and returns the reference.
func (s attic) tagged(d ocispec.Descriptor) string {
	s.t.Helper()
	d.Annotations, d.Platform = map[string]string{ocispec.AnnotationRefName: "1"}, nil
	s.write("index.json", manifesttest.EncodeJSON(s.t, ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, Manifests: []ocispec.Descriptor{d}}))
	return "oci-layout://" + s.dir + ":1"
}

// layer stores a plain layer of files: name, content, and a mode other than
// 0755 behind a colon.
func (s attic) layer(files ...string) ocispec.Descriptor {
	s.t.Helper()
	return s.add(ocispec.MediaTypeImageLayer, archiveOf(s.t, files...))
}

func archiveOf(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		name, plain := strings.CutSuffix(files[i], ":644")
		h := &tar.Header{Name: name, Mode: 0o755, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg}
		if plain {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// starts is the config of an image that starts a command.
func starts(platform string, command ...string) ocispec.Image {
	parts := strings.Split(platform, "/")
	return ocispec.Image{Platform: ocispec.Platform{OS: parts[0], Architecture: parts[1]}, Config: ocispec.ImageConfig{Cmd: command}}
}

// small386 is an ELF header of a program for 386 with one segment.
const small386 = "\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x02\x00\x03\x00\x01\x00\x00\x00\x54\x80\x04\x08\x34\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x34\x00\x20\x00\x01\x00\x28\x00\x00\x00\x00\x00" +
	"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x80\x04\x08\x00\x80\x04\x08\x54\x00\x00\x00\x54\x00\x00\x00\x05\x00\x00\x00\x00\x10\x00\x00"

// TestVerify makes each finding that takes an odd image rather
// than a broken registry; those are tested with a real one, in e2e.
func TestVerify(t *testing.T) {
	tests := map[string]struct {
		make func(s attic) ocispec.Descriptor
		want []string
	}{
		"a child that is no manifest": {func(s attic) ocispec.Descriptor {
			return s.index(s.add(ocispec.MediaTypeImageManifest, []byte(`{"hello":"world"}`)))
		}, []string{"child-malformed"}},
		"a config that is none": {func(s attic) ocispec.Descriptor {
			m := ocispec.Manifest{
				Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
				Config: s.add(ocispec.MediaTypeImageConfig, []byte("[]")), Layers: []ocispec.Descriptor{s.layer("app", small386)},
			}
			return s.index(s.add(ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(t, m)))
		}, []string{"config-malformed"}},
		"a config of another number of layers": {func(s attic) ocispec.Descriptor {
			config := starts("linux/386", "/app")
			config.RootFS.DiffIDs = []digest.Digest{digest.FromString("1"), digest.FromString("2")}
			m := ocispec.Manifest{
				Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
				Config: s.add(ocispec.MediaTypeImageConfig, manifesttest.EncodeJSON(t, config)), Layers: []ocispec.Descriptor{s.layer("app", small386)},
			}
			return s.add(ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(t, m))
		}, []string{"config-malformed"}},
		"bytes behind a layer's end": {func(s attic) ocispec.Descriptor {
			raw := append(archiveOf(t, "app", small386), archiveOf(t, "app", "x")...)
			return s.image(starts("linux/386", "/app"), s.add(ocispec.MediaTypeImageLayer, raw))
		}, []string{"layer-trailing-bytes"}},
		"descriptors that cannot be true": {func(s attic) ocispec.Descriptor {
			app := s.image(starts("linux/386", "/app"), s.layer("app", small386))
			bare := app
			bare.Platform = nil
			negative, none, unknown := bare, bare, bare
			negative.Size, none.Digest, unknown.Digest = -1, "sha256:1", "blake3:"+digest.Digest(strings.Repeat("0", 64))
			return s.index(negative, none, unknown, app)
		}, []string{"descriptor-invalid", "descriptor-invalid", "digest-unsupported"}},
		"indexes in each other": {func(s attic) ocispec.Descriptor {
			d := s.image(starts("linux/386", "/app"), s.layer("app", small386))
			for range manifest.MaxDepth + 1 {
				d = s.index(d)
			}
			return d
		}, []string{"index-nested", "index-nested", "index-nested", "index-nested", "index-too-deep"}},
		"an index in an index": {func(s attic) ocispec.Descriptor {
			return s.index(s.index(s.image(starts("linux/386", "/app"), s.layer("app", small386))))
		}, []string{"index-nested"}},
		"an image called an index": {func(s attic) ocispec.Descriptor {
			d := s.image(starts("linux/386", "/app"), s.layer("app", small386))
			d.MediaType, d.Platform = ocispec.MediaTypeImageIndex, nil
			return s.index(d)
		}, []string{"index-nested", "media-type-mismatch"}},
		"entries with half a platform": {func(s attic) ocispec.Descriptor {
			d := s.image(starts("linux/386", "/app"), s.layer("app", small386))
			var all []ocispec.Descriptor
			for _, p := range []ocispec.Platform{{}, {OS: "linux"}, {Architecture: "386"}} {
				d.Platform = &p
				all = append(all, d)
			}
			return s.index(all...)
		}, []string{"platform-incomplete", "platform-incomplete", "platform-incomplete"}},
		"layers that are not archives": {func(s attic) ocispec.Descriptor {
			encrypted := s.add("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", []byte("secret"))
			nydus := s.add("application/vnd.oci.image.layer.nydus.blob.v1", []byte("blob"))
			return s.image(starts("linux/386", "/app"), s.layer("app", small386), encrypted, nydus)
		}, []string{"layer-not-tar", "layer-not-tar"}},
		"a config with values of other forms": {func(s attic) ocispec.Descriptor {
			layer := s.layer("app", small386)
			raw := fmt.Sprintf(`{"os":"linux","architecture":"386","created":"","config":{"Entrypoint":"/app","User":1000},"rootfs":{"type":"layers","diff_ids":[%q]}}`, digest.FromString("1"))
			m := ocispec.Manifest{
				Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
				Config: s.add(ocispec.MediaTypeImageConfig, []byte(raw)), Layers: []ocispec.Descriptor{layer},
			}
			return s.add(ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(t, m))
		}, []string{"config-value", "config-value", "config-value"}},
		"an index without entries":       {func(s attic) ocispec.Descriptor { return s.index() }, []string{"index-empty"}},
		"an index without entries in it": {func(s attic) ocispec.Descriptor { return s.index(s.index()) }, []string{"index-empty", "index-nested"}},
		"an entry without a platform": {func(s attic) ocispec.Descriptor {
			d := s.image(starts("linux/386", "/app"), s.layer("app", small386))
			d.Platform = nil
			return s.index(d)
		}, []string{"platform-undeclared"}},
		"a config without an architecture": {func(s attic) ocispec.Descriptor {
			config := starts("linux/386", "/app")
			config.Architecture = ""
			return s.image(config, s.layer("app", small386))
		}, []string{"config-platform-open"}},
		"a program that nobody may execute": {func(s attic) ocispec.Descriptor {
			return s.image(starts("linux/386", "/app"), s.layer("app:644", small386))
		}, []string{"entrypoint-not-executable"}},
		"a platform in the words of uname": {func(s attic) ocispec.Descriptor {
			return s.index(s.image(starts("linux/i686", "/app"), s.layer("app", small386)))
		}, []string{"platform-spelling", "platform-spelling"}},
		"a program that runs there too": {func(s attic) ocispec.Descriptor {
			return s.image(starts("linux/amd64", "/app"), s.layer("app", small386))
		}, []string{"binary-compatible"}},
		"a text": {func(s attic) ocispec.Descriptor {
			return s.image(starts("linux/amd64", "/app"), s.layer("app", "echo hello\n"))
		}, []string{"entrypoint-format"}},
		"an empty file": {func(s attic) ocispec.Descriptor {
			return s.image(starts("linux/amd64", "/app"), s.layer("app", ""))
		}, []string{"entrypoint-format"}},
		"a script without its interpreter": {func(s attic) ocispec.Descriptor {
			return s.image(starts("linux/386", "/app"), s.layer("app", "#!/bin/nothing\n"))
		}, []string{"interpreter-missing"}},
		"a shell without what it starts": {func(s attic) ocispec.Descriptor {
			return s.image(starts("linux/386", "/sh", "-c", "nothing"), s.layer("sh", small386))
		}, []string{"command-missing"}},
		"a layer that is not distributed": {func(s attic) ocispec.Descriptor {
			foreign := ocispec.Descriptor{MediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest: digest.FromString("x"), Size: 1}
			return s.image(starts("windows/amd64", "cmd"), foreign, s.layer("Files/x", "x"))
		}, []string{"layer-not-distributed"}},
		"no command": {func(s attic) ocispec.Descriptor {
			return s.image(starts("linux/386"), s.layer("app", small386))
		}, []string{"entrypoint-undeclared"}},
		"an artifact": {func(s attic) ocispec.Descriptor {
			m := ocispec.Manifest{
				Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: "application/x",
				Config: s.add("application/vnd.oci.empty.v1+json", []byte("{}")), Layers: []ocispec.Descriptor{s.add("text/plain", []byte("x"))},
			}
			d := s.add(ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(t, m))
			d.ArtifactType = m.ArtifactType
			return s.index(d)
		}, nil},
		"an artifact without its blob": {func(s attic) ocispec.Descriptor {
			m := ocispec.Manifest{
				Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: "application/x",
				Config: ocispec.Descriptor{MediaType: "application/vnd.oci.empty.v1+json", Digest: digest.FromString("gone"), Size: 2},
				Layers: []ocispec.Descriptor{{MediaType: "text/plain", Digest: digest.FromString("gone too"), Size: 1}},
			}
			return s.index(s.add(ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(t, m)))
		}, []string{"layer-missing", "layer-missing"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newAttic(t)
			v, err := Verify(t.Context(), manifesttest.NewStore(t), []string{s.tagged(tt.make(s))}, Options{})
			if err != nil || v.Err() != nil {
				t.Fatal(err, v.Err())
			}
			var codes []string
			for _, f := range v.Images[0].Findings {
				codes = append(codes, string(f.Code))
				if f.Evidence == "" || !strings.HasPrefix(f.Message, titleOf(f.Code)) {
					t.Errorf("%+v", f)
				}
			}
			slices.Sort(codes)
			if diff := cmp.Diff(tt.want, codes); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%+v", diff, v.Images[0].Findings)
			}
			if v.Summary.Sum() != len(codes) {
				t.Errorf("%+v are counted", v.Summary)
			}
		})
	}
}

func TestVerify_InvalidReference(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	_, err := Verify(t.Context(), manifesttest.NewStore(t), []string{r.Host + "/app:1", "not a reference"}, Options{})
	var input *manifest.InputError
	if !errors.As(err, &input) || len(r.Requests()) > 0 {
		t.Errorf("%v after %q", err, r.Requests())
	}
}

func TestCodes(t *testing.T) {
	seen := map[Code]bool{}
	for _, r := range AllCodes() {
		if seen[r.Code] || r.Title == "" || r.Severity.rank() < 0 || strings.HasSuffix(r.Title, ".") {
			t.Errorf("%+v", r)
		}
		seen[r.Code] = true
		if got, err := ParseCodes([]string{string(r.Code)}); len(got) != 1 || got[0] != r.Code || err != nil {
			t.Errorf("%s: %v", r.Code, err)
		}
	}
	for text, hint := range map[string]string{
		"nothing": "docs/verify.md lists the codes", "Child-Missing": `did you mean "child-missing"?`, "child-mising": `did you mean "child-missing"?`,
	} {
		_, err := ParseCodes([]string{text})
		var input *manifest.InputError
		if !errors.As(err, &input) || input.HintText != hint {
			t.Errorf("%q: %v", text, err)
		}
	}
	got, err := ParseCodes([]string{"child-missing, config-missing", "", "layer-missing"})
	if diff := cmp.Diff([]Code{"child-missing", "config-missing", "layer-missing"}, got); diff != "" || err != nil {
		t.Errorf("a list: %v %s", err, diff)
	}
}

func TestOptions_Jobs(t *testing.T) {
	for jobs, want := range map[int]int{0: 3, 1: 1, 2: 2, 3: 3, 64: 3} {
		if got := (Options{Jobs: jobs}).reads(); got != want {
			t.Errorf("%d jobs read %d layers concurrently, want %d", jobs, got, want)
		}
	}
}
