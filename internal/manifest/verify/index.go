package verify

import (
	"context"
	"encoding/json"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// readIndex fetches the entries of an index and of the indexes nested in it, in
// their order.
func (v *verifier) readIndex(ctx context.Context, ref reference.Ref, o store.Document, own *findings) []*entryCheck {
	named := &entryCheck{ref: ref, desc: o.Descriptor, kind: manifest.KindIndex, object: &o}
	return v.readEntries(ctx, v.entriesOf(named, own), own)
}

// readEntries fetches entries, and those of the indexes among them. own are the
// findings about the index that has the entries.
func (v *verifier) readEntries(ctx context.Context, entries []*entryCheck, own *findings) []*entryCheck {
	w := &entryReader{verifier: v, own: own}
	w.heads.SetLimit(manifest.MaxConcurrent)
	_ = manifest.Walk(ctx, v.manifests, entries, w) // all errors are findings
	_ = w.heads.Wait()
	return w.all
}

// entryReader is the visitor of readEntries. Whatever it cannot read is a
// finding.
type entryReader struct {
	*verifier
	own *findings
	// all are the entries in the order in which they were reached.
	all []*entryCheck
	// heads are requests for manifests of types that are not read.
	heads errgroup.Group
}

// Target returns the manifest that an entry names.
func (w *entryReader) Target(e *entryCheck) (reference.Ref, ocispec.Descriptor) { return e.ref, e.desc }

// Select returns the entries with a valid descriptor whose type can be read. Of
// other types only the existence is checked.
func (w *entryReader) Select(ctx context.Context, level []*entryCheck) []*entryCheck {
	w.all = append(w.all, level...)
	var selected []*entryCheck
	for _, e := range level {
		switch {
		case !e.checkFetchable(e.desc, "the entry"):
		case manifest.IsIndex(e.desc.MediaType), manifest.IsImage(e.desc.MediaType):
			selected = append(selected, e)
		default:
			w.heads.Go(func() error {
				w.headManifest(ctx, e)
				return nil
			})
		}
	}
	return selected
}

// Visit compares a manifest with its entry, and reads the config of an image.
func (w *entryReader) Visit(ctx context.Context, e *entryCheck, o store.Document, err error, repeated bool) error {
	if repeated {
		o, err = w.manifests.Get(ctx, e.ref) // cached, with its bytes
	}
	w.recordManifest(e, o, err)
	w.readManifest(ctx, e)
	return nil
}

// Children returns the entries of a nested index that could be read.
func (w *entryReader) Children(e *entryCheck) []*entryCheck {
	if e.kind != manifest.KindIndex || e.object == nil || !manifest.IsIndex(e.object.Descriptor.MediaType) {
		return nil
	}
	return w.entriesOf(e, w.own)
}

// TooDeep records an index that is not followed.
func (w *entryReader) TooDeep(e *entryCheck) error {
	e.add(CodeIndexTooDeep, Finding{Expected: fmt.Sprintf("at most %d indexes in each other", manifest.MaxDepth), Actual: "more", Evidence: "the index and what is nested in it"})
	return nil
}

// TooMany records that the rest of the entries is not read.
func (w *entryReader) TooMany() error {
	w.own.add(CodeIndexTooDeep, Finding{Expected: fmt.Sprintf("at most %d entries", manifest.MaxEntries), Actual: "more", Evidence: "the index and what is nested in it"})
	return nil
}

// entriesOf reads the entries of an index. own are the findings about the index
// that was named; what is wrong with a nested one is said of its entry.
func (v *verifier) entriesOf(parent *entryCheck, own *findings) []*entryCheck {
	var index ocispec.Index
	if err := json.Unmarshal(parent.object.Raw, &index); err != nil {
		own.add(CodeChildMalformed, Finding{Subject: parent.desc.Digest.String(), Actual: errtext.DecodeError(parent.object.Raw, err).Error(), Evidence: "GET of the index"})
		return nil
	}
	if parent.parent != "" {
		own = &parent.found
	}
	if len(index.Manifests) == 0 {
		own.add(CodeIndexEmpty, Finding{Subject: parent.desc.Digest.String(), Evidence: "GET of the index"})
	}
	if kind := manifest.BlobIndexKind(index.Manifests); kind != "" {
		own.add(CodeIndexOfBlobs, Finding{Subject: parent.desc.Digest.String(), Expected: "manifests", Actual: kind, Evidence: "the media types of the entries"})
	}
	var all []*entryCheck
	for _, d := range index.Manifests {
		all = append(all, &entryCheck{ref: parent.ref.WithDigest(d.Digest), parent: parent.desc.Digest, desc: d, kind: manifest.KindOf(d)})
	}
	return all
}
