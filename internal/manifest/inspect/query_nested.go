package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// queryNode is an entry of an index and, if that is an index which was read, its
// entries.
type queryNode struct {
	desc ocispec.Descriptor
	// parent is the nested index that has the entry, nil for the outermost one.
	parent  *nestedIndex
	isRead  bool
	entries []*queryNode
}

// nestedIndex is an index in an index.
type nestedIndex struct {
	digest digest.Digest
	// namedBy are the entries that name it.
	namedBy []*queryNode
}

func newNodes(entries []ocispec.Descriptor, parent *nestedIndex) []*queryNode {
	nodes := make([]*queryNode, len(entries))
	for i, d := range entries {
		nodes[i] = &queryNode{desc: d, parent: parent}
	}
	return nodes
}

// nestedSearch finds the nested indexes that are searched for a platform: one that
// declares a platform only for this, or a compatible one.
type nestedSearch struct {
	want  platform.Platform
	known map[*nestedIndex]bool
}

// includes reports whether an index is searched: one of the entries that name it
// must fit, and the index around that entry must be searched.
func (s nestedSearch) includes(x *nestedIndex) bool {
	if x == nil {
		return true
	}
	included, known := s.known[x]
	if !known {
		s.known[x] = false // the indexes of a registry cannot contain themselves
		included = slices.ContainsFunc(x.namedBy, func(n *queryNode) bool { return s.fits(n.desc.Platform) && s.includes(n.parent) })
		s.known[x] = included
	}
	return included
}

func (s nestedSearch) fits(declared *platform.Platform) bool {
	return declared == nil || platform.Select(platform.RuleContainerd, s.want, []platform.Candidate{{Platform: declared}})[0].Fits()
}

// queryVisitor reads the indexes that are nested in an index, and nothing else.
type queryVisitor struct {
	r   manifest.Reader
	ref reference.Ref

	mu sync.Mutex
	// indexes are the nested indexes that were read.
	indexes map[digest.Digest]*nestedIndex
}

// Target returns the manifest that an entry names.
func (v *queryVisitor) Target(n *queryNode) (reference.Ref, ocispec.Descriptor) {
	return v.ref.WithDigest(n.desc.Digest), n.desc
}

// Select returns the nested indexes.
func (v *queryVisitor) Select(_ context.Context, level []*queryNode) []*queryNode {
	return slices.DeleteFunc(slices.Clone(level), func(n *queryNode) bool {
		return !manifest.IsIndex(n.desc.MediaType) || !manifest.IsFetchable(n.desc)
	})
}

// Visit reads the entries of a nested index. A missing one remains an entry, with a
// warning: its platforms are unknown.
func (v *queryVisitor) Visit(_ context.Context, n *queryNode, o store.Document, err error, repeated bool) error {
	if errors.Is(err, store.ErrNotFound) {
		return v.r.Warn(fmt.Sprintf("%s has the nested index %s, which is missing: its platforms are unknown", v.ref, n.desc.Digest))
	}
	if err == nil {
		err = manifest.CheckMatchesEntry(o, n.desc)
	}
	if err != nil {
		return manifest.EntryError(v.ref, n.desc, err)
	}
	n.isRead = true
	nested := v.named(n)
	if repeated {
		return nil // its entries are in the place of the first one
	}
	index, err := manifest.ParseIndex(o.Raw)
	if err != nil {
		return manifest.EntryError(v.ref, n.desc, err)
	}
	n.entries = newNodes(index.Manifests, nested)
	return nil
}

// named returns the nested index that an entry names.
func (v *queryVisitor) named(n *queryNode) *nestedIndex {
	v.mu.Lock()
	defer v.mu.Unlock()
	x := v.indexes[n.desc.Digest]
	if x == nil {
		x = &nestedIndex{digest: n.desc.Digest}
		v.indexes[x.digest] = x
	}
	x.namedBy = append(x.namedBy, n)
	return x
}

// Children returns the entries of a nested index.
func (v *queryVisitor) Children(n *queryNode) []*queryNode { return n.entries }

// TooDeep fails: the platforms are not known.
func (v *queryVisitor) TooDeep(*queryNode) error { return manifest.NestingError(v.ref) }

// TooMany fails likewise.
func (v *queryVisitor) TooMany() error { return manifest.TooManyError(v.ref) }
