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

// parseIndex reads the bytes of an index or Docker list.
func ParseIndex(raw []byte) (ocispec.Index, error) {
	var index ocispec.Index
	if err := json.Unmarshal(raw, &index); err != nil {
		return index, fmt.Errorf("reading the index: %w", errtext.DecodeError(raw, err))
	}
	if len(index.Manifests) > MaxEntries {
		return index, fmt.Errorf("the index has %d entries, the limit is %d", len(index.Manifests), MaxEntries)
	}
	for i, d := range index.Manifests {
		if err := ValidateDescriptor(d); err != nil && !HasUnknownDigest(d) {
			return index, fmt.Errorf("entry %d of the index: %w", i+1, err)
		}
	}
	return index, nil
}

// parseManifest reads the bytes of an image manifest.
func ParseManifest(raw []byte) (ocispec.Manifest, error) {
	var m ocispec.Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("reading the manifest: %w", errtext.DecodeError(raw, err))
	}
	for i, d := range m.Layers {
		if err := ValidateDescriptor(d); err != nil && !HasUnknownDigest(d) {
			return m, fmt.Errorf("layer %d of the manifest: %w", i+1, err)
		}
	}
	return m, nil
}

// maxData bounds the bytes that a descriptor may embed.
const MaxData = 64 << 10

// validateDescriptor refuses a descriptor that cannot be true.
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

// hasUnknownDigest reports whether a digest is of an algorithm this tool does not
// know: it can be shown, but not followed.
func HasUnknownDigest(d ocispec.Descriptor) bool {
	return errors.Is(d.Digest.Validate(), digest.ErrDigestUnsupported)
}

// getChild fetches what an entry points at. The entry's size and media type must
// be those of the bytes: an index that lies about them fails on some runtimes.
func GetChild(ctx context.Context, r Reader, parent reference.Ref, d ocispec.Descriptor) (store.Document, error) {
	o, err := r.Get(ctx, parent.WithDigest(d.Digest))
	if err == nil {
		err = CheckMatchesEntry(o, d)
	}
	return o, err
}

// entryError says which entry of which index could not be read.
func EntryError(ref reference.Ref, d ocispec.Descriptor, err error) error {
	return fmt.Errorf("reading entry %s of %s: %w", d.Digest, ref, err)
}

// checkMatchesEntry compares a manifest with an entry that names it.
func CheckMatchesEntry(o store.Document, d ocispec.Descriptor) error {
	if o.Descriptor.Size != d.Size {
		return fmt.Errorf("%s is %d bytes long, its entry says %d", d.Digest, o.Descriptor.Size, d.Size)
	}
	if o.Descriptor.MediaType != d.MediaType {
		return fmt.Errorf("%s is of type %s, its entry says %s", d.Digest, o.Descriptor.MediaType, d.MediaType)
	}
	return nil
}

// readConfig reads the config of an image manifest, parsed and as bytes.
func ReadConfig(ctx context.Context, r Reader, ref reference.Ref, m ocispec.Manifest) (config ocispec.Image, raw []byte, err error) {
	if err := ValidateDescriptor(m.Config); err != nil {
		return config, nil, fmt.Errorf("config of %s: %w", ref, err)
	}
	if raw, err = r.ReadBlob(ctx, ref, m.Config); err != nil {
		return config, nil, err
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		return config, nil, fmt.Errorf("reading the config of %s: %w", ref, errtext.DecodeError(raw, err))
	}
	return config, raw, nil
}
