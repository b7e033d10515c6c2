package rootfs

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"strings"
)

// walk adds the entries of an archive to a table, in their order.
func (s *scanner) walk(b *builder, r io.Reader) error {
	capture := newCapture(s.limits)
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the archive: %w", err)
		}
		k := kindOf(h)
		if k == kindNone {
			continue
		}
		p, err := b.add(h.Name, k, h.Linkname)
		if err != nil {
			return err
		}
		if p == "" || k != kindFile && k != kindProgram {
			continue
		}
		if err := s.look(b, capture, p, archive, h); err != nil {
			return err
		}
	}
}

// kindOf returns the kind of an entry, kindNone if it does not create a file.
func kindOf(h *tar.Header) kind {
	switch h.Typeflag {
	case tar.TypeXGlobalHeader:
		return kindNone
	case tar.TypeDir:
		return kindDir
	case tar.TypeSymlink:
		return kindSymlink
	case tar.TypeLink:
		return kindHardlink
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		return kindSpecial
	}
	if h.Mode&0o111 != 0 {
		return kindProgram
	}
	return kindFile
}

// isSparse reports whether an entry is sparse, in GNU tar's old format or in one
// of those with extended headers.
func isSparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// look adds the header of a file, if it is a program.
func (s *scanner) look(b *builder, c *programReader, p string, r io.Reader, h *tar.Header) error {
	found, err := c.read(r, h.Size, isSparse(h))
	if err != nil {
		return fmt.Errorf("reading the archive: %w", err)
	}
	t := b.table
	hash := t.hash(p)
	if found == nil {
		delete(t.programs, hash)
		return nil
	}
	if t.programs[hash] = found; len(t.programs) > s.limits.Programs {
		return &LimitError{"program files", int64(s.limits.Programs)}
	}
	if s.list {
		t.listed = append(t.listed, Program{Path: p, Executable: found, CanExecute: kindOf(h) == kindProgram, order: b.order})
	}
	return nil
}

// removeReplaced removes programs that a later entry of the layer replaced.
func (s *scanner) removeReplaced(t *Table) {
	kept := t.listed[:0]
	for _, p := range t.listed {
		if t.at(p.Path).order == p.order {
			kept = append(kept, p)
		}
	}
	t.listed = kept
}
