package push

import (
	"cmp"
	"context"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/oncemap"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// sharingWriter is a Writer that does once what several requests of a run have in
// common: it reads their sources once, and copies each blob and manifest once into a
// repository that several of them write to. Copying it several times at the same time
// is not only slow: a registry that replaces a link by writing it again reports that
// the content is missing meanwhile. Other content is not held in memory.
type sharingWriter struct {
	manifest.Writer
	sources map[string]bool
	// targets are repositories.
	targets map[string]bool
	// listsOnce is set if the tags of such a repository are listed once.
	listsOnce bool
	documents oncemap.Map[string, store.Document]
	lists     oncemap.Map[string, []string]
	blobs     oncemap.Map[string, []byte]
	// copies has whether a copy succeeded.
	copies oncemap.Map[string, bool]
}

// shareWork returns a Writer for a run, which is w if the requests have nothing in
// common.
func shareWork(w manifest.Writer, requests []Request, o Options) manifest.Writer {
	s := &sharingWriter{Writer: w, targets: common(requests, Request.repositories), listsOnce: !o.Converge}
	if !o.Converge { // else a source may have to be read again
		s.sources = common(requests, Request.sourceNames)
	}
	if len(s.sources)+len(s.targets) == 0 {
		return w
	}
	return s
}

// common returns the names that several requests have.
func common(requests []Request, names func(Request) []string) map[string]bool {
	first, several := map[string]int{}, map[string]bool{}
	for i, r := range requests {
		for _, name := range names(r) {
			if by, taken := first[name]; taken && by != i {
				several[name] = true
			}
			first[name] = i
		}
	}
	return several
}

func (r Request) sourceNames() []string {
	var names []string
	for _, src := range r.sources {
		names = append(names, src.ref.String())
	}
	return names
}

func (r Request) repositories() []string {
	var names []string
	for _, to := range r.Targets {
		names = append(names, to.Ref.WithTag("").Location())
	}
	return names
}

// unshared returns the Writer that a sharing one is made of. It repeats what was done
// before: a tag that is read back may be a source that was read before it was written.
func unshared(w manifest.Writer) manifest.Writer {
	if s, ok := w.(*sharingWriter); ok {
		return s.Writer
	}
	return w
}

// source reads a source with fetch, once if several requests have it in common: it is
// also awaited once. how distinguishes ways to read it.
func (s *sharingWriter) source(ctx context.Context, ref reference.Ref, how string, fetch func() (store.Document, error)) (store.Document, error) {
	if !s.sources[ref.String()] {
		return fetch()
	}
	return s.documents.Do(ctx, how+" "+ref.String(), fetch)
}

// Tags lists the tags of a repository that several requests write to once.
func (s *sharingWriter) Tags(ctx context.Context, ref reference.Ref) ([]string, error) {
	name := ref.WithTag("").String()
	if !s.listsOnce || !s.targets[name] {
		return s.Writer.Tags(ctx, ref)
	}
	return s.lists.Do(ctx, name, func() ([]string, error) { return s.Writer.Tags(ctx, ref) })
}

// ReadBlob reads the config of such a source once.
func (s *sharingWriter) ReadBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) ([]byte, error) {
	if !s.sources[ref.String()] {
		return s.Writer.ReadBlob(ctx, ref, desc)
	}
	return s.blobs.Do(ctx, ref.String()+" "+desc.Digest.String(), func() ([]byte, error) { return s.Writer.ReadBlob(ctx, ref, desc) })
}

// CopyBlob copies a blob once into a repository that several requests have in common,
// unless it is copied by force.
func (s *sharingWriter) CopyBlob(ctx context.Context, from, to reference.Ref, desc ocispec.Descriptor, known store.CopyHints) error {
	copyBlob := func() error { return s.Writer.CopyBlob(ctx, from, to, desc, known) }
	if known.Force {
		return copyBlob()
	}
	return s.once(ctx, to, "blob "+desc.Digest.String(), copyBlob)
}

// Put writes a manifest that is named by its digest once into such a repository.
func (s *sharingWriter) Put(ctx context.Context, ref reference.Ref, o store.Document) error {
	put := func() error { return s.Writer.Put(ctx, ref, o) }
	if ref.Tag != "" || ref.Digest == "" {
		return put()
	}
	return s.once(ctx, ref, "manifest "+ref.Digest.String(), put)
}

// once writes something into a repository, unless another request has. What failed is
// tried again, since the other one may have had another source.
func (s *sharingWriter) once(ctx context.Context, to reference.Ref, what string, write func() error) error {
	name := to.WithTag("").Location()
	if !s.targets[name] {
		return write()
	}
	var err error
	ran := false
	ok, waiting := s.copies.Do(ctx, name+" "+what, func() (bool, error) {
		ran, err = true, write()
		return err == nil, nil
	})
	if ran || ok || waiting != nil {
		return cmp.Or(err, waiting)
	}
	return write()
}
