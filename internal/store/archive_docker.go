package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/tarfile"
)

// dockerArchive implements reading of the archives of docker save. They have no
// manifests: each image gets one, which is always the same for the same archive. With
// an index.json of its own making, such an archive is then read as a layout.
type dockerArchive struct{ archiveReader }

func newDockerArchive(a *archives, warn func(string) error) dockerArchive {
	return dockerArchive{archiveReader{layoutReader{func(ctx context.Context, ref reference.Ref) (layoutFiles, error) {
		return a.openDocker(ctx, ref, warn)
	}}, a}}
}

func (dockerArchive) capabilities() Capabilities { return Capabilities{} }

// dockerLayout is a Docker archive as a layout.
type dockerLayout struct {
	// documents are the manifests and index.json, by name in the layout.
	documents map[string][]byte
	// members are the names in the archive of the other blobs, by name in the layout.
	members map[string]string
	// hasIndex is set if the archive also has an OCI layout with an index, of which
	// manifest.json lists one image.
	hasIndex bool
}

// dockerFiles are the files of a Docker archive as a layout.
type dockerFiles struct {
	*tarfile.File
	layout *dockerLayout
}

// openDocker opens an archive that must have a manifest.json.
func (a *archives) openDocker(ctx context.Context, ref reference.Ref, warn func(string) error) (layoutFiles, error) {
	t, err := a.openTar(ctx, ref)
	if err != nil {
		return nil, err
	}
	made, err := t.Once(ctx, func() (any, error) { return newDockerLayout(ctx, t) })
	layout, _ := made.(*dockerLayout)
	if err != nil {
		err = fmt.Errorf("%s: %w", ref.WithTag(""), err)
	} else if layout.hasIndex {
		err = a.warnOfIndex(ref, warn)
	}
	if err != nil {
		_ = t.Close()
		return nil, err
	}
	return dockerFiles{t, layout}, nil
}

// warnOfIndex warns once that an archive has more than is read of it.
func (a *archives) warnOfIndex(ref reference.Ref, warn func(string) error) error {
	if _, again := a.warned.LoadOrStore(ref.Path, true); again {
		return nil
	}
	return warn(fmt.Sprintf("%s is read as its %s lists it; it also has an index, with other platforms or attestations, which %s%s reads",
		ref.WithTag(""), manifestFile, reference.OCIArchivePrefix, ref.Path))
}

func (d dockerFiles) open(ctx context.Context, name string) (layoutFile, error) {
	if raw, ok := d.layout.documents[name]; ok {
		return documentFile{bytes.NewReader(raw)}, nil
	}
	member, ok := d.layout.members[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return archiveFiles{d.File}.open(ctx, member)
}

func (d dockerFiles) position(name string) (int64, bool) {
	member, ok := d.layout.members[name]
	offset, compressed := archiveFiles{d.File}.position(member)
	return offset, ok && compressed
}

// documentFile is a file in memory.
type documentFile struct{ *bytes.Reader }

func (documentFile) Close() error { return nil }

func (f documentFile) size() (int64, error) { return f.Size(), nil }

func (f documentFile) readPart(part []byte, offset int64) error {
	_, err := f.ReadAt(part, offset)
	return err
}

// newDockerLayout makes the layout of an archive.
func newDockerLayout(ctx context.Context, t *tarfile.File) (*dockerLayout, error) {
	images, err := readDockerImages(ctx, t)
	if err != nil {
		return nil, err
	}
	own, err := readOwnManifests(ctx, t)
	if err != nil {
		return nil, err
	}
	m := &dockerManifests{
		ctx: ctx, tar: t, own: own, layers: map[string]ocispec.Descriptor{}, configs: map[string]dockerConfig{},
		layout: &dockerLayout{documents: map[string][]byte{}, members: map[string]string{}, hasIndex: own.hasIndex},
	}
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{}}
	for _, image := range images {
		desc, err := m.add(image)
		if err != nil {
			return nil, fmt.Errorf("%s: image %s: %w", manifestFile, image.label(), err)
		}
		index.Manifests = append(index.Manifests, image.entries(desc)...)
	}
	raw, err := json.Marshal(index)
	if err != nil {
		return nil, err
	}
	m.layout.documents[ocispec.ImageIndexFile] = raw
	return m.layout, nil
}

// savedImage is an entry of manifest.json.
type savedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// label is the image in an error.
func (i savedImage) label() string {
	if len(i.RepoTags) > 0 {
		return i.RepoTags[0]
	}
	return fmt.Sprintf("with the config %q", i.Config)
}

// entries are the entries of index.json for an image: one for each of its names.
func (i savedImage) entries(desc ocispec.Descriptor) []ocispec.Descriptor {
	var all []ocispec.Descriptor
	for _, name := range i.RepoTags {
		desc.Annotations = map[string]string{annotationImageName: reference.CanonicalName(name)}
		if tag := reference.TagOfName(name); tag != "" {
			desc.Annotations[ocispec.AnnotationRefName] = tag
		}
		all = append(all, desc)
	}
	if len(all) == 0 {
		return []ocispec.Descriptor{desc}
	}
	return all
}

// readDockerImages reads the manifest.json of an archive.
func readDockerImages(ctx context.Context, t *tarfile.File) ([]savedImage, error) {
	raw, err := readBounded(ctx, archiveFiles{t}, manifestFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && hasLayout(t):
		return nil, &archiveError{
			fmt.Errorf("it is not a Docker archive: it has no file %s", manifestFile),
			"it is an OCI archive, which is written oci-archive://FILE",
		}
	case errors.Is(err, fs.ErrNotExist) && t.Has("repositories"):
		return nil, &archiveError{
			fmt.Errorf("it has no file %s: docker save wrote it before Docker 1.10", manifestFile),
			"load it with Docker and save it again",
		}
	case errors.Is(err, fs.ErrNotExist):
		return nil, &archiveError{fmt.Errorf("it is not a Docker archive: it has no file %s", manifestFile), otherArchiveHint}
	case err != nil:
		return nil, err
	}
	var images []savedImage
	if err := json.Unmarshal(raw, &images); err != nil {
		return nil, &archiveError{fmt.Errorf("reading %s: %w", manifestFile, errtext.DecodeError(raw, err)), damagedHint("archive")}
	}
	return images, nil
}

// hashMember computes the digest of a member.
func hashMember(ctx context.Context, t *tarfile.File, name string) (digest.Digest, error) {
	m, err := t.Open(ctx, name)
	if err != nil {
		return "", err
	}
	defer m.Close()
	hash := digest.SHA256.Digester()
	if _, err := io.Copy(hash.Hash(), ctxReader{ctx, m}); err != nil {
		return "", err
	}
	return hash.Digest(), nil
}
