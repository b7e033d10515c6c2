package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// savedArchive is a Docker archive of one image under names, written with this JSON.
func savedArchive(t *testing.T, name, manifest string, files map[string]string) reference.Ref {
	t.Helper()
	files["manifest.json"] = manifest
	return ref(t, newStore(t), "docker-archive://"+packed(t, name, files), false)
}

const dockerConfigFormat = `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["LAYER"]}}`

func TestADockerArchiveHasOneManifestForAnImage(t *testing.T) {
	layer := strings.Repeat("layer", 1<<17)
	config := strings.Replace(dockerConfigFormat, "LAYER", string(digest.FromString(layer)), 1)
	hex := digest.FromString(config).Encoded()
	// The bytes are those of skopeo copy docker-archive:FILE dir:DIR, except that
	// skopeo calls the layer compressed.
	want := `{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":151,"digest":"sha256:` + hex +
		`"},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar","size":655360,"digest":"` + string(digest.FromString(layer)) + `"}]}`
	for name, tt := range map[string]struct {
		manifest string
		files    map[string]string
	}{
		"old.tar":      {`[{"Config":"` + hex + `.json","RepoTags":["app:1","x/app:2"],"Layers":["id/layer.tar"]}]`, map[string]string{hex + ".json": config, "id/layer.tar": layer}},
		"link.tar.gz":  {`[{"Config":"config.json","RepoTags":["app:1","x/app:2"],"Layers":["./id/layer.tar"]}]`, map[string]string{"config.json": config, "id/layer.tar": "-> ../l.tar", "l.tar": layer}},
		"blobs.tar":    {`[{"Config":"blobs/sha256/` + hex + `","RepoTags":["app:1","x/app:2"],"Layers":["blobs/sha256/x"]}]`, map[string]string{"blobs/sha256/" + hex: config, "blobs/sha256/x": layer}},
		"twice.tar":    {`[{"Config":"config.json","RepoTags":["app:1"],"Layers":["l"]},{"Config":"config.json","RepoTags":["x/app:2"],"Layers":["l"]}]`, map[string]string{"config.json": config, "l": layer}},
		"long.tar.zst": {`[{"Config":"sha256:` + hex + `","RepoTags":["app:1","x/app:2"],"Layers":["l"],"LayerSources":{}}]`, map[string]string{"sha256:" + hex: config, "l": layer}},
	} {
		t.Run(name, func(t *testing.T) {
			s, at := newStore(t), savedArchive(t, name, tt.manifest, tt.files)
			for _, one := range []string{"", ":1", ":2", ":docker.io/library/app:1", ":docker.io/x/app:2", "@" + string(digest.FromString(want))} {
				got, err := s.Get(t.Context(), ref(t, s, at.String()+one, false))
				if diff := cmp.Diff(want, string(got.Raw)); err != nil || diff != "" {
					t.Errorf("%q: %v\n%s", one, err, diff)
				}
			}
			tags, err := s.Tags(t.Context(), at)
			if err != nil || !slices.Equal(sorted(tags), []string{"1", "2"}) {
				t.Errorf("tags %q, %v", tags, err)
			}
			checkBlob(t, s, at, objectOf("", layer))
			checkConfig := descriptorOf("", []byte(config))
			if got, err := s.ReadBlob(t.Context(), at, checkConfig); err != nil || string(got) != config {
				t.Errorf("config %q, %v", got, err)
			}
			if _, err := s.Get(t.Context(), at.WithTag("3")); !errors.Is(err, ErrNotFound) {
				t.Errorf("a tag that does not exist: %v", err)
			}
		})
	}
}

// TestACompressedLayerKeepsItsBytes is about archives of kaniko, ko and crane.
func TestACompressedLayerKeepsItsBytes(t *testing.T) {
	plain := strings.Repeat("layer", 1<<15)
	layer := string(compressed(t, ".gz", []byte(plain)))
	config := strings.Replace(dockerConfigFormat, "LAYER", string(digest.FromString(plain)), 1)
	s, at := newStore(t), savedArchive(t, "a.tar.gz", `[{"Config":"c","RepoTags":["app:1"],"Layers":["x.tar.gz"]}]`, map[string]string{"c": config, "x.tar.gz": layer})
	o, err := s.Get(t.Context(), at)
	want := descriptorOf("application/vnd.docker.image.rootfs.diff.tar.gzip", []byte(layer))
	if err != nil || !strings.Contains(string(o.Raw), string(want.Digest)) || !strings.Contains(string(o.Raw), want.MediaType+`"`) {
		t.Errorf("manifest %s, %v", o.Raw, err)
	}
	if got, err := s.ReadBlob(t.Context(), at, want); err != nil || string(got) != layer {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestDockerUsesTheManifestsOfTheArchive is about Docker since version 25, which saves
// an OCI layout as well.
func TestDockerUsesTheManifestsOfTheArchive(t *testing.T) {
	s, layer := newStore(t), "layer"
	config := strings.Replace(dockerConfigFormat, "LAYER", string(digest.FromString(layer)), 1)
	image := objectOf(ocispec.MediaTypeImageManifest, `{"schemaVersion":2,"mediaType":"`+ocispec.MediaTypeImageManifest+`","config":{"mediaType":"`+ocispec.MediaTypeImageConfig+
		`","digest":"`+string(digest.FromString(config))+`","size":151},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"`+string(digest.FromString(layer))+`","size":5}]}`)
	dir := layoutIn(t, s, image)
	for _, blob := range []string{config, layer} {
		if err := s.Put(t.Context(), dir.WithDigest(digest.FromString(blob)), objectOf("", blob)); err != nil {
			t.Fatal(err)
		}
	}
	path := func(text string) string { return "blobs/sha256/" + digest.FromString(text).Encoded() }
	manifest := `[{"Config":"` + path(config) + `","RepoTags":["app:1"],"Layers":["` + path(layer) + `"]}]`
	at := savedArchive(t, "a.tar", manifest, filesOf(t, dir.Path))
	if got, err := s.Get(t.Context(), at); err != nil || got.Descriptor.Digest != image.Descriptor.Digest {
		t.Errorf("got %s, %v", got.Raw, err)
	}
	if got, err := s.ReadBlob(t.Context(), at, descriptorOf("", []byte(layer))); err != nil || string(got) != layer {
		t.Errorf("layer %q, %v", got, err)
	}

	// In an index, of which Docker has saved one platform.
	index := objectOf(ocispec.MediaTypeImageIndex, `{"schemaVersion":2,"mediaType":"`+ocispec.MediaTypeImageIndex+`","manifests":[{"mediaType":"`+ocispec.MediaTypeImageManifest+
		`","digest":"`+string(image.Descriptor.Digest)+`","size":1},{"mediaType":"`+ocispec.MediaTypeImageManifest+`","digest":"`+string(digest.FromString("other"))+`","size":1}]}`)
	if err := s.Put(t.Context(), dir, index); err != nil {
		t.Fatal(err)
	}
	files := filesOf(t, dir.Path)
	files["manifest.json"] = manifest
	var warnings []string
	s = newStoreWith(t, transport.Options{Warn: func(m string) { warnings = append(warnings, m) }})
	both := packed(t, "b.tar", files)
	for range 2 {
		if got, err := s.Get(t.Context(), ref(t, s, "docker-archive://"+both, false)); err != nil || got.Descriptor.Digest != image.Descriptor.Digest {
			t.Errorf("got %s, %v", got.Raw, err)
		}
	}
	if got, err := s.Get(t.Context(), ref(t, s, "oci-archive://"+both+":1", false)); err != nil || got.Descriptor.Digest != index.Descriptor.Digest {
		t.Errorf("got %s, %v", got.Raw, err)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "it also has an index") {
		t.Errorf("warnings %q", warnings)
	}
}
