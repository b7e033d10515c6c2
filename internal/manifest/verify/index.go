package verify

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// readIndex fetches the entries of an index and of the indexes nested in it, in
// their order.
func (v *verifier) readIndex(ctx context.Context, ref reference.Ref, o store.Document, own *findings) []*entryCheck {
	named := &entryCheck{ref: ref, desc: o.Descriptor, kind: manifest.KindIndex, object: &o}
	return v.readEntries(ctx, o.Descriptor.Digest, v.entriesOf(named, own), own)
}

// readEntries fetches the entries of an index, and those of the indexes among them.
// A nested index that several name is followed once.
func (v *verifier) readEntries(ctx context.Context, index digest.Digest, entries []*entryCheck, own *findings) []*entryCheck {
	var all []*entryCheck
	seen := map[digest.Digest]bool{index: true}
	for depth := 1; len(entries) > 0; depth++ {
		if len(all)+len(entries) > manifest.MaxEntries {
			own.add(CodeIndexTooDeep, Finding{Expected: fmt.Sprintf("at most %d entries", manifest.MaxEntries), Actual: "more", Evidence: "the index and what is nested in it"})
			return all
		}
		opened := entries
		if depth == manifest.MaxDepth {
			opened = withoutIndexes(entries, seen)
		}
		v.eachEntry(ctx, opened, v.readEntry)
		all = append(all, entries...)
		entries = nil
		for _, e := range opened {
			if e.kind == manifest.KindIndex && e.object != nil && !seen[e.desc.Digest] {
				seen[e.desc.Digest] = true
				entries = append(entries, v.entriesOf(e, own)...)
			}
		}
	}
	return all
}

// withoutIndexes leaves out the indexes that were not seen yet: they lie too deep.
func withoutIndexes(entries []*entryCheck, seen map[digest.Digest]bool) []*entryCheck {
	var left []*entryCheck
	for _, e := range entries {
		if e.kind != manifest.KindIndex || seen[e.desc.Digest] {
			left = append(left, e)
			continue
		}
		e.add(CodeIndexTooDeep, Finding{Expected: fmt.Sprintf("at most %d indexes in each other", manifest.MaxDepth), Actual: "more", Evidence: "the index and what is nested in it"})
	}
	return left
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
	var all []*entryCheck
	for _, d := range index.Manifests {
		all = append(all, &entryCheck{ref: parent.ref.WithDigest(d.Digest), parent: parent.desc.Digest, desc: d, kind: manifest.KindOfDescriptor(d)})
	}
	return all
}
