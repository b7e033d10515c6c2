package rootfs

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// walk adds the entries of an archive to a table, in their order.
func (s *scanner) walk(b *builder, r io.Reader) error {
	capture := newCapture(s.limits)
	defer func() { b.table.headers = capture.headers.all }()
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if errors.Is(err, tar.ErrFieldTooLong) { // archive/tar reads 1 MiB
			return &LimitError{"bytes in an extended header", 1 << 20}
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

// look adds the header of a file: of a program, and of what else a runtime may
// execute.
func (s *scanner) look(b *builder, c *programReader, p string, r io.Reader, h *tar.Header) error {
	found, isProgram, err := c.read(r, h.Size, isSparse(h))
	if err != nil {
		return fmt.Errorf("reading the archive: %w", err)
	}
	t := b.table
	at := &t.records[b.last]
	if !isProgram {
		if at.kind == kindProgram && !s.windows {
			at.header = c.headers.numberOther(found)
		}
		return nil
	}
	if at.header, err = c.headers.number(found); err != nil {
		return err
	}
	program := Program{Path: p, Executable: c.headers.all[at.header-1], CanExecute: at.kind == kindProgram, order: b.order}
	t.sample(program)
	if !s.list || !isCounted(found) {
		return nil
	}
	if t.listed = append(t.listed, program); len(t.listed) > s.limits.Programs {
		return &LimitError{"program files", int64(s.limits.Programs)}
	}
	return nil
}

// removeReplaced removes programs that a later entry of the layer replaced.
func (s *scanner) removeReplaced(t *Table) {
	replaced := func(p Program) bool { return t.at(p.Path).order != p.order }
	t.listed, t.samples = slices.DeleteFunc(t.listed, replaced), slices.DeleteFunc(t.samples, replaced)
}
