package push

import (
	"context"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

// Options are the choices of one push.
type Options struct {
	Type IndexType
	// IgnoreMissing skips sources that do not exist.
	IgnoreMissing bool
	// Wait is how long a source that does not exist is awaited.
	Wait time.Duration
	// Require are platforms that the index must have, with those of the spec.
	Require []platform.Platform
	// Verify says whether declared platforms are compared with configs; the
	// zero value is VerifyConfig.
	Verify VerifyMode
	// Jobs bounds the large layers that VerifyBinaries reads concurrently; 0
	// means as many as memory allows.
	Jobs int
	// VerifyWarn turns the findings of VerifyBinaries and Strict into warnings.
	VerifyWarn bool
	// Strict makes a contradiction between spec and config an error.
	Strict bool
	// AllowUnknownPlatform lets entries have an os or an architecture that is
	// not in the lists.
	AllowUnknownPlatform bool
	// AllowDuplicates lets two entries have one platform.
	AllowDuplicates bool
	// NonDistributable copies non-distributable layers as well.
	NonDistributable bool
	// Flatten puts the entries of nested indexes in place of these.
	Flatten bool
	// DropAttestations leaves the attestations of index sources out.
	DropAttestations bool
	// Expect, when set, is what the target must name before the push: a
	// digest, or ExpectAbsent.
	Expect digest.Digest
	// Always puts the tags of an index that has not changed as well.
	Always bool
	// Converge assembles the index again until no source has appeared or was replaced,
	// and the tags name what was pushed.
	Converge bool
	// Floating are the tags that follow the versions of a repository.
	Floating []Floating
	// ReferrersTag writes the fallback tag of a subject where the registry has no
	// referrers API.
	ReferrersTag bool
	// PlatformTags is the pattern of the tags of the images.
	PlatformTags PlatformTags
	// inRun are the tags that the requests of a run set, by repository.
	inRun map[string][]string
	// DryRun is set if the plans will not be carried out: no access for writing is
	// requested.
	DryRun bool
	// FailFast ends a run at the first index that fails.
	FailFast bool
	// Confirm reads every tag back.
	Confirm bool
	// Sleep pauses; it returns early with an error when ctx ends.
	Sleep func(ctx context.Context, d time.Duration) error
	// Warn receives the warnings of the run, Note what it is doing if that takes long.
	Warn, Note func(string)
}

// with returns the options for one spec: its type and what it says of attestations,
// unless the options demand another.
func (o Options) with(s spec.Spec) Options {
	if o.Type == TypeAuto && s.Type != "" {
		o.Type = IndexType(s.Type)
	}
	o.DropAttestations = o.DropAttestations || s.Attestations == "drop"
	return o
}
