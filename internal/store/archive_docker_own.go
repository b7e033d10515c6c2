package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/store/tarfile"
)

// maxOwnManifests bounds the manifests that are read of the layout in a Docker archive,
// and maxOwnDepth how deep its indexes may be nested.
const (
	maxOwnManifests = 1000
	maxOwnDepth     = 4
)

// ownManifests are the manifests that a Docker archive has, since Docker 25 in an OCI
// layout. They are used instead of new ones: their digests are those of the builder.
type ownManifests struct {
	// byConfig are the descriptors of image manifests by the digest of their config,
	// raw their bytes by digest.
	byConfig map[digest.Digest]ocispec.Descriptor
	raw      map[digest.Digest][]byte
	// hasIndex is set if one of them is in an index.
	hasIndex bool
}

// readOwnManifests reads the manifests of the layout in an archive, if it has one.
func readOwnManifests(ctx context.Context, t *tarfile.File) (ownManifests, error) {
	own := ownManifests{byConfig: map[digest.Digest]ocispec.Descriptor{}, raw: map[digest.Digest][]byte{}}
	if !hasLayout(t) {
		return own, nil
	}
	index, err := readIndex(ctx, archiveFiles{t})
	if err != nil {
		return own, err
	}
	return own, own.read(manifestsOf(ctx, archiveFiles{t}), index.Manifests, 1)
}

// read reads manifests, and those of indexes. Many are missing: Docker saves the
// platforms that it has.
func (o *ownManifests) read(read blobReader, descs []ocispec.Descriptor, depth int) error {
	for _, d := range descs {
		if _, again := o.raw[d.Digest]; again || len(o.raw) >= maxOwnManifests {
			continue
		}
		raw, err := read(d.Digest)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var doc struct {
			Config    ocispec.Descriptor   `json:"config"`
			Manifests []ocispec.Descriptor `json:"manifests"`
		}
		if err == nil {
			_, err = newDocument(d.MediaType, raw, d.Digest)
		}
		if err == nil {
			err = json.Unmarshal(raw, &doc)
		}
		if err != nil {
			return fmt.Errorf("manifest %s: %w", d.Digest, err)
		}
		o.raw[d.Digest] = raw
		if types.MediaType(d.MediaType).IsIndex() {
			o.hasIndex = true
			if depth < maxOwnDepth {
				err = o.read(read, doc.Manifests, depth+1)
			}
		} else if _, again := o.byConfig[doc.Config.Digest]; !again {
			o.byConfig[doc.Config.Digest] = ocispec.Descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: int64(len(raw))}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addOwn adds a manifest of the archive, and its layers, which are blobs of the layout
// there. One that is missing is reported when it is read.
func (m *dockerManifests) addOwn(desc ocispec.Descriptor) error {
	var doc ocispec.Manifest
	raw := m.own.raw[desc.Digest]
	if err := json.Unmarshal(raw, &doc); err != nil {
		return err
	}
	m.layout.documents[blobPath(desc.Digest)] = raw
	for _, d := range doc.Layers {
		if err := d.Digest.Validate(); err != nil {
			return fmt.Errorf("layer %q: %w", d.Digest, err)
		}
		if name := blobPath(d.Digest); m.tar.Has(name) {
			m.layout.members[name] = name
		}
	}
	return nil
}
