// Package resolve determines which image of an index a node of a platform
// pulls, by the rule of its container runtime. It reads through a
// manifest.Reader and returns a Resolution, which is resolve/v1 of docs/output.
package resolve

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
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
	Candidates []Candidate `json:"candidates"`
}

// CandidateState is the outcome for a candidate.
type CandidateState string

// The states: the chosen image; a nested index whose entries were searched; an
// image that is usable but not the best match; one that is not usable.
const (
	Chosen       CandidateState = "chosen"
	Descended    CandidateState = "descended"
	Compatible   CandidateState = "compatible"
	Incompatible CandidateState = "incompatible"
)

// Candidate is one entry that may be chosen.
type Candidate struct {
	// Position is the position in its index, counted from 1.
	Position int            `json:"position"`
	State    CandidateState `json:"state"`
	// Reason is for people; its words may change.
	Reason string `json:"reason"`
	// Platform is the declared one, or that of the config if the rule reads it.
	Platform     *platform.Platform `json:"platform,omitempty"`
	PlatformText string             `json:"platformText"`
	Digest       digest.Digest      `json:"digest"`
	MediaType    string             `json:"mediaType"`
	// Size is that of the manifest, in bytes.
	Size int64 `json:"size"`
	// Nested is the digest of the nested index that contains the entry.
	Nested digest.Digest `json:"nested,omitempty"`

	distance int
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
	c := entrySelector{r: manifest.CacheManifests(r), ref: ref, rule: rule, singleImage: !found.Index}
	for _, want := range wants {
		one, err := c.resolve(ctx, want, entries)
		if err != nil {
			return Resolution{}, err
		}
		found.Platforms = append(found.Platforms, one)
	}
	return found, nil
}

// resolve chooses the image for one platform.
func (c entrySelector) resolve(ctx context.Context, want platform.Platform, entries []ocispec.Descriptor) (ResolvedPlatform, error) {
	s := &selection{entrySelector: c, want: want, candidates: []Candidate{}, best: -1}
	err := manifest.Walk(ctx, c.r, entries, s)
	one := ResolvedPlatform{Platform: want, PlatformText: platform.Format(want), Candidates: s.candidates}
	if err != nil {
		return one, fmt.Errorf("choosing for %s: %w", one.PlatformText, err)
	}
	i := slices.IndexFunc(one.Candidates, func(c Candidate) bool { return c.State == Chosen })
	if i < 0 {
		one.Nearest = nearestEntries(one.Candidates)
		return one, nil
	}
	one.Digest = one.Candidates[i].Digest
	one.Reference = c.ref.WithDigest(one.Digest).String()
	return one, nil
}

// maxNearest is how many entries are named where none fits.
const maxNearest = 3

// nearestEntries names the images that differ least from the requested platform.
func nearestEntries(candidates []Candidate) []string {
	var near []Candidate
	for _, c := range candidates {
		if c.State == Incompatible && c.Platform != nil && c.distance < platform.MaxDistance {
			near = append(near, c)
		}
	}
	sort.SliceStable(near, func(i, j int) bool { return near[i].distance < near[j].distance })
	var names []string
	for _, c := range near[:min(len(near), maxNearest)] {
		if c.distance > near[0].distance {
			break
		}
		names = append(names, fmt.Sprintf("%s (%s)", c.PlatformText, c.Reason))
	}
	return names
}
