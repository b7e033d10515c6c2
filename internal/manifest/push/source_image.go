package push

import (
	"context"
	"errors"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/store"
)

// image makes an entry of a single image: the platform is what the spec
// declares, and what it leaves open comes from the config (decision 10).
func (s sourceReader) image(ctx context.Context, o store.Document) (*sourceResult, error) {
	g := &sourceResult{requestSource: s.requestSource}
	filled, config := s.Platform, []byte(nil)
	if !s.verify.skipsConfig(s.Source) {
		configured, raw, err := s.configured(ctx, o)
		if err != nil {
			return nil, err
		}
		filled, config = platform.Complete(s.Platform, configured), raw
		g.compare(s.Source, configured)
	}
	if err := g.validate(s.Source, filled, s.allowUnknown); err != nil {
		err = explainArtifact(err, o)
		return nil, fmt.Errorf("unable to create platform object for manifest %s: %w", o.Descriptor.Digest, err)
	}
	entry := o.Descriptor
	entry.Platform, entry.Annotations = &filled, s.Annotations
	g.images = []ocispec.Descriptor{entry}
	switch self := (transfer.Copy{From: s.ref, Object: o, Config: config}); {
	case !s.ref.SameRepository(s.target):
		g.copies = []transfer.Copy{self}
	case o.Raw != nil:
		g.local = []transfer.Copy{self}
	}
	return g, nil
}

// configured reads the platform that the image's config states.
func (s sourceReader) configured(ctx context.Context, o store.Document) (ocispec.Platform, []byte, error) {
	m, err := manifest.ParseManifest(o.Raw)
	if err != nil {
		return ocispec.Platform{}, nil, fmt.Errorf("%s: %w", s.ref, err)
	}
	config, raw, err := manifest.ReadConfig(ctx, s.r, s.ref, m)
	if err != nil {
		err = fmt.Errorf("inspect of image %q failed with error: %w", s.Image, err)
	}
	return config.Platform, raw, err
}

// compare notes where spec and config contradict each other.
func (g *sourceResult) compare(src spec.Source, configured ocispec.Platform) {
	for _, c := range platform.Conflicts(src.Platform, configured) {
		g.conflicts = append(g.conflicts, fmt.Sprintf(
			"image %s: its %s is declared as %q, its config says %q", src.Image, c.Field, c.Declared, c.Configured))
	}
	if v := src.LegacyVersion; v != "" && !platform.IsVersion(v, configured.OSVersion) {
		g.conflicts = append(g.conflicts, fmt.Sprintf(
			"image %s: the key version has no effect, and its config contradicts it: version is %q, os.version of the config %q", src.Image, v, configured.OSVersion))
	}
}

func (g *sourceResult) validate(src spec.Source, p ocispec.Platform, allowUnknown bool) error {
	warning, err := platform.Validate(p, allowUnknown)
	if err != nil {
		return unsupported(src, err)
	}
	if warning != "" {
		g.conflicts = append(g.conflicts, fmt.Sprintf("image %s: %s", src.Image, warning))
	}
	return nil
}

// explainArtifact explains why a document that is not an image has no
// platform.
func explainArtifact(err error, o store.Document) error {
	var bad *manifest.InputError
	m, failed := manifest.ParseManifest(o.Raw)
	if failed == nil && manifest.IsArtifact(m) && errors.As(err, &bad) {
		bad.HintText = fmt.Sprintf("it is an artifact of type %q, not an image: for runtimes that can use it, the spec has to declare a platform", manifest.ArtifactType(m))
	}
	return err
}

// checkDeclared refuses a platform that no image could make valid, before
// anything is read.
func checkDeclared(src spec.Source, o Options) error {
	if err := platform.CheckWindowsVersion(src.Platform); err != nil {
		return unsupported(src, err)
	}
	if src.Platform.OS == "" || src.Platform.Architecture == "" {
		return nil
	}
	if _, err := platform.Validate(src.Platform, o.AllowUnknownPlatform); err != nil {
		return unsupported(src, err)
	}
	return nil
}

// unsupported returns v2's message with the reason.
func unsupported(src spec.Source, err error) error {
	return &manifest.InputError{Err: fmt.Errorf("manifest entry for image %s has %w", src.Image, err), HintText: errtext.Hint(err)}
}
