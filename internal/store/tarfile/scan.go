package tarfile

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"sync"

	"manifest-tool/internal/oncemap"
)

var errDirectory = errors.New("it is a directory")

// index is what an archive has.
type index struct {
	compression compression
	limits      Limits
	// size is that of the file, in bytes.
	size    int64
	members map[string]member

	// window bounds the zstd frames of the archive, in bytes; turns holds a token for
	// each stream that is read.
	window uint64
	turns  chan struct{}

	// derived is the result of File.Once.
	derived oncemap.Map[struct{}, any]

	mu sync.Mutex
	// parked is a stream of a compressed archive that was read to the end of a
	// member: the next one after it is read from there.
	parked *stream
}

// scan reads the headers of an archive of size bytes. In one that is compressed it
// reads everything; otherwise the content of members is skipped.
func scan(ctx context.Context, r io.ReaderAt, size int64, l Limits) (*index, error) {
	x := &index{limits: l, size: size, members: map[string]member{}}
	var err error
	if x.compression, err = detect(r, size); err != nil {
		return nil, err
	}
	if x.compression == none {
		section := io.NewSectionReader(r, 0, size)
		s := &scanner{index: x, ctx: ctx, tar: tar.NewReader(section)}
		return x, s.run(func() int64 {
			at, _ := section.Seek(0, io.SeekCurrent) // it cannot fail
			return at
		})
	}
	if err := x.prepare(r); err != nil {
		return nil, err
	}
	in, err := x.newStream(ctx, r, func() {})
	if err != nil {
		return nil, err
	}
	defer in.close()
	s := &scanner{index: x, ctx: ctx, tar: tar.NewReader(in), kept: l.Kept, keeps: true}
	if err := s.run(func() int64 { return in.at }); err != nil {
		return nil, in.cause(err)
	}
	return x, in.finish()
}

// scanner reads the headers of an archive.
type scanner struct {
	*index
	ctx  context.Context //nolint:containedctx // it is the life of the scan
	tar  *tar.Reader
	seen int
	// end is the end of the last member, with its padding.
	end int64
	// names is the sum of the names, in bytes.
	names int
	// kept is how many bytes may still be kept in memory, if the scanner keeps any.
	kept  int64
	keeps bool
}

// run reads all headers. position returns where the archive was read to, which is
// after the header of a member.
func (s *scanner) run(position func() int64) error {
	for {
		if s.ctx.Err() != nil {
			return context.Cause(s.ctx)
		}
		h, err := s.tar.Next()
		switch {
		case errors.Is(err, io.EOF):
			return s.checkEnd(position())
		case err != nil && h == nil:
			return s.explain(err)
		}
		s.seen++
		at := position()
		if s.end = at; h.Typeflag == tar.TypeReg {
			s.end += h.Size + -h.Size&511
		}
		if err := s.add(h, at); err != nil {
			return err
		}
	}
}

// checkEnd requires the blocks of zeros at the end of an archive, which was read to a
// position. One that was cut between two members has none.
func (s *scanner) checkEnd(at int64) error {
	switch {
	case at > s.end:
		return nil
	case s.seen == 0:
		return &Error{Problem: ErrNotTar}
	}
	return &Error{Problem: ErrTruncated}
}

// explain is the error of an archive whose next header cannot be read.
func (s *scanner) explain(err error) error {
	var known *Error
	switch {
	case errors.As(err, &known):
		return err
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	case s.seen == 0 && (errors.Is(err, tar.ErrHeader) || s.compression == none && errors.Is(err, io.ErrUnexpectedEOF)):
		return &Error{Problem: ErrNotTar}
	case errors.Is(err, tar.ErrHeader):
		return &Error{Problem: ErrDamaged, Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Problem: ErrTruncated}
	}
	return &Error{Problem: ErrDamaged, Err: err}
}

// add records a member.
func (s *scanner) add(h *tar.Header, at int64) error {
	name := path.Clean(h.Name)
	s.names += len(h.Name) + len(h.Linkname)
	switch {
	case s.seen > s.limits.Members:
		return limitError(int64(s.limits.Members), "members")
	case s.names > s.limits.Names:
		return limitError(int64(s.limits.Names), "bytes in the names of its members")
	case h.Typeflag == tar.TypeXGlobalHeader:
		return nil
	case isOutside(h.Name), isOutside(name), strings.Contains("/"+h.Name+"/", "/../"):
		return &Error{Problem: ErrOutside, Member: h.Name}
	case isSparse(h):
		return &Error{Problem: ErrSparse, Member: h.Name}
	case s.compression == none && h.Size > s.size-at:
		return &Error{Problem: ErrTruncated, Member: h.Name}
	}
	m := member{offset: at, size: h.Size}
	switch h.Typeflag {
	case tar.TypeReg:
	case tar.TypeSymlink:
		m = member{link: targetOf(path.Dir(name), h.Linkname)}
	case tar.TypeLink:
		m = member{link: targetOf("", h.Linkname)}
	default: // directories and devices have no content
		return nil
	}
	if _, again := s.members[name]; again {
		return &Error{Problem: ErrDuplicate, Member: h.Name}
	}
	if err := s.keep(&m); err != nil {
		return err
	}
	s.members[name] = m
	return nil
}

// keep reads the first bytes of a member, and all of a small one while there is
// memory for it: these are the manifests and configs.
func (s *scanner) keep(m *member) error {
	if !s.keeps || m.link != "" {
		return nil
	}
	n := min(m.size, headSize)
	if m.size <= min(s.limits.KeptSize, s.kept) {
		n = m.size
		s.kept -= n
	}
	bytes := make([]byte, n)
	if _, err := io.ReadFull(s.tar, bytes); err != nil {
		return s.explain(err)
	}
	if m.head = bytes[:min(n, headSize)]; n == m.size {
		m.content = bytes
	}
	return nil
}
