package executable

import (
	"strings"
)

// maxNotes bounds how many note segments are read; compilers write at most four.
const maxNotes = 16

// The types of notes that are of use here, each with its owner.
const (
	noteABI      = 1 // GNU, and the systems that name themselves as owner
	noteGoBuild  = 4 // Go
	noteProperty = 5 // GNU

	// propertyNeeded is GNU_PROPERTY_X86_ISA_1_NEEDED (x86-64 psABI, "Program
	// Property"): a bit for each level of the architecture, from v1 on.
	propertyNeeded = 0xc0008002
)

// readNotes reads the note segments into facts.
func (f *elfFile) readNotes(arch string, facts *elfFacts) {
	left := maxNotes
	for _, p := range f.segments {
		if p.kind != segmentNote || p.size == 0 {
			continue
		}
		if left--; left < 0 {
			facts.add("notes", malformed("more than %d note segments", maxNotes))
			return
		}
		raw, err := f.s.readAt(p.offset, p.size)
		if err == nil {
			err = f.eachNote(raw, p.by, func(owner string, kind uint32, body []byte) {
				f.note(arch, facts, owner, kind, body)
			})
		}
		facts.add("notes", err)
	}
}

// eachNote calls do for every note of a segment. Name and body are padded to 4
// bytes, or to 8 where the segment is aligned so (gABI, "Note Section").
func (f *elfFile) eachNote(raw []byte, by int64, do func(owner string, kind uint32, body []byte)) error {
	pad := int64(3)
	if by == 8 {
		pad = 7
	}
	for len(raw) >= 12 {
		name, body := int64(f.order.Uint32(raw)), int64(f.order.Uint32(raw[4:]))
		start := (12 + name + pad) &^ pad
		end := start + body
		if end > int64(len(raw)) {
			return malformed("an ELF note of %d and %d bytes in %d", name, body, len(raw))
		}
		do(strings.TrimRight(string(raw[12:12+name]), "\x00"), f.order.Uint32(raw[8:]), raw[start:end])
		raw = raw[min((end+pad)&^pad, int64(len(raw))):]
	}
	return nil
}

// note takes from one note what is of use.
func (f *elfFile) note(arch string, facts *elfFacts, owner string, kind uint32, body []byte) {
	switch {
	case owner == "Go" && kind == noteGoBuild:
		facts.isGo = true
	case owner == "GNU" && kind == noteProperty && arch == "amd64":
		level := f.neededLevel(body)
		facts.setVariant(arch, level, "x86 ISA needed "+level)
	case owner == "GNU" && kind == noteABI && len(body) >= 4:
		names := []string{"linux", "hurd", "solaris", "freebsd", "netbsd"}
		if os := f.order.Uint32(body); int64(os) < int64(len(names)) {
			facts.setOS(names[os], "GNU ABI note")
		}
	case kind == noteABI:
		switch owner {
		case "Android", "FreeBSD", "NetBSD", "OpenBSD", "DragonFly":
			facts.setOS(strings.ToLower(owner), owner+" note")
		}
	}
}

// neededLevel returns the highest level of the x86-64 architecture that the
// properties of a note ask for, "" where they ask for none.
func (f *elfFile) neededLevel(body []byte) string {
	pad := int64(3)
	if f.is64 {
		pad = 7
	}
	for len(body) >= 8 {
		kind, size := f.order.Uint32(body), int64(f.order.Uint32(body[4:]))
		if size > int64(len(body)-8) {
			return ""
		}
		if kind == propertyNeeded && size == 4 {
			return bitLevel(f.order.Uint32(body[8:]))
		}
		body = body[min((8+size+pad)&^pad, int64(len(body))):]
	}
	return ""
}

func bitLevel(bits uint32) string {
	for i, level := range []string{"v4", "v3", "v2", "v1"} {
		if bits&(8>>i) != 0 {
			return level
		}
	}
	return ""
}
