package push

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	if err := checkDeclared(s.Source, s.o); err != nil {
		return nil, err
	}
	filled, config := s.Platform, []byte(nil)
	if !s.o.Verify.skipsConfig(s.Source) {
		configured, raw, err := s.configured(ctx, o, g)
		if err != nil {
			return nil, err
		}
		configured = g.withoutImpossibleVariant(configured)
		filled, config = platform.Complete(s.Platform, configured), raw
		g.compare(s.Source, configured)
	}
	if err := g.validate(s.Source, filled, s.o.AllowUnknownPlatform); err != nil {
		err = explainArtifact(err, o)
		return nil, fmt.Errorf("unable to create platform object for manifest %s: %w", o.Descriptor.Digest, err)
	}
	if err := checkAbbreviated(s.Source, filled); err != nil {
		return nil, err
	}
	e := entry{Descriptor: o.Descriptor, source: s.requestSource, direct: true}
	e.Platform, e.Annotations, e.ArtifactType = &filled, s.Annotations, declaredArtifactType(o)
	e.origins = originsOf(filled, s.Platform, OriginConfig)
	g.images = []entry{e}
	if err := g.keepPlatforms(); err != nil {
		return nil, err
	}
	if o.Raw != nil {
		g.children = []transfer.Copy{{From: s.ref, Document: o, Config: config}}
	}
	return g, nil
}

// checkAbbreviated refuses a platform that contradicts what the keys arch and var of
// the spec say: they are ignored, and what was meant would be lost.
func checkAbbreviated(src spec.Source, p ocispec.Platform) error {
	meant := platform.Complete(src.Abbreviated, ocispec.Platform{OS: p.OS, Architecture: p.Architecture})
	all := platform.Conflicts(meant, p)
	if len(all) == 0 && meant.Variant != "" && p.Variant == "" && addsFields(meant, p) {
		all = []platform.Conflict{{Field: "variant", Declared: meant.Variant}}
	}
	if len(all) == 0 {
		return nil
	}
	return &manifest.InputError{
		Err:      fmt.Errorf("image %s: its %s would be %q, but an ignored key of the spec says %q", src.Image, all[0].Field, all[0].Configured, all[0].Declared),
		HintText: fmt.Sprintf("write the key %s in full", all[0].Field),
	}
}

// declaredArtifactType is the artifactType of a manifest, if its bytes were read. An
// entry repeats it: clients such as Helm and OpenTofu select by it.
func declaredArtifactType(o store.Document) string {
	m, err := manifest.ParseManifest(o.Raw)
	if err != nil || !manifest.IsArtifactType(m.ArtifactType) {
		return ""
	}
	return m.ArtifactType
}

// withoutImpossibleVariant removes a config's variant that its architecture cannot
// have, such as v8 of amd64, which builders on arm64 wrote: no node would select it.
func (g *sourceResult) withoutImpossibleVariant(configured ocispec.Platform) ocispec.Platform {
	respelled := platform.Respell(configured)
	if platform.IsPossibleVariant(respelled.Architecture, respelled.Variant) {
		return configured
	}
	if g.Platform.Variant == "" {
		g.conflicts = append(g.conflicts, fmt.Sprintf("image %s: its config has the variant %q, which %s cannot have: it is left out",
			g.Image, configured.Variant, configured.Architecture))
	}
	configured.Variant = ""
	return configured
}

// missingNames lists which of os and architecture a platform does not have.
func missingNames(p ocispec.Platform) string {
	switch {
	case p.OS == "" && p.Architecture == "":
		return "os and no architecture"
	case p.OS == "":
		return "os"
	case p.Architecture == "":
		return "architecture"
	}
	return ""
}

// configured reads the platform that the image's config states, and notes what is
// wrong with the config. One that cannot be read does not matter if the spec declares
// the platform.
func (s sourceReader) configured(ctx context.Context, o store.Document, g *sourceResult) (ocispec.Platform, []byte, error) {
	m, err := manifest.ParseManifest(o.Raw)
	if err != nil {
		return ocispec.Platform{}, nil, fmt.Errorf("%s: %w", s.ref, err)
	}
	config, err := manifest.ReadConfig(ctx, s.r, s.ref, m)
	var unreadable *manifest.ConfigError
	switch {
	case errors.As(err, &unreadable) && s.Platform.OS != "" && s.Platform.Architecture != "":
		if !manifest.IsArtifact(m) {
			g.conflicts = append(g.conflicts, fmt.Sprintf("image %s: its config cannot be read, the declared platform is used: %v", s.Image, unreadable.Err))
		}
		return ocispec.Platform{}, config.Raw, nil
	case err != nil:
		return ocispec.Platform{}, nil, fmt.Errorf("inspect of image %q failed with error: %w", s.Image, err)
	case !manifest.IsArtifact(m):
		g.checkConfig(config)
	}
	return config.Platform, config.Raw, nil
}

// checkConfig reports unexpected values in a config, and an image whose config has no
// platform: Docker rejects it, whatever the index says.
func (g *sourceResult) checkConfig(config manifest.Config) {
	for _, u := range config.Unexpected {
		g.conflicts = append(g.conflicts, fmt.Sprintf("image %s: in its config, %s", g.Image, u))
	}
	if missing := missingNames(config.Platform); missing != "" {
		g.conflicts = append(g.conflicts, fmt.Sprintf("image %s: its config has no %s, and some runtimes compare it with the index", g.Image, missing))
	}
}

// compare notes where spec and config contradict each other.
func (g *sourceResult) compare(src spec.Source, configured ocispec.Platform) {
	for _, c := range platform.Conflicts(src.Platform, configured) {
		g.variantDiffers = g.variantDiffers || c.Field == "variant"
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
	if warning != "" && !g.variantDiffers {
		g.conflicts = append(g.conflicts, fmt.Sprintf("image %s: %s", src.Image, warning))
	}
	return nil
}

// explainArtifact explains why a document that is not an image has no
// platform.
func explainArtifact(err error, o store.Document) error {
	var bad *manifest.InputError
	m, failed := manifest.ParseManifest(o.Raw)
	switch {
	case failed != nil || !errors.As(err, &bad):
	case isStatement(m):
		bad.HintText = "it is an attestation (SBOM or provenance), not an image: write the index that has both as the source"
	case manifest.IsArtifact(m):
		bad.HintText = fmt.Sprintf("it is an artifact of type %q, not an image: for runtimes that can use it, the spec has to declare a platform", manifest.ArtifactType(m))
	}
	return err
}

// isStatement reports whether a manifest is an attestation as BuildKit writes it: all
// its layers are in-toto statements.
func isStatement(m ocispec.Manifest) bool {
	return len(m.Layers) > 0 && !slices.ContainsFunc(m.Layers, func(l ocispec.Descriptor) bool {
		return l.MediaType != "application/vnd.in-toto+json"
	})
}

// checkDeclared refuses a declared platform that no image could make valid, before
// the config of the image is read.
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
