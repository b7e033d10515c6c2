// Package resolve determines which image of an index a node of a platform
// pulls, by the rule of its container runtime. It reads through a
// manifest.Reader and returns a Resolution, which is resolve/v1 of docs/output.
package resolve

import (
	"context"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/selection"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// Schema is the version of the result's fields, which docs/output/resolve.md
// describes. Within a version, fields are only added.
const Schema = "resolve/v1"

// Resolution is which image a node of each platform pulls for a reference
// (resolve/v1).
type Resolution struct {
	Schema string `json:"schema"`
	// Name is the reference as given, Reference the full reference.
	Name      string        `json:"name"`
	Reference string        `json:"reference"`
	Digest    digest.Digest `json:"digest"`
	MediaType string        `json:"mediaType"`
	Index     bool          `json:"index"`
	// Rule is the rule of the selection.
	Rule platform.SelectionRule `json:"rule"`
	// Platforms has one element for each requested platform.
	Platforms []ResolvedPlatform `json:"platforms"`
}

// ResolvedPlatform is the choice for one platform.
type ResolvedPlatform struct {
	Platform     platform.Platform `json:"platform"`
	PlatformText string            `json:"platformText"`
	// Digest is the digest of the chosen image, Reference the image as
	// NAME@DIGEST; both are empty if no entry is compatible.
	Digest    digest.Digest `json:"digest,omitempty"`
	Reference string        `json:"reference,omitempty"`
	// Nearest describes up to three of the nearest entries if no entry is
	// compatible.
	Nearest []string `json:"nearest,omitempty"`
	// Candidates are all entries that were considered, in the order of the
	// index; those of a nested index follow it.
	Candidates []selection.Candidate `json:"candidates"`
}

// Unresolved returns the platforms without a compatible entry.
func (r Resolution) Unresolved() []ResolvedPlatform {
	return slices.DeleteFunc(slices.Clone(r.Platforms), func(p ResolvedPlatform) bool { return p.Digest != "" })
}

// Resolve chooses for each of the platforms by the rule. It fetches what name
// names; a single image's config; what a nested index holds when it is the
// best entry; the config of an entry without a platform, if the rule requires
// it and nothing else fits. name needs a tag or a digest.
func Resolve(ctx context.Context, r manifest.Reader, name string, rule platform.SelectionRule, wants []platform.Platform) (Resolution, error) {
	ref, err := manifest.ParseReference(name, "")
	if err != nil {
		return Resolution{}, err
	}
	r.Announce(ref, false)
	n, err := manifest.FetchRoot(ctx, r, ref)
	if err != nil {
		return Resolution{}, err
	}
	entries, err := n.Entries(ctx, r)
	if err != nil {
		return Resolution{}, err
	}
	found := Resolution{
		Schema: Schema, Name: name, Reference: ref.String(), Rule: rule,
		Digest: n.Descriptor.Digest, MediaType: n.Descriptor.MediaType, Index: manifest.IsIndex(n.Descriptor.MediaType),
	}
	s := selection.Selector{Reader: manifest.CacheManifests(r), Ref: ref, Rule: rule, SingleImage: !found.Index}
	for _, want := range wants {
		one, err := resolve(ctx, s, ref, want, entries)
		if err != nil {
			return Resolution{}, err
		}
		found.Platforms = append(found.Platforms, one)
	}
	return found, nil
}

// resolve chooses the image for one platform.
func resolve(ctx context.Context, s selection.Selector, ref reference.Ref, want platform.Platform, entries []ocispec.Descriptor) (ResolvedPlatform, error) {
	one := ResolvedPlatform{Platform: want, PlatformText: platform.Format(want)}
	choice, err := s.Choose(ctx, want, entries)
	one.Candidates = choice.Candidates
	if err != nil {
		return one, err
	}
	chosen := choice.Chosen()
	if chosen == nil {
		one.Nearest = choice.Nearest()
		return one, nil
	}
	one.Digest = chosen.Digest
	one.Reference = ref.WithDigest(one.Digest).String()
	return one, nil
}
