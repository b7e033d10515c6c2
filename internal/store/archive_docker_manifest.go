package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/store/tarfile"
)

// dockerManifests makes the manifests of a Docker archive.
type dockerManifests struct {
	ctx context.Context //nolint:containedctx // it is the life of the work
	tar *tarfile.File
	own ownManifests
	// layers and configs are those that were read, by member.
	layers  map[string]ocispec.Descriptor
	configs map[string]dockerConfig
	layout  *dockerLayout
}

// dockerConfig is what a manifest needs of a config.
type dockerConfig struct {
	desc    ocispec.Descriptor
	diffIDs []digest.Digest
}

// dockerDescriptor and dockerManifest have their fields in the order in which skopeo
// and Docker write them.
type dockerDescriptor struct {
	MediaType string        `json:"mediaType"`
	Size      int64         `json:"size"`
	Digest    digest.Digest `json:"digest"`
}

// dockerManifest is an image manifest of Docker ("Image Manifest Version 2, Schema 2").
type dockerManifest struct {
	SchemaVersion int                `json:"schemaVersion"`
	MediaType     string             `json:"mediaType"`
	Config        dockerDescriptor   `json:"config"`
	Layers        []dockerDescriptor `json:"layers"`
}

// add returns the manifest of an image: that which the archive has for it, or a new
// one. Layers keep the bytes that they have in the archive, so that a layer which is
// not compressed has the digest that the config has for it.
func (m *dockerManifests) add(image savedImage) (ocispec.Descriptor, error) {
	config, err := m.config(image.Config)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	if own, ok := m.own.byConfig[config.desc.Digest]; ok {
		return own, m.addOwn(own)
	}
	if len(image.Layers) != len(config.diffIDs) {
		return ocispec.Descriptor{}, &archiveError{fmt.Errorf("it has %d layers, and its config lists %d", len(image.Layers), len(config.diffIDs)), damagedHint("archive")}
	}
	made := dockerManifest{2, string(types.DockerManifestSchema2), dockerDescriptorOf(config.desc), []dockerDescriptor{}}
	for i, name := range image.Layers {
		layer, err := m.layer(path.Clean(name), config.diffIDs[i])
		if err != nil {
			return ocispec.Descriptor{}, fmt.Errorf("layer %q: %w", name, errtext.WithoutPath(err))
		}
		made.Layers = append(made.Layers, dockerDescriptorOf(layer))
	}
	raw, err := json.Marshal(made)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	desc := ocispec.Descriptor{MediaType: made.MediaType, Digest: digest.FromBytes(raw), Size: int64(len(raw))}
	m.layout.documents[blobPath(desc.Digest)] = raw
	return desc, nil
}

func dockerDescriptorOf(d ocispec.Descriptor) dockerDescriptor {
	return dockerDescriptor{d.MediaType, d.Size, d.Digest}
}

// config reads the config of an image. Most programs name it after its digest.
func (m *dockerManifests) config(name string) (dockerConfig, error) {
	name = path.Clean(name)
	if known, ok := m.configs[name]; ok {
		return known, nil
	}
	raw, err := readBounded(m.ctx, archiveFiles{m.tar}, name)
	if err != nil {
		return dockerConfig{}, missingMember(fmt.Errorf("config %w", err))
	}
	var config struct {
		RootFS struct {
			DiffIDs []digest.Digest `json:"diff_ids"`
		} `json:"rootfs"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		return dockerConfig{}, &archiveError{fmt.Errorf("config %q: %w", name, errtext.DecodeError(raw, err)), damagedHint("archive")}
	}
	d := digest.FromBytes(raw)
	if named := strings.TrimPrefix(strings.TrimSuffix(path.Base(name), ".json"), "sha256:"); d.Validate() == nil && isSHA256(named) && named != d.Encoded() {
		return dockerConfig{}, &archiveError{fmt.Errorf("config %q: its name is another digest than its own, %s", name, d), damagedHint("archive")}
	}
	found := dockerConfig{ocispec.Descriptor{MediaType: string(types.DockerConfigJSON), Digest: d, Size: int64(len(raw))}, config.RootFS.DiffIDs}
	m.configs[name] = found
	m.layout.members[blobPath(d)] = name
	return found, nil
}

func isSHA256(hex string) bool { return digest.Digest("sha256:"+hex).Validate() == nil }

// layer returns the descriptor of a layer. That of one that is not compressed has the
// digest of the config, with which its bytes are compared when they are read.
func (m *dockerManifests) layer(name string, diffID digest.Digest) (ocispec.Descriptor, error) {
	key := name + " " + diffID.String()
	if known, ok := m.layers[key]; ok {
		return known, nil
	}
	size, _, err := m.tar.Stat(name)
	if err != nil {
		return ocispec.Descriptor{}, missingMember(errtext.WithoutPath(err))
	}
	head, err := m.tar.Head(name)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	d := ocispec.Descriptor{MediaType: string(types.DockerUncompressedLayer), Digest: diffID, Size: size}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		d.MediaType = string(types.DockerLayer)
		d.Digest, err = hashMember(m.ctx, m.tar, name)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		err = &archiveError{
			errors.New("it is compressed with zstd, for which Docker's manifests have no media type"),
			"write the image as an OCI archive, as with skopeo copy docker-archive:FILE oci-archive:FILE",
		}
	default:
		err = diffID.Validate()
	}
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	m.layers[key] = d
	m.layout.members[blobPath(d.Digest)] = name
	return d, nil
}

// missingMember makes the error for a member that manifest.json names, and that does
// not exist, one of the archive.
func missingMember(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &archiveError{err, damagedHint("archive")}
	}
	return err
}
