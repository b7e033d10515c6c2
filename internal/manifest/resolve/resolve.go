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
	"manifest-tool/internal/store"
)

// Schema names the fields of the result and what they mean, as docs/output.md
// describes them. Within a version fields are only added.
const Schema = "resolve/v1"

// Resolution says which image a node of a platform pulls under a reference:
// resolve/v1 of docs/output.
type Resolution struct {
	Schema string `json:"schema"`
	// Name is the reference as it was given, Reference the same in full.
	Name      string        `json:"name"`
	Reference string        `json:"reference"`
	Digest    digest.Digest `json:"digest"`
	MediaType string        `json:"mediaType"`
	Index     bool          `json:"index"`
	// Rule is how the choice was made.
	Rule platform.SelectionRule `json:"rule"`
	// Platforms has an answer for each platform that was asked for.
	Platforms []ResolvedPlatform `json:"platforms"`
}

// ResolvedPlatform is the choice for one platform.
type ResolvedPlatform struct {
	Platform     platform.Platform `json:"platform"`
	PlatformText string            `json:"platformText"`
	// Digest is that of the chosen image, Reference the image itself,
	// NAME@DIGEST; both are empty where none fits.
	Digest    digest.Digest `json:"digest,omitempty"`
	Reference string        `json:"reference,omitempty"`
	// Nearest names, where none fits, up to three entries that come nearest.
	Nearest []string `json:"nearest,omitempty"`
	// Candidates are all entries that were looked at, in the order of the
	// index; those of a nested index stand behind it.
	Candidates []Candidate `json:"candidates"`
}

// CandidateState is what became of a candidate.
type CandidateState string

// The verdicts: the chosen image, a nested index in which the choice went on,
// an image that fits but is not the best, one that does not fit.
const (
	Chosen       CandidateState = "chosen"
	Descended    CandidateState = "followed"
	Compatible   CandidateState = "fits"
	Incompatible CandidateState = "unfit"
)

// Candidate is one entry that may be chosen.
type Candidate struct {
	// Position counts the entries of their index from 1.
	Position int            `json:"position"`
	Verdict  CandidateState `json:"verdict"`
	// Reason is a sentence for people.
	Reason string `json:"reason"`
	// Platform is the declared one, or that of a config where the rule reads it.
	Platform     *platform.Platform `json:"platform,omitempty"`
	PlatformText string             `json:"platformText"`
	Digest       digest.Digest      `json:"digest"`
	MediaType    string             `json:"mediaType"`
	// Size is that of the manifest, in bytes.
	Size int64 `json:"size"`
	// Nested is the digest of the nested index that the entry stands in.
	Nested digest.Digest `json:"nested,omitempty"`

	distance int
}

// Unresolved returns the platforms for which nothing fits.
func (r Resolution) Unresolved() []ResolvedPlatform {
	return slices.DeleteFunc(slices.Clone(r.Platforms), func(p ResolvedPlatform) bool { return p.Digest != "" })
}

// Resolve chooses for each of the platforms by the rule. It fetches what name
// names; a single image's config; what a nested index holds when it is the
// best entry; the config of an entry without a platform, when the rule asks
// for it and nothing else fits. name needs a tag or a digest.
func Resolve(ctx context.Context, r manifest.Reader, name string, rule platform.SelectionRule, wants []platform.Platform) (Resolution, error) {
	ref, err := manifest.ParseReference(name, "")
	if err != nil {
		return Resolution{}, err
	}
	r.Announce(ref, false)
	n, err := manifest.FetchImageOrIndex(ctx, r, ref)
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
	c := entrySelector{r: r, ref: ref, rule: rule, singleImage: !found.Index, seen: map[digest.Digest]store.Document{}}
	for _, want := range wants {
		one, err := c.resolve(ctx, want, entries)
		if err != nil {
			return Resolution{}, err
		}
		found.Platforms = append(found.Platforms, one)
	}
	return found, nil
}

// resolve answers for one platform.
func (c *entrySelector) resolve(ctx context.Context, want platform.Platform, entries []ocispec.Descriptor) (ResolvedPlatform, error) {
	one := ResolvedPlatform{Platform: want, PlatformText: platform.Format(want)}
	var err error
	if one.Candidates, err = c.choose(ctx, want, entries, "", 1); err != nil {
		return one, fmt.Errorf("choosing for %s: %w", one.PlatformText, err)
	}
	i := slices.IndexFunc(one.Candidates, func(c Candidate) bool { return c.Verdict == Chosen })
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

// nearestEntries names the images that differ least from what was asked for.
func nearestEntries(candidates []Candidate) []string {
	var near []Candidate
	for _, c := range candidates {
		if c.Verdict == Incompatible && c.Platform != nil && c.distance < platform.MaxDistance {
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
