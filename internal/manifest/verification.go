package manifest

import (
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
)

// Verification is what Verify found out about images.
type Verification struct {
	Schema string          `json:"schema"`
	Images []VerifiedImage `json:"images"`
	// Findings counts those of all images.
	Findings Counts `json:"findings"`
}

// Counts are numbers of findings.
type Counts struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
}

// Sum is how many findings there are.
func (c Counts) Sum() int { return c.Errors + c.Warnings + c.Infos }

// VerifiedImage is what one reference names.
type VerifiedImage struct {
	// Name is the reference as the user typed it.
	Name      string        `json:"name"`
	Digest    digest.Digest `json:"digest,omitempty"`
	MediaType string        `json:"mediaType,omitempty"`
	// Error says why the reference could not be read at all; there are no
	// entries then.
	Error   string          `json:"error,omitempty"`
	Entries []VerifiedEntry `json:"entries"`
	// Findings are those of the index and of all its entries, in their order.
	Findings []Finding `json:"findings"`

	err error
}

// Verdict is what became of an entry.
type Verdict string

// The verdicts.
const (
	VerdictOK       Verdict = "ok"
	VerdictWrong    Verdict = "wrong"
	VerdictDoubtful Verdict = "doubtful"
	// VerdictUnknown is an entry without a finding, of whose programs nothing
	// can be said.
	VerdictUnknown Verdict = "unknown"
	VerdictMissing Verdict = "missing"
)

// VerifiedEntry is one entry of an index, or the one image that a reference
// names.
type VerifiedEntry struct {
	Digest    digest.Digest `json:"digest"`
	MediaType string        `json:"mediaType"`
	Kind      Kind          `json:"kind"`
	// Parent is the nested index that has the entry, empty for the first one.
	Parent digest.Digest `json:"parent,omitempty"`
	// Declared is what the index says, Configured what the config says; nil
	// where there is nothing.
	Declared   *platform.Platform `json:"declared,omitempty"`
	Configured *platform.Platform `json:"configured,omitempty"`
	// Programs are what the command of the image starts.
	Programs []VerifiedProgram `json:"programs,omitempty"`
	// Counts are the programs of all layers, where they were asked for.
	Counts  []ProgramCount `json:"counts,omitempty"`
	Verdict Verdict        `json:"verdict"`
}

// VerifiedProgram is one program that the command of an image needs.
type VerifiedProgram struct {
	// Role is entrypoint, interpreter, loader or command. What a wrapper starts
	// has the role of the wrapper.
	Role string `json:"role"`
	// Name is how it was named; Path where it is, links followed, empty where
	// it was not found; Layer the digest of its layer.
	Name  string `json:"name"`
	Path  string `json:"path,omitempty"`
	Layer string `json:"layer,omitempty"`
	// Platform is what it was built for, in text; Fit how that suits.
	Platform string                 `json:"platform,omitempty"`
	Fit      platform.Compatibility `json:"fit"`
	Detail   string                 `json:"detail,omitempty"`
}

// ProgramCount counts the programs and shared objects of one platform.
type ProgramCount struct {
	Platform string                 `json:"platform"`
	Fit      platform.Compatibility `json:"fit"`
	Count    int                    `json:"count"`
	// Paths are the first ones, where they do not fit.
	Paths []string `json:"paths,omitempty"`
}

// Finding is one thing that is not as it should be.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	// Entry is which entry it is about, nil for the index itself.
	Entry *EntryName `json:"entry,omitempty"`
	// Field is the field of a platform that was compared, by its JSON name.
	Field string `json:"field,omitempty"`
	// Subject is the blob (by digest) or the file (by path) that it is about.
	Subject string `json:"subject,omitempty"`
	// Wanted and Got are what should be and what is.
	Wanted string `json:"wanted,omitempty"`
	Got    string `json:"got,omitempty"`
	// How says what was looked at to find it.
	How string `json:"how"`
	// Message is all of that in a sentence.
	Message string `json:"message"`
}

// EntryName names an entry of an index.
type EntryName struct {
	Platform string        `json:"platform"`
	Digest   digest.Digest `json:"digest"`
}

// Err returns the first error that kept a reference from being read, nil where
// there is none.
func (v Verification) Err() error {
	for _, i := range v.Images {
		if i.err != nil {
			return i.err
		}
	}
	return nil
}

// nameOf is the name of an entry in findings.
func nameOf(d ocispec.Descriptor, configured *platform.Platform) *EntryName {
	n := &EntryName{Digest: d.Digest}
	switch {
	case d.Platform != nil:
		n.Platform = platform.Format(*d.Platform)
	case configured != nil:
		n.Platform = platform.Format(*configured)
	}
	return n
}

// Name is how findings name the entry.
func (e VerifiedEntry) Name() EntryName {
	return *nameOf(ocispec.Descriptor{Digest: e.Digest, Platform: e.Declared}, e.Configured)
}
