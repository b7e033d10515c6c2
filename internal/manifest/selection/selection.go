// Package selection chooses the entry of an index that a node of a platform
// pulls, by the rule of its container runtime: one choice for every command that
// takes a platform. It looks into nested indexes, and reads the config of an entry
// without a platform, as the rule requires.
package selection

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

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

	distance    int
	attestation bool
}

// Selector chooses among the entries that a reference leads to.
type Selector struct {
	// Reader should cache manifests if several platforms are chosen for.
	Reader manifest.Reader
	Ref    reference.Ref
	Rule   platform.SelectionRule
	// SingleImage is set if the reference names a single image, which is then
	// the only entry, with the platform of its config.
	SingleImage bool
}

// Choice is the choice for one platform.
type Choice struct {
	// Candidates are all entries that were considered, in the order of the
	// index; those of a nested index follow it.
	Candidates []Candidate

	// path has the positions of the nested indexes that were descended into,
	// and of the entry that was best in the last of them.
	path []int
}

// Choose chooses among the entries of an index for one platform. If an entry that
// has to be read cannot be, Path ends with that entry.
func (s Selector) Choose(ctx context.Context, want platform.Platform, entries []ocispec.Descriptor) (Choice, error) {
	v := &visitor{Selector: s, want: want, candidates: []Candidate{}, best: -1}
	err := manifest.Walk(ctx, s.Reader, entries, v)
	if err != nil {
		err = fmt.Errorf("choosing for %s: %w", platform.Format(want), err)
	}
	return Choice{v.candidates, v.path}, err
}

// Chosen returns the chosen image, nil if no entry is compatible.
func (c Choice) Chosen() *Candidate {
	i := slices.IndexFunc(c.Candidates, func(c Candidate) bool { return c.State == Chosen })
	if i < 0 {
		return nil
	}
	return &c.Candidates[i]
}

// Path returns the nested indexes that lead to the best entry, and that entry.
func (c Choice) Path() []Candidate {
	var path []Candidate
	for _, i := range c.path {
		path = append(path, c.Candidates[i])
	}
	return path
}

// Platforms returns the platforms of the candidates, each once, without those that
// are for no node.
func (c Choice) Platforms() []string {
	var all []string
	for _, one := range c.Candidates {
		if !manifest.IsUnknownPlatform(one.Platform) && !one.attestation && !slices.Contains(all, one.PlatformText) {
			all = append(all, one.PlatformText)
		}
	}
	return all
}

// maxNearest is how many entries are named if none fits.
const maxNearest = 3

// Nearest describes up to three of the images that differ least from the requested
// platform.
func (c Choice) Nearest() []string {
	var near []Candidate
	for _, c := range c.Candidates {
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
