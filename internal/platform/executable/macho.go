package executable

import (
	"encoding/binary"
	"fmt"
)

// The load commands and kinds of Mach-O files that are of use here (Apple's
// mach-o/loader.h).
const (
	machoSegment   = 0x01
	machoLoader    = 0x0e
	machoSegment64 = 0x19
	machoMinMac    = 0x24
	machoMinPhone  = 0x25
	machoMinTV     = 0x2f
	machoMinWatch  = 0x30
	machoBuild     = 0x32

	machoExecute = 2
	machoCore    = 4
)

func isMachO(head []byte) bool {
	return len(head) >= 4 && machoOrder(head) != nil
}

// machoOrder returns the byte order of a thin file's magic, nil for no magic.
func machoOrder(head []byte) binary.ByteOrder {
	switch binary.BigEndian.Uint32(head) {
	case 0xfeedface, 0xfeedfacf:
		return binary.BigEndian
	case 0xcefaedfe, 0xcffaedfe:
		return binary.LittleEndian
	}
	return nil
}

// readMachO reads a thin file.
func readMachO(s *boundedReader, head []byte) (Executable, error) {
	e := Executable{Format: FormatMachO}
	m, err := parseMachO(s, 0, s.size, head)
	if err != nil {
		return e, err
	}
	e.Loader = m.loader
	e.Shared = m.kind != machoExecute
	found := m.evidence()
	e.Detail = found.Detail
	if found.Platform.Architecture == "" || m.kind == machoCore {
		return e, nil
	}
	var missing readProblems
	if m.build != nil {
		e.Go, err = s.findGoBuild(m.build.Offset, m.build.Length)
		missing.add("Go build information", err)
	}
	if err := e.Go.narrow(&found); err != nil {
		return e, err
	}
	found.Detail += missing.detail()
	e.Detail, e.Platforms = found.Detail, []Evidence{found}
	return e, missing.missing
}

// machoFile is a thin file, or a slice of a fat one.
type machoFile struct {
	order    binary.ByteOrder
	is64     bool
	cpu, sub uint32
	kind     uint32
	os       string
	loader   string
	build    *Range // the section of Go's build information
	start    int64
	size     int64
}

// parseMachO reads header and load commands of the size bytes at start, whose
// first bytes are head.
func parseMachO(s *boundedReader, start, size int64, head []byte) (m *machoFile, err error) {
	if len(head) < 28 {
		return nil, malformed("a Mach-O header of %d bytes", len(head))
	}
	m = &machoFile{order: machoOrder(head), os: "darwin", start: start, size: size}
	if m.order == nil {
		return nil, malformed("no Mach-O header at offset %d", start)
	}
	m.is64 = m.order.Uint32(head) == 0xfeedfacf
	m.cpu, m.sub, m.kind = m.order.Uint32(head[4:]), m.order.Uint32(head[8:]), m.order.Uint32(head[12:])
	count, length := m.order.Uint32(head[16:]), m.order.Uint32(head[20:])
	width := int64(28)
	if m.is64 {
		width = 32
	}
	if m.kind == 0 || m.kind > 12 {
		return nil, malformed("Mach-O file type %d", m.kind)
	}
	if int64(length) > size-width {
		return nil, malformed("Mach-O load commands of %d bytes in %d", length, size)
	}
	commands := head[min(width, int64(len(head))):]
	if int64(length) <= int64(len(commands)) {
		commands = commands[:length]
	} else if commands, err = s.readAt(start+width, min(int64(length), maxTable)); err != nil {
		return nil, fmt.Errorf("Mach-O load commands: %w", err)
	}
	return m, m.walk(commands, count, int64(length) > maxTable)
}
