package platform

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// The kinds of ELF files and segments that are of use here (System V gABI,
// chapters 4 and 5; the processors' own supplements).
const (
	elfRelocatable = 1
	elfProgram     = 2
	elfShared      = 3
	elfCore        = 4

	segmentLoad   = 1
	segmentInterp = 3
	segmentNote   = 4
	segmentMIPS   = 0x70000003 // PT_MIPS_ABIFLAGS

	writable = 2
)

// elfFile is an ELF header with its program headers.
type elfFile struct {
	s        *source
	order    binary.ByteOrder
	is64     bool
	osABI    byte
	kind     uint16
	machine  uint16
	flags    uint32
	entry    uint64
	segments []segment
	sections elfTable
}

// elfTable is where the section table of an ELF file lies.
type elfTable struct {
	offset       uint64
	entry, count uint16
	names        uint16 // the section that holds the others' names
}

// segment is a program header.
type segment struct {
	kind, flags      uint32
	offset, size, by uint64
}

func readELF(s *source, head []byte) (Executable, error) {
	e := Executable{Format: FormatELF}
	f, err := parseELF(s, head)
	if err != nil {
		return e, err
	}
	e.Detail = fmt.Sprintf("%s %s %s", f.className(), f.orderName(), f.machineName())
	arch, err := f.architecture()
	switch {
	case err != nil:
		return e, err
	case arch == "":
		e.Shared = true
		e.Detail += ", no processor that is known here"
		return e, nil
	case f.kind == elfCore:
		e.Shared = true
		e.Detail += ", a core dump"
		return e, nil
	}
	e.Platforms = []Evidence{{Platform: Platform{Architecture: arch}, Detail: e.Detail}}
	e.Loader, err = f.loader()
	e.Shared = f.kind == elfRelocatable || f.kind == elfShared && f.entry == 0 && e.Loader == ""
	if err != nil {
		return e, err
	}
	return f.refine(e, arch)
}

// refine completes what the header says by what is said elsewhere in the file.
func (f *elfFile) refine(e Executable, arch string) (Executable, error) {
	facts := &elfFacts{}
	facts.system(elfSystem(f.osABI))
	f.readFlags(facts)
	f.readNotes(arch, facts)
	if f.machine == machineARM {
		f.readAttributes(arch, facts)
	}
	if facts.isGo {
		e.Go = f.readGo(facts)
	}
	if e.Go != nil {
		if err := facts.goBuild(arch, e.Go); err != nil {
			return e, err
		}
	}
	if facts.os == "" && !facts.disputed {
		facts.system(loaderSystem(e.Loader), "loader's path")
	}
	e.Detail = facts.detail(e.Detail)
	e.Platforms = []Evidence{{
		Platform: Platform{OS: facts.os, Architecture: arch, Variant: facts.variant},
		Float:    facts.float,
		Detail:   e.Detail,
	}}
	return e, facts.missing
}

// parseELF reads the header, and the program headers behind it.
func parseELF(s *source, head []byte) (*elfFile, error) {
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
	var programs uint64
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
	case programs > uint64(f.s.size):
		return malformed("ELF program headers at %d, beyond its end at %d", programs, f.s.size)
	}
	raw, err := f.s.at(int64(programs), int64(entry)*int64(count))
	if err != nil {
		return fmt.Errorf("ELF program headers: %w", err)
	}
	for ; len(raw) > 0; raw = raw[entry:] {
		f.segments = append(f.segments, f.segment(raw))
	}
	return f.loadable()
}

// word reads an address, an offset or a size, of the width of the class.
func (f *elfFile) word(b []byte) uint64 {
	if f.is64 {
		return f.order.Uint64(b)
	}
	return uint64(f.order.Uint32(b))
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

// loadable checks that what is to be loaded is there.
func (f *elfFile) loadable() error {
	end := uint64(f.s.size)
	for _, p := range f.segments {
		if p.kind == segmentLoad && (p.offset > end || p.size > end-p.offset) && f.kind != elfCore {
			return malformed("an ELF segment of %d bytes at offset %d, beyond its end at %d", p.size, p.offset, end)
		}
	}
	return nil
}

// loader returns the path that PT_INTERP names. Linux refuses a file whose
// path is not there or does not end with a zero byte.
func (f *elfFile) loader() (string, error) {
	for _, p := range f.segments {
		if p.kind != segmentInterp {
			continue
		}
		if p.size < 2 || p.size > 4096 || p.offset > uint64(f.s.size) {
			return "", malformed("an ELF loader's path of %d bytes", p.size)
		}
		raw, err := f.s.at(int64(p.offset), int64(p.size))
		if err != nil {
			return "", fmt.Errorf("ELF loader's path: %w", err)
		}
		path, _, ended := bytes.Cut(raw, []byte{0})
		if !ended || len(path) == 0 {
			return "", malformed("an ELF loader's path without an end")
		}
		return string(path), nil
	}
	return "", nil
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
