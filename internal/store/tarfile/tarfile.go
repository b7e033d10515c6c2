// Package tarfile reads the members of a tar archive in any order, from the file
// itself: nothing is extracted. An archive may be compressed as a whole, with gzip or
// zstd. It may come from anyone: names, links, sizes and the number of members are
// checked before any of them is used.
package tarfile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
)

// Limits bound the work and the memory that an archive takes (docs/faults.md,
// "Archives").
type Limits struct {
	// Members bounds the members, and Names the sum of their names in bytes.
	Members, Names int
	// Links is how many links are followed to a member.
	Links int
	// Kept bounds the members of a compressed archive that are kept in memory, and
	// KeptSize each of them, in bytes.
	Kept, KeptSize int64
	// Ratio bounds how many times its size a compressed archive may decompress to,
	// after RatioFrom bytes.
	Ratio, RatioFrom int64
	// Window bounds the memory that a zstd frame may require, in bytes.
	Window uint64
}

// DefaultLimits are far above what the archives of images need. Ratio and Window are
// those of layers.
func DefaultLimits() Limits {
	return Limits{
		Members: 1 << 16, Names: 8 << 20, Links: 16, Kept: 16 << 20, KeptSize: 256 << 10,
		Ratio: 200, RatioFrom: 256 << 20, Window: 128 << 20,
	}
}

// File is an open archive. Its methods are safe for concurrent use.
type File struct {
	*index
	from *source
}

// Close closes the archive. Members that were opened remain open.
func (a *File) Close() error { return a.from.release() }

// Compressed reports whether the archive is compressed as a whole.
func (a *File) Compressed() bool { return a.compression != none }

// Once runs work once for this state of the archive, and returns its result, which is
// kept with the scan.
func (a *File) Once(ctx context.Context, work func() (any, error)) (any, error) {
	return a.derived.Do(ctx, struct{}{}, work)
}

// Names lists the members that are not directories, in no order.
func (a *File) Names() []string {
	names := make([]string, 0, len(a.members))
	for name := range a.members {
		names = append(names, name)
	}
	return names
}

// Link returns the name to which a member leads if it is a link, otherwise "".
func (a *File) Link(name string) string { return a.members[name].link }

// Has reports whether there is a member of that name, after links.
func (a *File) Has(name string) bool {
	_, err := a.find(name)
	return err == nil
}

// Stat returns the size of a member in bytes, and its offset in the decompressed
// archive. The error is fs.ErrNotExist if there is no such member.
func (a *File) Stat(name string) (size, offset int64, err error) {
	m, err := a.find(name)
	return m.size, m.offset, err
}

// Head returns the first bytes of a member, at most eight.
func (a *File) Head(name string) ([]byte, error) {
	m, err := a.find(name)
	if err != nil || a.Compressed() {
		return m.head, err
	}
	head := make([]byte, min(m.size, headSize))
	_, err = a.from.ReadAt(head, m.offset)
	return head, err
}

// ErrNoRange is returned by ReadAt for a member that can only be read as a whole, as
// those of compressed archives.
var ErrNoRange = errors.New("the archive is compressed, and read only as a whole")

// Member is an open member of an archive.
type Member struct {
	io.ReadCloser
	// Size is its size in bytes.
	Size int64
	at   io.ReaderAt
}

// ReadAt reads a part of a member, or fails with ErrNoRange.
func (m *Member) ReadAt(p []byte, offset int64) (int, error) {
	if m.at == nil {
		return 0, ErrNoRange
	}
	return m.at.ReadAt(p, offset)
}

// Open opens a member, after links. The error is fs.ErrNotExist if there is none. The
// member has to be closed, before or after its archive; that of a compressed archive
// is read until ctx ends.
func (a *File) Open(ctx context.Context, name string) (*Member, error) {
	m, err := a.find(name)
	if err != nil {
		return nil, err
	}
	if m.content != nil || m.size == 0 {
		content := bytes.NewReader(m.content)
		return &Member{ReadCloser: io.NopCloser(content), Size: m.size, at: content}, nil
	}
	if a.Compressed() {
		body, err := a.openStreamed(ctx, a.from, m)
		if err != nil {
			return nil, err
		}
		return &Member{ReadCloser: body, Size: m.size}, nil
	}
	section := io.NewSectionReader(a.from.retain(), m.offset, m.size)
	return &Member{ReadCloser: memberReader{section, a.from}, Size: m.size, at: section}, nil
}

// memberReader is a member of an archive that is not compressed.
type memberReader struct {
	io.Reader
	from *source
}

func (r memberReader) Close() error { return r.from.release() }

// find returns a member, after links.
func (x *index) find(name string) (member, error) {
	at := name
	for range x.limits.Links + 1 {
		m, ok := x.members[at]
		switch {
		case !ok:
			return member{}, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		case m.link == "":
			return m, nil
		case isOutside(m.link):
			return member{}, &Error{Problem: ErrOutside, Member: at + " -> " + m.link}
		}
		at = m.link
	}
	return member{}, &Error{Problem: ErrLinks, Member: name}
}
