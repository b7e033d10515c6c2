package executable

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// elfFile is an ELF header with its program headers.
type elfFile struct {
	s        *boundedReader
	order    binary.ByteOrder
	is64     bool
	osABI    byte
	kind     uint16
	machine  uint16
	flags    uint32
	entry    int64
	segments []segment
	sections elfTable
}

// elfTable is the location of the section table of an ELF file.
type elfTable struct {
	offset       int64
	entry, count uint16
	names        uint16 // the section that holds the others' names
}

// segment is a program header.
type segment struct {
	kind, flags      uint32
	offset, size, by int64
}

// parseELF reads the header and the program headers.
func parseELF(s *boundedReader, head []byte) (*elfFile, error) {
	if len(head) < 52 {
		return nil, malformed("an ELF header of %d bytes", len(head))
	}
	f := &elfFile{s: s, osABI: head[7]}
	switch head[5] {
	case 1:
		f.order = binary.LittleEndian
	case 2:
		f.order = binary.BigEndian
	default:
		return nil, malformed("ELF data encoding %d", head[5])
	}
	switch {
	case head[4] == 2 && len(head) >= 64:
		f.is64 = true
	case head[4] != 1:
		return nil, malformed("ELF class %d in %d bytes", head[4], len(head))
	}
	f.kind, f.machine = f.order.Uint16(head[16:]), f.order.Uint16(head[18:])
	if f.kind < elfRelocatable || f.kind > elfCore {
		return nil, malformed("ELF type %d", f.kind)
	}
	return f, f.tables(head)
}

// tables reads the second half of the header, whose fields have the width of
// an address, and the program headers.
func (f *elfFile) tables(head []byte) error {
	var programs int64
	rest := head[36:]
	if f.is64 {
		f.entry, programs, f.sections.offset = f.word(head[24:]), f.word(head[32:]), f.word(head[40:])
		rest = head[48:]
	} else {
		f.entry, programs, f.sections.offset = f.word(head[24:]), f.word(head[28:]), f.word(head[32:])
	}
	f.flags = f.order.Uint32(rest)
	entry, count := f.order.Uint16(rest[6:]), f.order.Uint16(rest[8:])
	f.sections.entry, f.sections.count, f.sections.names = f.order.Uint16(rest[10:]), f.order.Uint16(rest[12:]), f.order.Uint16(rest[14:])
	switch {
	case count == 0 && f.kind == elfRelocatable:
		return nil
	case count == 0:
		return malformed("no ELF program headers")
	case f.is64 && entry != 56, !f.is64 && entry != 32:
		return malformed("ELF program headers of %d bytes", entry)
	case programs > f.s.size:
		return malformed("ELF program headers at %d, beyond its end at %d", programs, f.s.size)
	}
	raw, err := f.s.readAt(programs, int64(entry)*int64(count))
	if err != nil {
		return fmt.Errorf("ELF program headers: %w", err)
	}
	for ; len(raw) > 0; raw = raw[entry:] {
		f.segments = append(f.segments, f.segment(raw))
	}
	return f.loadable()
}

// word reads an address, an offset or a size, of the width of the class.
func (f *elfFile) word(b []byte) int64 {
	if f.is64 {
		return clampInt64(f.order.Uint64(b))
	}
	return int64(f.order.Uint32(b))
}

func (f *elfFile) segment(b []byte) segment {
	if f.is64 {
		return segment{
			kind: f.order.Uint32(b), flags: f.order.Uint32(b[4:]),
			offset: f.word(b[8:]), size: f.word(b[32:]), by: f.word(b[48:]),
		}
	}
	return segment{
		kind: f.order.Uint32(b), flags: f.order.Uint32(b[24:]),
		offset: f.word(b[4:]), size: f.word(b[16:]), by: f.word(b[28:]),
	}
}

// loadable checks that the segments to load are in the file.
func (f *elfFile) loadable() error {
	end := f.s.size
	for _, p := range f.segments {
		if p.kind == segmentLoad && (p.offset > end || p.size > end-p.offset) && f.kind != elfCore {
			return malformed("an ELF segment of %d bytes at offset %d, beyond its end at %d", p.size, p.offset, end)
		}
	}
	return nil
}

func (f *elfFile) className() string {
	if f.is64 {
		return "ELF64"
	}
	return "ELF32"
}

func (f *elfFile) orderName() string {
	return strings.ToLower(strings.ReplaceAll(f.order.String(), "Endian", "-endian"))
}
