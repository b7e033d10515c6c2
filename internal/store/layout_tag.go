package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/atomicfile"
)

// tag names a manifest in index.json; a name of another manifest moves. If every
// name is correct already, nothing is written.
func (l layout) tag(ctx context.Context, ref reference.Ref, tags []string, desc ocispec.Descriptor, expected *digest.Digest) error {
	root, err := openLayout(ref)
	if err != nil {
		return err
	}
	defer root.Close()
	marker, err := root.Open(ocispec.ImageLayoutFile)
	if err != nil {
		return err
	}
	defer marker.Close()
	if err := atomicfile.Lock(ctx, marker); err != nil {
		return err
	}
	if err := l.checkExpected(ctx, ref, expected); err != nil {
		return err
	}
	index, err := readIndex(root)
	if errors.Is(err, fs.ErrNotExist) {
		index = ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	} else if err != nil {
		return err
	}
	moved := slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return hasTag(index, tag, desc) })
	if len(moved) == 0 {
		return nil
	}
	for _, tag := range moved {
		index = setTag(index, tag, desc)
	}
	raw, err := json.Marshal(index)
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(ref.Path, ocispec.ImageIndexFile), bytes.NewReader(raw))
}

// checkExpected compares the digest of a tag with the expected one: nil is any, ""
// is no such tag.
func (l layout) checkExpected(ctx context.Context, ref reference.Ref, expected *digest.Digest) error {
	if expected == nil {
		return nil
	}
	now, err := l.get(ctx, ref)
	if errors.Is(err, ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil && now.Descriptor.Digest != *expected {
		err = &TagMismatchError{Have: now.Descriptor.Digest}
	}
	return err
}

// hasTag reports whether a tag names a manifest, and only that one.
func hasTag(index ocispec.Index, tag string, desc ocispec.Descriptor) bool {
	is := false
	for _, d := range index.Manifests {
		switch {
		case refName(d) != tag:
		case d.Digest != desc.Digest || d.Size != desc.Size || d.MediaType != desc.MediaType:
			return false
		default:
			is = true
		}
	}
	return is
}

// setTag returns an index.json in which a tag names a manifest, and only that one.
func setTag(index ocispec.Index, tag string, desc ocispec.Descriptor) ocispec.Index {
	kept := []ocispec.Descriptor{}
	for _, d := range index.Manifests {
		if refName(d) != tag {
			kept = append(kept, d)
		}
	}
	desc.Annotations = map[string]string{ocispec.AnnotationRefName: tag}
	index.Manifests = append(kept, desc)
	return index
}
