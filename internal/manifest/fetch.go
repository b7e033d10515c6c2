package manifest

import (
	"context"
	"errors"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// fetchedRef is what the user named, fetched.
type NamedDocument struct {
	Ref reference.Ref
	store.Document
	// config is that of a single image, once entries has read it.
	Config []byte
}

// parseReference reads a reference that is to be read; tag is the one it gets when
// it has neither tag nor digest, "" when that is bad input.
func ParseReference(name, tag string) (reference.Ref, error) {
	ref, err := reference.Parse(name)
	if err != nil {
		return ref, &InputError{Err: fmt.Errorf("error parsing image reference: %w", err)}
	}
	if err := ref.RequireTagOrDigest(); err != nil {
		if tag == "" {
			return ref, &InputError{Err: err}
		}
		ref = ref.WithTag(tag)
	}
	return ref, nil
}

// getManifest fetches what the user named, of whatever type it is.
func GetManifest(ctx context.Context, r Reader, ref reference.Ref) (store.Document, error) {
	o, err := r.Get(ctx, ref)
	if errors.Is(err, store.ErrNotFound) && ref.Digest != "" {
		err = fmt.Errorf("%w: a digest must be that of an index or of a manifest, a layer's or a config's is none", err)
	}
	if err != nil {
		return o, fmt.Errorf("error fetching image descriptor: %w", err)
	}
	return o, nil
}

// fetchImageOrIndex is getManifest for an index or an image manifest; anything else is an
// error.
func FetchImageOrIndex(ctx context.Context, r Reader, ref reference.Ref) (NamedDocument, error) {
	o, err := GetManifest(ctx, r, ref)
	if err != nil {
		return NamedDocument{}, err
	}
	if t := o.Descriptor.MediaType; !IsIndex(t) && !IsImage(t) {
		return NamedDocument{}, fmt.Errorf("%s is of type %s, which is neither an index nor an image", ref, t)
	}
	return NamedDocument{Ref: ref, Document: o}, nil
}

// entries returns the entries of an index. A single image is its own only
// entry, with the platform its config names: one more request.
func (n *NamedDocument) Entries(ctx context.Context, r Reader) ([]ocispec.Descriptor, error) {
	if IsIndex(n.Descriptor.MediaType) {
		index, err := ParseIndex(n.Raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.Ref, err)
		}
		return index.Manifests, nil
	}
	entry := n.Descriptor
	var err error
	entry.Platform, n.Config, err = ConfiguredPlatform(ctx, r, n.Ref, n.Document)
	return []ocispec.Descriptor{entry}, err
}

// configuredPlatform reads the platform that the config of an image manifest
// names, and the config. The platform is nil where there is none: an artifact
// has no platform, and its config, which may be anything, is not read.
func ConfiguredPlatform(ctx context.Context, r Reader, ref reference.Ref, o store.Document) (*platform.Platform, []byte, error) {
	m, err := ParseManifest(o.Raw)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", ref, err)
	}
	if !IsConfig(m.Config.MediaType) {
		return nil, nil, nil
	}
	config, raw, err := ReadConfig(ctx, r, ref, m)
	if err != nil || config.OS == "" && config.Architecture == "" {
		return nil, raw, err
	}
	return &config.Platform, raw, nil
}

// formatPlatform writes a platform as text, "" for none.
func FormatPlatform(p *platform.Platform) string {
	if p == nil {
		return ""
	}
	return platform.Format(*p)
}
