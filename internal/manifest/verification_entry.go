package manifest

import (
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/store"
)

// examined is one entry of an index on its way to a verdict.
type examined struct {
	ref    store.Ref
	parent digest.Digest
	desc   ocispec.Descriptor
	kind   Kind
	// object, manifest and config are what was read; nil where it was not.
	object     *store.Object
	manifest   *ocispec.Manifest
	config     *ocispec.Image
	configured *platform.Platform
	// layers are those whose programs are looked at.
	layers []rootfs.Layer

	found    findings
	missing  bool
	unknown  bool // of its programs nobody can tell
	programs []VerifiedProgram
	counts   []ProgramCount
}

// add notes a finding about this entry. Its name is put in at the end, when the
// config was read.
func (e *examined) add(code Code, one Finding) { e.found.add(code, one) }

// verified is the entry as a result; told are its findings that are told.
func (e *examined) verified(told []Finding) VerifiedEntry {
	out := VerifiedEntry{
		Digest: e.desc.Digest, MediaType: e.desc.MediaType, Kind: e.kind, Parent: e.parent,
		Declared: e.desc.Platform, Configured: e.configured, Programs: e.programs, Counts: e.counts, Verdict: VerdictOK,
	}
	var worst Severity
	for _, f := range told {
		if worst == "" || f.Severity.rank() > worst.rank() {
			worst = f.Severity
		}
	}
	switch {
	case e.missing:
		out.Verdict = VerdictMissing
	case worst == SeverityError:
		out.Verdict = VerdictWrong
	case worst == SeverityWarning:
		out.Verdict = VerdictDoubtful
	case e.unknown:
		out.Verdict = VerdictUnknown
	}
	return out
}

func bytesOf(n int64) string { return fmt.Sprintf("%d bytes", n) }

// listed joins texts, "none" where there are none.
func listed(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
