package inspect

import (
	"fmt"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// NoMatchError says that an image or index has nothing for a platform.
type NoMatchError struct {
	Ref  string
	Want platform.Platform
	// Have are the platforms it has, as text, in their order.
	Have []string
}

// maxPlatformsShown is how many platforms a message names.
const maxPlatformsShown = 20

func (e *NoMatchError) Error() string {
	have := "no entry with a platform"
	if len(e.Have) > 0 {
		have = strings.Join(e.Have[:min(len(e.Have), maxPlatformsShown)], ", ")
	}
	if more := len(e.Have) - maxPlatformsShown; more > 0 {
		have += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s has nothing for %s; it has %s", e.Ref, platform.Format(e.Want), have)
}

// MissingManifestError says that an index has the entry that was asked for, and the place
// does not have its manifest.
type MissingManifestError struct{ Err error }

func (e *MissingManifestError) Error() string { return e.Err.Error() }

// Unwrap returns which entry it is.
func (e *MissingManifestError) Unwrap() error { return e.Err }

// entryFor returns the number of the entry that is for a platform, else of the
// one that a node of it pulls by containerd's rule. The two differ where several
// builds of Windows fit: containerd takes the first of them, but a user who
// names a build means that one. Attestations and entries without a platform do not
// match.
func entryFor(ref reference.Ref, entries []ocispec.Descriptor, want platform.Platform) (int, error) {
	offers := make([]platform.Candidate, len(entries))
	var have []platform.Platform
	for i, d := range entries {
		if d.Platform != nil && !manifest.IsAttestation(d) {
			offers[i].Platform, have = d.Platform, append(have, *d.Platform)
		}
	}
	for _, rule := range []platform.SelectionRule{platform.RuleExact, platform.RuleContainerd} {
		if best := platform.Best(platform.Select(rule, want, offers)); best >= 0 && offers[best].Platform != nil {
			return best, nil
		}
	}
	return 0, noMatch(ref, want, have...)
}

// matches compares the platform of a single image.
func matches(ref reference.Ref, have, want platform.Platform) error {
	if !platform.Select(platform.RuleContainerd, want, []platform.Candidate{{Platform: &have}})[0].Fits() {
		return noMatch(ref, want, have)
	}
	return nil
}

func noMatch(ref reference.Ref, want platform.Platform, have ...platform.Platform) error {
	e := &NoMatchError{Ref: ref.String(), Want: want}
	for _, p := range have {
		if text := platform.Format(p); !slices.Contains(e.Have, text) {
			e.Have = append(e.Have, text)
		}
	}
	return e
}
