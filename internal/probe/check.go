package probe

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"manifest-tool/internal/manifest"
)

// Section is a group of checks.
type Section string

// The sections, in the order in which they run.
const (
	SectionConnection Section = "connection"
	SectionLogin      Section = "login"
	SectionBlobs      Section = "blobs"
	SectionMounts     Section = "mounts"
	SectionImages     Section = "images"
	SectionIndexes    Section = "indexes"
	SectionTags       Section = "tags"
	SectionAccept     Section = "accept"
	SectionCaching    Section = "caching"
	SectionReferrers  Section = "referrers"
	SectionLimits     Section = "limits"
	SectionListing    Section = "listing"
	SectionDeletion   Section = "deletion"
)

// Sections returns all sections in the order in which they run.
func Sections() []Section {
	return []Section{
		SectionConnection, SectionLogin, SectionBlobs, SectionMounts, SectionImages, SectionIndexes, SectionTags,
		SectionAccept, SectionCaching, SectionReferrers, SectionLimits, SectionListing, SectionDeletion,
	}
}

// ParseSections parses the values of --only, comma-separated lists of sections.
// An unknown section is an InputError.
func ParseSections(values []string) ([]Section, error) {
	var only []Section
	for _, s := range manifest.SplitList(values) {
		section, err := manifest.ParseEnum("--only", s, Sections()...)
		if err != nil {
			return nil, err
		}
		only = append(only, section)
	}
	return only, nil
}

// Status is the outcome of a check.
type Status string

// The statuses. A registry that does not support something optional is skipped,
// not failed.
const (
	StatusPass  Status = "pass"
	StatusFail  Status = "fail"  // the registry is wrong
	StatusError Status = "error" // the check could not be carried out
	StatusSkip  Status = "skip"  // not supported, which is allowed
)

// check is one question to a registry.
type check struct {
	name    string // unique and stable, such as "index-docker-list"
	section Section
	title   string // what a registry that passes does
	// spec is the section of the specification that requires or allows it.
	spec string
	// required is set if a push of a multi-platform image needs it.
	required bool
	run      func(ctx context.Context, r *run) outcome
}

// outcome is what a check returns.
type outcome struct {
	status Status
	// detail says what the registry did, in one line.
	detail string
	// facts are measured values by name, for the verdict and the settings.
	facts map[string]string
}

func passed(format string, args ...any) outcome {
	return outcome{status: StatusPass, detail: fmt.Sprintf(format, args...)}
}

func failed(format string, args ...any) outcome {
	return outcome{status: StatusFail, detail: fmt.Sprintf(format, args...)}
}

func skipped(format string, args ...any) outcome {
	return outcome{status: StatusSkip, detail: fmt.Sprintf(format, args...)}
}

// broken is a check that could not be carried out: err is the reason.
func broken(err error) outcome { return outcome{status: StatusError, detail: err.Error()} }

// with adds a measured value. Inlined into its 150 callers, it would be 49 kB.
//
//go:noinline
func (o outcome) with(name, value string) outcome {
	facts := map[string]string{name: value}
	for k, v := range o.facts {
		facts[k] = v
	}
	o.facts = facts
	return o
}

// siblingSuffix ends the name of the second repository.
const siblingSuffix = "manifest-tool-test"

// allChecks returns all checks in the order in which they run.
func allChecks() []check {
	return slices.Concat(
		connectionChecks(),
		loginChecks(),
		blobChecks(),
		sessionChecks(),
		mountChecks(),
		imageChecks(),
		indexChecks(),
		tagChecks(),
		acceptChecks(),
		cachingChecks(),
		referrerChecks(),
		limitChecks(),
		listingChecks(),
		deletionChecks(),
	)
}

func joined(values []string) string { return strings.Join(values, ", ") }

func quoted(s string) string { return strconv.Quote(s) }
