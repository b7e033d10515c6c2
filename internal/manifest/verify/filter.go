package verify

import (
	"context"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/selection"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// filterByPlatform returns the entry that a node of the requested platform pulls,
// by containerd's rule, and the nested indexes that lead to it. Manifests and
// configs that were read are not requested again. If an entry that is needed for the
// choice cannot be read, it is the last one returned, and has the finding.
func (v *verifier) filterByPlatform(ctx context.Context, i *imageCheck) []*entryCheck {
	if v.opts.Platform == nil || len(i.entries) == 0 {
		return i.entries
	}
	want := *v.opts.Platform
	s := selection.Selector{Reader: configCache{v.manifests, v}, Ref: i.ref, Rule: platform.RuleContainerd}
	top := i.entries[0].parent
	s.SingleImage = top == ""
	if only := i.entries[0]; s.SingleImage && only.configured == nil && len(only.found) > 0 {
		return i.entries // its platform is unknown, and the finding says why
	}
	var offers []ocispec.Descriptor
	for _, e := range i.entries {
		if e.parent != top {
			continue
		}
		d := e.desc
		if s.SingleImage && e.configured != nil && e.configured.OS+e.configured.Architecture != "" {
			d.Platform = e.configured
		}
		offers = append(offers, d)
	}
	choice, err := s.Choose(ctx, want, offers)
	if err == nil && choice.Chosen() == nil {
		i.indexFindings.add(CodePlatformAbsent, Finding{
			Expected: platform.Format(want), Actual: joinOrNone(choice.Platforms()), Evidence: "the platforms of the index's entries",
		})
		return nil
	}
	return i.entriesOn(choice.Path())
}

// entriesOn returns the entries on a path from the outermost index.
func (i *imageCheck) entriesOn(path []selection.Candidate) []*entryCheck {
	var kept []*entryCheck
	parent := i.entries[0].parent
	for _, step := range path {
		position := 0
		for _, e := range i.entries {
			if e.parent != parent {
				continue
			}
			if position++; position == step.Position {
				kept = append(kept, e)
				break
			}
		}
		parent = step.Digest
	}
	return kept
}

// configCache is a Reader that reads configs once, together with the other checks.
type configCache struct {
	manifest.Reader
	v *verifier
}

// ReadBlob reads a config.
func (c configCache) ReadBlob(ctx context.Context, ref reference.Ref, d ocispec.Descriptor) ([]byte, error) {
	return c.v.configs.Do(ctx, descriptorKey(ref, d), func() ([]byte, error) { return c.v.r.ReadBlob(ctx, ref, d) })
}

// Warn does nothing: unexpected values in a config are findings.
func (c configCache) Warn(string) error { return nil }
