package manifest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Root is the document that a reference names, with the reference.
type Root struct {
	Ref reference.Ref
	store.Document
	// Config is the config of a single image, set by Entries.
	Config []byte
}

// ParseReference parses the reference of something to read. A reference without
// tag and digest gets the default tag, of a layout only if it has several images; it
// is an InputError if that is "". Other errors are InputErrors too.
func ParseReference(name, defaultTag string) (reference.Ref, error) {
	ref, err := reference.Parse(name)
	if err != nil {
		return ref, &InputError{Err: fmt.Errorf("error parsing image reference: %w", err)}
	}
	if err := ref.RequireTagOrDigest(); err != nil {
		if defaultTag == "" {
			return ref, &InputError{Err: err}
		}
		ref = ref.WithTag(defaultTag)
	}
	ref.DefaultTag = defaultTag
	return ref, nil
}

// Fetch fetches the document that ref names, of any media type.
func Fetch(ctx context.Context, r Reader, ref reference.Ref) (store.Document, error) {
	o, err := r.Get(ctx, ref)
	if errors.Is(err, store.ErrNotFound) && !errors.Is(err, fs.ErrNotExist) && ref.Digest != "" {
		err = fmt.Errorf("%w: a digest must be that of an index or a manifest, not of a layer or a config", err)
	}
	if err != nil {
		return o, fmt.Errorf("error fetching image descriptor: %w", err)
	}
	return o, nil
}

// FetchRoot fetches the index or image that ref names. Other media types are an
// error.
func FetchRoot(ctx context.Context, r Reader, ref reference.Ref) (Root, error) {
	o, err := Fetch(ctx, r, ref)
	if err != nil {
		return Root{}, err
	}
	if t := o.Descriptor.MediaType; !IsIndex(t) && !IsImage(t) {
		return Root{}, fmt.Errorf("%s is of type %s, which is neither an index nor an image", ref, t)
	}
	return Root{Ref: ref, Document: o}, nil
}

// Entries returns the entries of an index. A single image has one entry: its own
// descriptor, with the platform of its config, which costs one request.
func (n *Root) Entries(ctx context.Context, r Reader) ([]ocispec.Descriptor, error) {
	if IsIndex(n.Descriptor.MediaType) {
		index, err := ParseIndex(n.Raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.Ref, err)
		}
		return index.Manifests, nil
	}
	entry := n.Descriptor
	var err error
	entry.Platform, n.Config, err = ReadConfigPlatform(ctx, r, n.Ref, n.Document)
	return []ocispec.Descriptor{entry}, err
}

// ReadConfigPlatform fetches the config of an image manifest of ref and returns
// its platform and its bytes. The platform is nil if the config has none; the
// config of an artifact, which may be anything, is not read. Unexpected values
// in other fields are reported to r.
func ReadConfigPlatform(ctx context.Context, r Reader, ref reference.Ref, o store.Document) (*platform.Platform, []byte, error) {
	m, err := ParseManifest(o.Raw)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", ref, err)
	}
	if !IsConfig(m.Config.MediaType) {
		return nil, nil, nil
	}
	config, err := ReadConfig(ctx, r, ref, m)
	if err == nil {
		err = config.WarnUnexpected(r, ref)
	}
	if err != nil || config.OS == "" && config.Architecture == "" {
		return nil, config.Raw, err
	}
	return &config.Platform, config.Raw, nil
}

// FormatPlatform returns a platform as os/arch[/variant][:os.version], "" for
// nil.
func FormatPlatform(p *platform.Platform) string {
	if p == nil {
		return ""
	}
	return platform.Format(*p)
}
