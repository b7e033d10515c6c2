package verify

import (
	"context"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
)

// SourceEntry is an entry of an index that is not written yet.
type SourceEntry struct {
	// Ref names the repository that the entry's manifest is in now.
	Ref  reference.Ref
	Desc ocispec.Descriptor
}

// Entries verifies the entries of a planned index, and of indexes among
// them, where their images are now. parent is the digest of the planned index. It
// returns the findings that o includes; the error is that of ctx.
func Entries(ctx context.Context, r manifest.BlobReader, parent digest.Digest, sources []SourceEntry, o Options) ([]Finding, error) {
	v := newVerifier(r, o)
	all := &imageCheck{}
	var entries []*entryCheck
	for _, s := range sources {
		entries = append(entries, &entryCheck{
			ref: s.Ref.WithDigest(s.Desc.Digest), parent: parent, desc: s.Desc, kind: manifest.KindOf(s.Desc),
		})
	}
	all.entries = v.readEntries(ctx, entries, &all.indexFindings)
	v.compareDeclared(ctx, all)
	v.checkContents(ctx, all.entries)
	found := v.result(all).Findings
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return found, nil
}
