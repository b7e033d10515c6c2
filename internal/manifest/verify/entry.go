package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/mediatype"
)

// entryCheck is one entry of an index on its way to a verdict.
type entryCheck struct {
	ref    reference.Ref
	parent digest.Digest
	desc   ocispec.Descriptor
	kind   manifest.Kind
	// object, manifest and config are what was read; nil where it was not.
	object     *store.Document
	manifest   *ocispec.Manifest
	config     *ocispec.Image
	configured *platform.Platform
	// layers are those whose programs are looked at.
	layers []rootfs.Layer

	// severalLevels is set if the index has images for several levels of the
	// entry's architecture.
	severalLevels bool
	// loaderVariant finds the variant that the image's loader names.
	loaderVariant func() string
	// hint is the highest variant that programs name and may not require.
	hint *variantHint

	found    findings
	missing  bool
	unknown  bool // the platform of its programs is unknown
	programs []Program
	counts   []ProgramCount
}

// add notes a finding about this entry. Its name is put in at the end, when the
// config was read.
func (e *entryCheck) add(code Code, one Finding) { e.found.add(code, one) }

// recordManifest compares the manifest of an entry, or the error of fetching
// it, with the entry. A size or type that differs does not end the check.
func (v *verifier) recordManifest(e *entryCheck, o store.Document, err error) {
	const how = "GET of the manifest"
	if err != nil {
		e.missing = errors.Is(err, store.ErrNotFound)
		e.recordError(err, CodeChildMissing, CodeChildMalformed, e.desc.Digest.String(), how)
		return
	}
	d := o.Descriptor
	if d.Size != e.desc.Size {
		e.add(CodeSizeMismatch, Finding{Subject: e.desc.Digest.String(), Expected: bytesOf(e.desc.Size), Actual: bytesOf(d.Size), Evidence: how})
	}
	if d.MediaType != e.desc.MediaType {
		e.add(CodeMediaTypeMismatch, Finding{Subject: e.desc.Digest.String(), Expected: e.desc.MediaType, Actual: d.MediaType, Evidence: how})
	}
	e.object = &o
}

// readManifest parses the manifest of an image that was fetched, and reads its
// config.
func (v *verifier) readManifest(ctx context.Context, e *entryCheck) {
	if e.object == nil || !manifest.IsImage(e.object.Descriptor.MediaType) {
		return
	}
	var m ocispec.Manifest
	if err := json.Unmarshal(e.object.Raw, &m); err != nil {
		e.add(CodeChildMalformed, Finding{Actual: errtext.DecodeError(e.object.Raw, err).Error(), Evidence: "GET of the manifest"})
		return
	}
	e.manifest = &m
	v.readConfig(ctx, e)
}

// headManifest checks that a manifest of a type that is not read exists, with the
// size of its entry.
func (v *verifier) headManifest(ctx context.Context, e *entryCheck) {
	if manifest.IsBlobType(e.desc.MediaType) {
		v.headEntryBlob(ctx, e)
		return
	}
	const how = "HEAD of the manifest"
	d, err := v.r.Head(ctx, e.ref)
	switch {
	case errors.Is(err, mediatype.ErrNotAManifest): // it was requested with GET, and exists
	case err != nil:
		e.missing = errors.Is(err, store.ErrNotFound)
		e.recordError(err, CodeChildMissing, CodeChildMalformed, e.desc.Digest.String(), how)
	case d.Size != e.desc.Size:
		e.add(CodeSizeMismatch, Finding{Subject: e.desc.Digest.String(), Expected: bytesOf(e.desc.Size), Actual: bytesOf(d.Size), Evidence: how})
	}
}

// headEntryBlob checks that an entry that is a blob exists, with its size.
func (v *verifier) headEntryBlob(ctx context.Context, e *entryCheck) {
	const how = "HEAD of the blob"
	size, err := v.headOrReadBlob(ctx, e, e.desc)
	switch {
	case err != nil:
		e.missing = errors.Is(err, store.ErrNotFound)
		e.recordError(err, CodeLayerMissing, CodeLayerUnreadable, e.desc.Digest.String(), how)
	case size >= 0 && size != e.desc.Size:
		e.add(CodeSizeMismatch, Finding{Subject: e.desc.Digest.String(), Expected: bytesOf(e.desc.Size), Actual: bytesOf(size), Evidence: how})
	}
}

// checkFetchable reports whether a descriptor can be followed, and says why not.
func (e *entryCheck) checkFetchable(d ocispec.Descriptor, what string) bool {
	err := manifest.ValidateDescriptor(d)
	switch {
	case err == nil:
		return true
	case manifest.HasUnsupportedDigest(d):
		e.add(CodeDigestUnsupported, Finding{Subject: d.Digest.String(), Actual: d.Digest.Algorithm().String(), Evidence: "the descriptor of " + what})
	default:
		e.add(CodeDescriptorInvalid, Finding{Subject: d.Digest.String(), Actual: err.Error(), Evidence: "the descriptor of " + what})
	}
	return false
}

// recordError notes why something could not be read.
func (e *entryCheck) recordError(err error, missing, malformed Code, subject, how string) {
	f := Finding{Subject: subject, Evidence: how}
	var differs *store.MismatchError
	switch {
	case errors.Is(err, store.ErrNotFound):
		e.add(missing, f)
	case errors.As(err, &differs) && differs.Field == "digest":
		f.Expected, f.Actual = subject, "other bytes"
		e.add(CodeDigestMismatch, f)
	case errors.As(err, &differs):
		f.Actual = err.Error()
		e.add(CodeSizeMismatch, f)
	case errors.Is(err, mediatype.ErrNotAManifest), errors.Is(err, mediatype.ErrSchema1):
		f.Actual = err.Error()
		e.add(malformed, f)
	default:
		f.Actual = err.Error()
		e.add(CodeUnreachable, f)
	}
}

// readConfig reads and parses the config of an image.
func (v *verifier) readConfig(ctx context.Context, e *entryCheck) {
	d := e.manifest.Config
	if !manifest.IsConfig(d.MediaType) || !e.checkFetchable(d, "the config") {
		return
	}
	const how = "GET of the config"
	raw, err := v.configs.Do(ctx, descriptorKey(e.ref, d), func() ([]byte, error) { return v.r.ReadBlob(ctx, e.ref, d) })
	if err != nil {
		e.recordError(err, CodeConfigMissing, CodeConfigMalformed, d.Digest.String(), how)
		return
	}
	config, err := manifest.ParseConfig(raw)
	if err != nil {
		e.add(CodeConfigMalformed, Finding{Subject: d.Digest.String(), Actual: err.Error(), Evidence: how})
		return
	}
	for _, u := range config.Unexpected {
		e.add(CodeConfigValue, Finding{Subject: d.Digest.String(), Actual: u, Evidence: how})
	}
	if layers, ids := len(e.manifest.Layers), len(config.RootFS.DiffIDs); e.kind == manifest.KindImage && layers != ids {
		e.add(CodeConfigMalformed, Finding{
			Subject: d.Digest.String(), Expected: fmt.Sprintf("%d diff_ids, one for each layer", layers), Actual: fmt.Sprint(ids), Evidence: how,
		})
	}
	e.config, e.configured = &config.Image, &config.Platform
}

// result is the entry as a result; reported are the findings to report.
func (e *entryCheck) result(reported []Finding) Entry {
	out := Entry{
		Digest: e.desc.Digest, MediaType: e.desc.MediaType, Kind: e.kind, Parent: e.parent,
		Declared: e.desc.Platform, Configured: e.configured, Programs: e.programs, Counts: e.counts, Verdict: VerdictOK,
	}
	var worst Severity
	for _, f := range reported {
		if worst == "" || f.Severity.rank() > worst.rank() {
			worst = f.Severity
		}
	}
	switch {
	case e.missing:
		out.Verdict = VerdictMissing
	case worst == SeverityError:
		out.Verdict = VerdictFailed
	case worst == SeverityWarning:
		out.Verdict = VerdictWarning
	case e.unknown:
		out.Verdict = VerdictUnknown
	}
	return out
}

func bytesOf(n int64) string { return fmt.Sprintf("%d bytes", n) }

// joinOrNone joins strings, or returns "none".
func joinOrNone(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
