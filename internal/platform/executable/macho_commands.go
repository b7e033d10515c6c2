package executable

import "bytes"

// walk reads the load commands. The rest of those that are longer than a table
// may be is left out.
func (m *machoFile) walk(b []byte, count uint32, cut bool) error {
	for ; count > 0; count-- {
		if len(b) < 8 && cut {
			return nil
		}
		if len(b) < 8 {
			return malformed("%d Mach-O load commands are missing", count)
		}
		kind, size := m.order.Uint32(b), m.order.Uint32(b[4:])
		if cut && uint64(size) > uint64(len(b)) {
			return nil
		}
		if size < 8 || uint64(size) > uint64(len(b)) {
			return malformed("a Mach-O load command of %d bytes in %d", size, len(b))
		}
		m.command(kind, b[:size])
		b = b[size:]
	}
	return nil
}

func (m *machoFile) command(kind uint32, b []byte) {
	switch kind {
	case machoSegment, machoSegment64:
		m.segment(b)
	case machoLoader:
		if len(b) > 12 {
			if at := m.order.Uint32(b[8:]); at >= 12 && uint64(at) < uint64(len(b)) {
				path, _, _ := bytes.Cut(b[at:], []byte{0})
				m.loader = string(path[:min(len(path), maxPath)])
			}
		}
	case machoMinPhone, machoMinTV, machoMinWatch:
		m.os = map[uint32]string{machoMinPhone: "ios", machoMinTV: "tvos", machoMinWatch: "watchos"}[kind]
	case machoBuild:
		if len(b) >= 12 {
			m.os = machoSystem(m.order.Uint32(b[8:]))
		}
	}
}

// machoSystem returns the os of a platform of LC_BUILD_VERSION: simulators and
// Mac Catalyst programs run on macOS. It is "" for numbers that are new.
func machoSystem(platform uint32) string {
	switch platform {
	case 1, 6, 7, 8, 9, 10, 12:
		return "darwin"
	case 2:
		return "ios"
	case 3:
		return "tvos"
	case 4:
		return "watchos"
	case 5:
		return "bridgeos"
	case 11:
		return "visionos"
	}
	return ""
}

// segment looks for the section of Go's build information.
func (m *machoFile) segment(b []byte) {
	head, width := 56, 68
	if m.is64 {
		head, width = 72, 80
	}
	for b = b[min(head, len(b)):]; len(b) >= width; b = b[width:] {
		if !bytes.HasPrefix(b, []byte("__go_buildinfo\x00")) {
			continue
		}
		size, offset := int64(m.order.Uint32(b[36:])), int64(m.order.Uint32(b[40:]))
		if m.is64 {
			size, offset = clampInt64(m.order.Uint64(b[40:])), int64(m.order.Uint32(b[48:]))
		}
		if size <= m.size && offset <= m.size-size {
			m.build = &Range{Offset: m.start + offset, Length: size}
		}
	}
}
