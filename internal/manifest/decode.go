package manifest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// ParseIndex parses an OCI index or Docker manifest list. An index with more
// than MaxEntries entries, and one with an invalid descriptor, is an error; an
// entry with an unsupported digest algorithm is not.
func ParseIndex(raw []byte) (ocispec.Index, error) {
	var index ocispec.Index
	if err := json.Unmarshal(raw, &index); err != nil {
		return index, fmt.Errorf("reading the index: %w", errtext.DecodeError(raw, err))
	}
	if len(index.Manifests) > MaxEntries {
		return index, fmt.Errorf("the index has %d entries, the limit is %d", len(index.Manifests), MaxEntries)
	}
	for i, d := range index.Manifests {
		if err := ValidateDescriptor(d); err != nil && !HasUnsupportedDigest(d) {
			return index, fmt.Errorf("entry %d of the index: %w", i+1, err)
		}
	}
	return index, nil
}

// ParseManifest parses an image manifest. A manifest with an invalid layer
// descriptor is an error; its config's descriptor is checked by ReadConfig.
func ParseManifest(raw []byte) (ocispec.Manifest, error) {
	var m ocispec.Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("reading the manifest: %w", errtext.DecodeError(raw, err))
	}
	for i, d := range m.Layers {
		if err := ValidateDescriptor(d); err != nil && !HasUnsupportedDigest(d) {
			return m, fmt.Errorf("layer %d of the manifest: %w", i+1, err)
		}
	}
	return m, nil
}

// MaxData limits the bytes that a descriptor may embed.
const MaxData = 64 << 10

// ValidateDescriptor returns an error for a descriptor that no content can
// match: a malformed or unsupported digest, a negative size, or embedded data
// that differs from digest or size (image-spec, "Embedded Content").
func ValidateDescriptor(d ocispec.Descriptor) error {
	if err := d.Digest.Validate(); err != nil {
		return fmt.Errorf("digest %q: %w", d.Digest, err)
	}
	switch {
	case d.Size < 0:
		return fmt.Errorf("%s has the size %d", d.Digest, d.Size)
	case len(d.Data) > MaxData:
		return fmt.Errorf("%s embeds %d bytes, the limit is %d", d.Digest, len(d.Data), MaxData)
	case d.Data != nil && (int64(len(d.Data)) != d.Size || d.Digest.Algorithm().FromBytes(d.Data) != d.Digest):
		return fmt.Errorf("%s embeds other bytes than its own", d.Digest)
	}
	return nil
}

// HasUnsupportedDigest reports whether the digest algorithm is unsupported: such
// an entry can be shown, but not fetched.
func HasUnsupportedDigest(d ocispec.Descriptor) bool {
	return errors.Is(d.Digest.Validate(), digest.ErrDigestUnsupported)
}

// FetchChild fetches the manifest that an entry of an index in parent's
// repository names. The error is that of Reader.Get or CheckMatchesEntry.
func FetchChild(ctx context.Context, r Reader, parent reference.Ref, d ocispec.Descriptor) (store.Document, error) {
	o, err := r.Get(ctx, parent.WithDigest(d.Digest))
	if err == nil {
		err = CheckMatchesEntry(o, d)
	}
	return o, err
}

// EntryError wraps an error with the entry of ref that it is about.
func EntryError(ref reference.Ref, d ocispec.Descriptor, err error) error {
	return fmt.Errorf("reading entry %s of %s: %w", d.Digest, ref, err)
}

// CheckMatchesEntry returns an error if the size or media type of a manifest
// differs from its entry: some runtimes reject such an index.
func CheckMatchesEntry(o store.Document, d ocispec.Descriptor) error {
	if o.Descriptor.Size != d.Size {
		return fmt.Errorf("%s is %d bytes long, its entry says %d", d.Digest, o.Descriptor.Size, d.Size)
	}
	if o.Descriptor.MediaType != d.MediaType {
		return fmt.Errorf("%s is of type %s, its entry says %s", d.Digest, o.Descriptor.MediaType, d.MediaType)
	}
	return nil
}
