package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	// nested is the digest of the nested index that has the entry, within the
	// platforms that this index and those around it declare.
	nested  digest.Digest
	within  []platform.Platform
	isRead  bool
	entries []*queryNode
}

func newNodes(entries []ocispec.Descriptor, nested digest.Digest, within []platform.Platform) []*queryNode {
	nodes := make([]*queryNode, len(entries))
	for i, d := range entries {
		nodes[i] = &queryNode{desc: d, nested: nested, within: within}
	}
	return nodes
}

// queryVisitor reads the indexes that are nested in an index, and nothing else.
type queryVisitor struct {
	r   manifest.Reader
	ref reference.Ref
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
	if repeated {
		return nil // its entries are in the place of the first one
	}
	index, err := manifest.ParseIndex(o.Raw)
	if err != nil {
		return manifest.EntryError(v.ref, n.desc, err)
	}
	within := n.within
	if n.desc.Platform != nil {
		within = append(slices.Clone(within), *n.desc.Platform)
	}
	n.entries = newNodes(index.Manifests, n.desc.Digest, within)
	return nil
}

// Children returns the entries of a nested index.
func (v *queryVisitor) Children(n *queryNode) []*queryNode { return n.entries }

// TooDeep fails: the platforms are not known.
func (v *queryVisitor) TooDeep(*queryNode) error { return manifest.NestingError(v.ref) }

// TooMany fails likewise.
func (v *queryVisitor) TooMany() error { return manifest.TooManyError(v.ref) }
