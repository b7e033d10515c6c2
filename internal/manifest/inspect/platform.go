package inspect

import (
	"context"
	"fmt"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/selection"
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

// Error names the platforms that there are.
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

// UnusableManifestError means that the manifest of the chosen entry is missing, or
// differs from the entry in size or type.
type UnusableManifestError struct{ Err error }

func (e *UnusableManifestError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong with which entry.
func (e *UnusableManifestError) Unwrap() error { return e.Err }

// choose returns the entry that a node of a platform pulls, by containerd's rule,
// and the nested indexes that lead to it. If no entry fits, the error is a
// *NoMatchError. single is set if ref names a single image.
func choose(ctx context.Context, r manifest.Reader, ref reference.Ref, entries []ocispec.Descriptor, want platform.Platform, single bool) ([]selection.Candidate, error) {
	s := selection.Selector{Reader: r, Ref: ref, Rule: platform.RuleContainerd, SingleImage: single}
	choice, err := s.Choose(ctx, want, entries)
	if err != nil {
		return nil, err
	}
	if choice.Chosen() == nil {
		return nil, &NoMatchError{Ref: ref.String(), Want: want, Have: choice.Platforms()}
	}
	return choice.Path(), nil
}
