package verify

import (
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// Schema is the version of the result's fields, which docs/output/verify.md
// describes. Within a version, fields are only added.
const Schema = "verify/v1"

// Result is the result of Verify (verify/v1).
type Result struct {
	Schema string  `json:"schema"`
	Images []Image `json:"images"`
	// Summary counts those of all images.
	Summary FindingCounts `json:"summary"`
}

// FindingCounts are the numbers of findings by severity.
type FindingCounts struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
}

// Sum returns the number of findings of all severities.
func (c FindingCounts) Sum() int { return c.Errors + c.Warnings + c.Infos }

// Image is what one reference names.
type Image struct {
	// Name is the reference as given.
	Name      string        `json:"name"`
	Digest    digest.Digest `json:"digest,omitempty"`
	MediaType string        `json:"mediaType,omitempty"`
	// Error is why the reference could not be read; Entries is empty then.
	Error   string  `json:"error,omitempty"`
	Entries []Entry `json:"entries"`
	// Findings are about the index and all its entries, in their order.
	Findings []Finding `json:"findings"`

	err error
}

// EntryVerdict is the outcome for an entry.
type EntryVerdict string

// The verdicts.
const (
	VerdictOK      EntryVerdict = "ok"
	VerdictFailed  EntryVerdict = "failed"
	VerdictWarning EntryVerdict = "warning"
	// VerdictUnknown is the verdict on an entry that has no finding and whose
	// programs are of unknown platforms.
	VerdictUnknown EntryVerdict = "unknown"
	VerdictMissing EntryVerdict = "missing"
)

// Entry is one entry of an index, or the one image that a reference
// names.
type Entry struct {
	Digest    digest.Digest `json:"digest"`
	MediaType string        `json:"mediaType"`
	Kind      manifest.Kind `json:"kind"`
	// Parent is the digest of the nested index that contains the entry; empty
	// for entries of the outermost index.
	Parent digest.Digest `json:"parent,omitempty"`
	// Declared is the platform in the index, Configured that in the config; nil
	// if absent.
	Declared   *platform.Platform `json:"declared,omitempty"`
	Configured *platform.Platform `json:"configured,omitempty"`
	// Programs are the programs that the image's command starts.
	Programs []Program `json:"programs,omitempty"`
	// Counts are the programs of all layers, with BinariesAll.
	Counts  []ProgramCount `json:"counts,omitempty"`
	Verdict EntryVerdict   `json:"verdict"`
}

// Program is one program that the command of an image needs.
type Program struct {
	// Role is entrypoint, interpreter, loader or command. A program that a
	// wrapper starts has the role of the wrapper.
	Role string `json:"role"`
	// Name is as the config, script or program has it; Path is the path after
	// following links; Layer is the digest of its layer. Path and Layer are empty
	// if the program was not found.
	Name  string `json:"name"`
	Path  string `json:"path,omitempty"`
	Layer string `json:"layer,omitempty"`
	// Platform is the platform it was built for; Compatibility is whether that
	// runs on the image's platform; Detail is what it was read from.
	Platform      string                   `json:"platform,omitempty"`
	Compatibility executable.Compatibility `json:"compatibility"`
	Detail        string                   `json:"detail,omitempty"`
}

// ProgramCount counts the programs and shared objects of one platform.
type ProgramCount struct {
	Platform      string                   `json:"platform"`
	Compatibility executable.Compatibility `json:"compatibility"`
	Count         int                      `json:"count"`
	// Paths are the first five, if the programs are incompatible.
	Paths []string `json:"paths,omitempty"`
}

// Finding is one defect or remark.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	// Entry is nil for the index itself.
	Entry *EntryRef `json:"entry,omitempty"`
	// Field is the platform field that was compared, by its JSON name.
	Field string `json:"field,omitempty"`
	// Subject is the blob (by digest) or the file (by path) that it is about.
	Subject string `json:"subject,omitempty"`
	// Expected and Actual are the value required and the value found.
	Expected string `json:"expected,omitempty"`
	Actual   string `json:"actual,omitempty"`
	// Paths are those of several files that share the finding.
	Paths []string `json:"paths,omitempty"`
	// Evidence is what was read to find it.
	Evidence string `json:"evidence"`
	// Message is all of the above in one sentence.
	Message string `json:"message"`
}

// EntryRef identifies an entry of an index in a finding.
type EntryRef struct {
	Platform string        `json:"platform"`
	Digest   digest.Digest `json:"digest"`
}

// Err returns the error of the first reference that could not be read, or nil.
func (v Result) Err() error {
	for _, i := range v.Images {
		if i.err != nil {
			return i.err
		}
	}
	return nil
}

// entryRef returns the EntryRef of a descriptor; the declared platform is
// preferred to the configured one.
func entryRef(d ocispec.Descriptor, configured *platform.Platform) *EntryRef {
	n := &EntryRef{Digest: d.Digest}
	switch {
	case d.Platform != nil:
		n.Platform = platform.Format(*d.Platform)
	case configured != nil:
		n.Platform = platform.Format(*configured)
	}
	return n
}

// Name returns the EntryRef that findings about the entry have.
func (e Entry) Name() EntryRef {
	return *entryRef(ocispec.Descriptor{Digest: e.Digest, Platform: e.Declared}, e.Configured)
}
