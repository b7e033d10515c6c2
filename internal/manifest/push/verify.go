package push

import (
	"context"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/manifest/verify"
)

// VerifyMode says what a push compares before it writes.
type VerifyMode string

// VerifyConfig compares each declared platform with the image's config, and
// fills what is not declared. VerifyNone takes declared platforms as they are:
// an image whose os and architecture are declared is not read at all.
// VerifyBinaries is VerifyConfig and all that Verify looks at: a finding stops
// the push.
const (
	VerifyConfig   VerifyMode = "config"
	VerifyNone     VerifyMode = "none"
	VerifyBinaries VerifyMode = "binaries"
)

// ParseVerifyMode reads the value of --verify; others than the three are an
// InputError.
func ParseVerifyMode(s string) (VerifyMode, error) {
	return manifest.ParseEnum("--verify", s, VerifyConfig, VerifyBinaries, VerifyNone)
}

// skipsConfig reports whether a source's platform is taken as declared.
func (v VerifyMode) skipsConfig(src spec.Source) bool {
	return v == VerifyNone && src.Platform.OS != "" && src.Platform.Architecture != ""
}

// FindingsError is a push that was stopped by what was found in its images.
// Nothing was written.
type FindingsError struct {
	Target   string
	Findings []verify.Finding
}

func (e *FindingsError) Error() string {
	s := "findings stop"
	if len(e.Findings) == 1 {
		s = "finding stops"
	}
	return fmt.Sprintf("%d %s the push of %s; nothing was written", len(e.Findings), s, e.Target)
}

// verifyPlan verifies the entries of a planned index, and of indexes among them,
// in their present location. Warnings and errors stop the push, or are only shown
// if VerifyWarn is set. An image whose programs cannot be checked is a warning.
func verifyPlan(ctx context.Context, r manifest.BlobReader, p Plan, o Options) error {
	if o.Verify != VerifyBinaries {
		return nil
	}
	var sources []verify.SourceEntry
	for _, e := range p.entries {
		sources = append(sources, e.toSourceEntry())
	}
	found, err := verify.Entries(ctx, r, p.Index.Descriptor.Digest, sources, verify.Options{
		Binaries: verify.BinariesEntrypoint, Severity: verify.SeverityInfo, Strict: o.Strict, Jobs: o.Jobs,
		// The index gets the right spelling; that in a config is not the push's.
		Ignore: []verify.Code{verify.CodePlatformSpelling},
	})
	if err != nil {
		return err
	}
	for _, w := range uncheckedPrograms(found) {
		o.Warn(w)
	}
	found = slices.DeleteFunc(found, func(f verify.Finding) bool { return f.Severity == verify.SeverityInfo })
	if len(found) == 0 {
		return nil
	}
	if !o.VerifyWarn {
		return &FindingsError{Target: p.Target.String(), Findings: found}
	}
	for _, f := range found {
		o.Warn(f.OneLine())
	}
	return nil
}

// uncheckedPrograms says which images have a layer that is not a tar archive, or one
// that exceeds the limits: it may have any of their programs.
func uncheckedPrograms(found []verify.Finding) []string {
	var warnings []string
	seen := map[digest.Digest]bool{}
	for _, f := range found {
		reason := map[verify.Code]string{
			verify.CodeLayerNotTar: "is not a tar archive", verify.CodeLayerBeyondLimits: "exceeds the limits",
		}[f.Code]
		if reason == "" || f.Entry == nil || seen[f.Entry.Digest] {
			continue
		}
		seen[f.Entry.Digest] = true
		warnings = append(warnings, fmt.Sprintf("the programs of %s %s were not checked: layer %s %s: %s",
			f.Entry.Platform, f.Entry.Digest, f.Subject, reason, f.Actual))
	}
	return warnings
}
