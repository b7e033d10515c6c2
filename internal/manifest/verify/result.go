package verify

import (
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// Schema names the fields of the result and what they mean, as docs/output.md
// describes them. Within a version fields are only added.
const Schema = "verify/v1"

// Result is what Verify found out about images.
type Result struct {
	Schema string  `json:"schema"`
	Images []Image `json:"images"`
	// Findings counts those of all images.
	Findings FindingCounts `json:"findings"`
}

// FindingCounts are numbers of findings.
type FindingCounts struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
}

// Sum is how many findings there are.
func (c FindingCounts) Sum() int { return c.Errors + c.Warnings + c.Infos }

// Image is what one reference names.
type Image struct {
	// Name is the reference as the user typed it.
	Name      string        `json:"name"`
	Digest    digest.Digest `json:"digest,omitempty"`
	MediaType string        `json:"mediaType,omitempty"`
	// Error says why the reference could not be read at all; there are no
	// entries then.
	Error   string  `json:"error,omitempty"`
	Entries []Entry `json:"entries"`
	// Findings are those of the index and of all its entries, in their order.
	Findings []Finding `json:"findings"`

	err error
}

// EntryVerdict is what became of an entry.
type EntryVerdict string

// The verdicts.
const (
	VerdictOK      EntryVerdict = "ok"
	VerdictFailed  EntryVerdict = "wrong"
	VerdictWarning EntryVerdict = "doubtful"
	// VerdictUnknown is an entry without a finding, of whose programs nothing
	// can be said.
	VerdictUnknown EntryVerdict = "unknown"
	VerdictMissing EntryVerdict = "missing"
)

// Entry is one entry of an index, or the one image that a reference
// names.
type Entry struct {
	Digest    digest.Digest `json:"digest"`
	MediaType string        `json:"mediaType"`
	Kind      manifest.Kind `json:"kind"`
	// Parent is the nested index that has the entry, empty for the first one.
	Parent digest.Digest `json:"parent,omitempty"`
	// Declared is what the index says, Configured what the config says; nil
	// where there is nothing.
	Declared   *platform.Platform `json:"declared,omitempty"`
	Configured *platform.Platform `json:"configured,omitempty"`
	// Programs are what the command of the image starts.
	Programs []Program `json:"programs,omitempty"`
	// Counts are the programs of all layers, where they were asked for.
	Counts  []ProgramCount `json:"counts,omitempty"`
	Verdict EntryVerdict   `json:"verdict"`
}

// Program is one program that the command of an image needs.
type Program struct {
	// Role is entrypoint, interpreter, loader or command. What a wrapper starts
	// has the role of the wrapper.
	Role string `json:"role"`
	// Name is how it was named; Path where it is, links followed, empty where
	// it was not found; Layer the digest of its layer.
	Name  string `json:"name"`
	Path  string `json:"path,omitempty"`
	Layer string `json:"layer,omitempty"`
	// Platform is what it was built for, in text; Fit how that suits.
	Platform string                   `json:"platform,omitempty"`
	Fit      executable.Compatibility `json:"fit"`
	Detail   string                   `json:"detail,omitempty"`
}

// ProgramCount counts the programs and shared objects of one platform.
type ProgramCount struct {
	Platform string                   `json:"platform"`
	Fit      executable.Compatibility `json:"fit"`
	Count    int                      `json:"count"`
	// Paths are the first ones, where they do not fit.
	Paths []string `json:"paths,omitempty"`
}

// Finding is one thing that is not as it should be.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	// Entry is which entry it is about, nil for the index itself.
	Entry *EntryRef `json:"entry,omitempty"`
	// Field is the field of a platform that was compared, by its JSON name.
	Field string `json:"field,omitempty"`
	// Subject is the blob (by digest) or the file (by path) that it is about.
	Subject string `json:"subject,omitempty"`
	// Expected and Got are what should be and what is.
	Expected string `json:"wanted,omitempty"`
	Actual   string `json:"got,omitempty"`
	// Evidence says what was looked at to find it.
	Evidence string `json:"how"`
	// Message is all of that in a sentence.
	Message string `json:"message"`
}

// EntryRef names an entry of an index.
type EntryRef struct {
	Platform string        `json:"platform"`
	Digest   digest.Digest `json:"digest"`
}

// Err returns the first error that kept a reference from being read, nil where
// there is none.
func (v Result) Err() error {
	for _, i := range v.Images {
		if i.err != nil {
			return i.err
		}
	}
	return nil
}

// entryRef is the name of an entry in findings.
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

// Name is how findings name the entry.
func (e Entry) Name() EntryRef {
	return *entryRef(ocispec.Descriptor{Digest: e.Digest, Platform: e.Declared}, e.Configured)
}
