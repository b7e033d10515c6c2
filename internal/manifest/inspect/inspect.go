// Package inspect reads what references name and describes it: Inspect an index
// or image with all its children, Fetch a single document, Query the platforms
// of many images, and ListTags the tags of a repository. It reads through a
// manifest.Reader; its results are the schemas inspect/v1, query/v1 and tags/v1
// of docs/output.
package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/selection"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Options are the choices of Inspect.
type Options struct {
	// Platform, if set, reduces an index to the entry that a node of that
	// platform pulls; only that one is read.
	Platform *platform.Platform
	// Configs reads the config of every image of an index too.
	Configs bool
	// Referrers looks for signatures, attestations and SBOMs that
	// belong to what is inspected.
	Referrers bool
}

// Inspect fetches what ref names: an index with all its children, also those
// of nested indexes, or an image with its config. Missing children are marked as
// such; any other failure is an error. name is the reference as the user typed
// it. If no entry is for the platform of o, the error is a *NoMatchError.
func Inspect(ctx context.Context, r manifest.Reader, name string, o Options) (Inspection, error) {
	ref, root, err := fetch(ctx, r, name)
	if err != nil {
		return Inspection{}, err
	}
	in := Inspection{Name: name, Descriptor: root.Descriptor, Raw: root.Raw}
	switch {
	case manifest.IsIndex(root.Descriptor.MediaType):
		in.Index, err = inspectIndex(ctx, r, ref, root.Raw, o)
	case manifest.IsImage(root.Descriptor.MediaType):
		in.Image, err = inspectImage(ctx, r, ref, root.Raw, o)
	default:
		err = errtext.WithHint(fmt.Errorf("%s has the type %s, which is neither an image nor an index", ref, root.Descriptor.MediaType),
			"check the name and the tag")
	}
	if err == nil && o.Referrers {
		in.Referrers, err = findReferrers(ctx, r, ref.WithDigest(in.subject(o)))
	}
	return in, err
}

// subject returns the digest whose referrers are requested: that of the
// document, or of the entry that Platform selects.
func (in Inspection) subject(o Options) digest.Digest {
	d := in.Descriptor.Digest
	for x := in.Index; x != nil && o.Platform != nil; {
		chosen := slices.IndexFunc(x.Entries, func(e manifest.Entry) bool { return !e.Filtered })
		d, x = x.Entries[chosen].Descriptor.Digest, x.Entries[chosen].Index
	}
	return d
}

// Fetch reads the one document that name means, or with a platform the entry
// for it. The error is a *NoMatchError if there is no such entry, and an
// *UnusableManifestError if its manifest is missing or is not as the entry says.
func Fetch(ctx context.Context, r manifest.Reader, name string, want *platform.Platform) (store.Document, error) {
	ref, root, err := fetch(ctx, r, name)
	if err != nil || want == nil {
		return root, err
	}
	if !manifest.IsIndex(root.Descriptor.MediaType) {
		_, err := inspectImage(ctx, r, ref, root.Raw, Options{Platform: want})
		return root, err
	}
	index, err := manifest.ParseIndex(root.Raw)
	if err != nil {
		return store.Document{}, fmt.Errorf("%s: %w", ref, err)
	}
	path, err := choose(ctx, manifest.CacheManifests(r), ref, index.Manifests, *want, false)
	if err != nil {
		return store.Document{}, err
	}
	return fetchChosen(ctx, r, ref, path[len(path)-1])
}

// fetchChosen fetches the manifest of the entry that was chosen.
func fetchChosen(ctx context.Context, r manifest.Reader, ref reference.Ref, chosen selection.Candidate) (store.Document, error) {
	d := ocispec.Descriptor{MediaType: chosen.MediaType, Digest: chosen.Digest, Size: chosen.Size}
	o, err := r.Get(ctx, ref.WithDigest(d.Digest))
	if err == nil {
		if err := manifest.CheckMatchesEntry(o, d); err != nil {
			return store.Document{}, &UnusableManifestError{manifest.EntryError(ref, d, err)}
		}
		return o, nil
	}
	err = manifest.EntryError(ref, d, err)
	if errors.Is(err, store.ErrNotFound) {
		err = &UnusableManifestError{err}
	}
	return store.Document{}, err
}

func fetch(ctx context.Context, r manifest.Reader, name string) (reference.Ref, store.Document, error) {
	ref, err := manifest.ParseReference(name, "")
	if err != nil {
		return ref, store.Document{}, err
	}
	r.Announce(ref, false)
	o, err := manifest.Fetch(ctx, r, ref)
	return ref, o, err
}

func inspectIndex(ctx context.Context, r manifest.Reader, ref reference.Ref, raw []byte, o Options) (*manifest.Index, error) {
	parsed, err := manifest.ParseIndex(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	index := newIndex(parsed)
	if o.Platform == nil {
		return index, fillEntries(ctx, r, ref, index, nil, o.Configs)
	}
	r = manifest.CacheManifests(r)
	path, err := choose(ctx, r, ref, parsed.Manifests, *o.Platform, false)
	if err != nil {
		return nil, err
	}
	return index, fillEntries(ctx, r, ref, index, path, o.Configs)
}

// inspectImage reads an image's config. The config of an artifact may be
// anything, and need not be JSON; an artifact is for no platform.
func inspectImage(ctx context.Context, r manifest.Reader, ref reference.Ref, raw []byte, o Options) (*manifest.Image, error) {
	m, err := manifest.ParseManifest(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	image := &manifest.Image{Manifest: m}
	if manifest.IsArtifact(m) {
		image.Config, err = artifactConfig(ctx, r, ref, m)
	} else {
		image.Config, err = readConfig(ctx, r, ref, m)
	}
	if err != nil || o.Platform == nil {
		return image, err
	}
	entry := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest}
	if p := image.Config.Platform; manifest.IsConfig(m.Config.MediaType) && p.OS+p.Architecture != "" {
		entry.Platform = &p
	}
	_, err = choose(ctx, r, ref, []ocispec.Descriptor{entry}, *o.Platform, true)
	return image, err
}

// readConfig reads the config of an image; unexpected values in it are reported.
func readConfig(ctx context.Context, r manifest.Reader, ref reference.Ref, m ocispec.Manifest) (ocispec.Image, error) {
	config, err := manifest.ReadConfig(ctx, r, ref, m)
	if err == nil {
		err = config.WarnUnexpected(r, ref)
	}
	return config.Image, err
}

// artifactConfig reads the config of an artifact as that of an image, as far as
// it is one.
func artifactConfig(ctx context.Context, r manifest.Reader, ref reference.Ref, m ocispec.Manifest) (config ocispec.Image, err error) {
	if err := manifest.ValidateDescriptor(m.Config); err != nil {
		return config, fmt.Errorf("config of %s: %w", ref, err)
	}
	raw, err := r.ReadBlob(ctx, ref, m.Config)
	if err == nil && json.Unmarshal(raw, &config) != nil {
		config = ocispec.Image{}
	}
	return config, err
}
