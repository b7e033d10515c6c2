package executable

import "bytes"

// section is an entry of the section table.
type section struct {
	name, kind   uint32
	offset, size int64
}

// readSections reads the section table. A file without one has none. Tables of
// more than 64 KiB, which only object files have, are not read.
func (f *elfFile) readSections() ([]section, error) {
	width := uint16(40)
	if f.is64 {
		width = 64
	}
	switch {
	case f.sections.offset == 0 || f.sections.count == 0:
		return nil, nil
	case f.sections.entry != width:
		return nil, malformed("ELF section headers of %d bytes", f.sections.entry)
	}
	raw, err := f.s.readAt(f.sections.offset, int64(width)*int64(f.sections.count))
	if err != nil {
		return nil, err
	}
	var all []section
	for ; len(raw) > 0; raw = raw[width:] {
		s := section{name: f.order.Uint32(raw), kind: f.order.Uint32(raw[4:])}
		if f.is64 {
			s.offset, s.size = f.word(raw[24:]), f.word(raw[32:])
		} else {
			s.offset, s.size = f.word(raw[16:]), f.word(raw[20:])
		}
		all = append(all, s)
	}
	return all, nil
}

// named returns the section of a name.
func (f *elfFile) named(all []section, name string) (section, bool, error) {
	if int(f.sections.names) >= len(all) {
		return section{}, false, nil
	}
	table := all[f.sections.names]
	names, err := f.s.readAt(table.offset, min(table.size, maxTable))
	if err != nil {
		return section{}, false, err
	}
	want := append([]byte(name), 0)
	for _, s := range all {
		if int64(s.name) < int64(len(names)) && bytes.HasPrefix(names[s.name:], want) {
			return s, true, nil
		}
	}
	return section{}, false, nil
}
