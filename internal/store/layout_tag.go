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

	"manifest-tool/internal/jsonedit"
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
	raw, err := retag(ctx, dirFiles{root}, tags, desc)
	if err != nil || raw == nil {
		return err
	}
	return atomicfile.Write(filepath.Join(ref.Path, ocispec.ImageIndexFile), bytes.NewReader(raw))
}

// retag returns the text of an index.json in which all tags name a manifest, nil if it
// is so already. Without an index.json, it is a new one.
func retag(ctx context.Context, files layoutFiles, tags []string, desc ocispec.Descriptor) ([]byte, error) {
	var index layoutIndex
	err := fs.ErrNotExist
	if files != nil {
		index, err = readIndex(ctx, files)
	}
	if errors.Is(err, fs.ErrNotExist) {
		index.Index = ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	} else if err != nil {
		return nil, err
	}
	moved := slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return hasTag(index, tag, desc) })
	if len(moved) == 0 {
		return nil, nil
	}
	for _, tag := range moved {
		if index, err = setTag(index, tag, desc); err != nil {
			return nil, err
		}
	}
	return index.bytes()
}

// checkExpected compares the digest of a tag with the expected one: nil is any, ""
// is no such tag.
func (l layoutReader) checkExpected(ctx context.Context, ref reference.Ref, expected *digest.Digest) error {
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
func hasTag(index layoutIndex, tag string, desc ocispec.Descriptor) bool {
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
// An image that had the tag and has no other name stays in it without a tag.
func setTag(index layoutIndex, tag string, desc ocispec.Descriptor) (layoutIndex, error) {
	desc.Annotations = map[string]string{ocispec.AnnotationRefName: tag}
	text, err := json.Marshal(desc)
	if err != nil {
		return index, err
	}
	named := layoutEntry{desc, text}
	holders := distinct(index.matching(func(d ocispec.Descriptor) bool { return refName(d) == tag }))
	var kept []layoutEntry
	for _, e := range index.entries {
		if refName(e.Descriptor) == tag {
			if e, err = untag(e, len(holders) == 1); err != nil {
				return index, err
			}
			if len(imageNames(e.Descriptor)) == 0 && index.hasOther(e.Digest, tag, desc.Digest) {
				continue
			}
		}
		kept = append(kept, e)
	}
	index.entries = append(kept, named)
	index.Manifests = nil
	for _, e := range index.entries {
		index.Manifests = append(index.Manifests, e.Descriptor)
	}
	return index, nil
}

// hasOther reports whether a manifest keeps an entry when a tag moves to another one.
func (x layoutIndex) hasOther(d digest.Digest, tag string, to digest.Digest) bool {
	return d == to || slices.ContainsFunc(x.Manifests, func(o ocispec.Descriptor) bool { return o.Digest == d && refName(o) != tag })
}

// untag removes the tag of an entry. If several images have the tag, their full
// names remain: these are what distinguishes them.
func untag(e layoutEntry, withFullName bool) (layoutEntry, error) {
	removed := []string{ocispec.AnnotationRefName}
	if withFullName {
		removed = append(removed, annotationImageName)
	}
	var err error
	for _, name := range removed {
		if e.text, err = jsonedit.Remove(e.text, "annotations", name); err != nil {
			return e, err
		}
	}
	e.Descriptor = ocispec.Descriptor{}
	if err := json.Unmarshal(e.text, &e.Descriptor); err != nil {
		return e, err
	}
	switch {
	case refName(e.Descriptor) != "": // the key has another spelling, which Go accepts
		delete(e.Annotations, ocispec.AnnotationRefName)
		e.text, err = json.Marshal(e.Descriptor)
	case len(e.Annotations) == 0:
		e.text, err = jsonedit.Remove(e.text, "annotations")
	}
	return e, err
}
