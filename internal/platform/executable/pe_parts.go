package executable

import "encoding/binary"

// directory returns up to n bytes of what a data directory names, or nil if
// it is missing.
func (f *peFile) directory(number, n int) ([]byte, error) {
	if len(f.directories) < number*8+8 {
		return nil, nil
	}
	d := f.directories[number*8:]
	address, size := binary.LittleEndian.Uint32(d), binary.LittleEndian.Uint32(d[4:])
	if address == 0 || size == 0 {
		return nil, nil
	}
	offset, err := f.offset(address)
	if err != nil {
		return nil, err
	}
	return f.s.readUpTo(offset, int64(n))
}

// offset returns where in the file an address is, by the section table.
func (f *peFile) offset(address uint32) (int64, error) {
	for b := f.sections; len(b) > 0; b = b[40:] {
		start, size, raw := binary.LittleEndian.Uint32(b[12:]), binary.LittleEndian.Uint32(b[16:]), binary.LittleEndian.Uint32(b[20:])
		if address >= start && address-start < size {
			return int64(raw) + int64(address-start), nil
		}
	}
	return 0, malformed("PE address %#x is in no section", address)
}

// isHybrid reports whether a program holds code of two conventions: its load
// configuration points to CHPE metadata, 200 bytes after its start.
func (f *peFile) isHybrid() (bool, error) {
	if !f.is64 {
		return false, nil
	}
	raw, err := f.directory(peLoadConfig, 208)
	if err != nil || len(raw) < 208 || binary.LittleEndian.Uint32(raw) < 208 {
		return false, err
	}
	return binary.LittleEndian.Uint64(raw[200:]) != 0, nil
}

// readGo looks for Go build information in the first section that can be
// written to.
func (f *peFile) readGo() (*GoBuild, error) {
	for b := f.sections; len(b) > 0; b = b[40:] {
		size, raw := binary.LittleEndian.Uint32(b[16:]), binary.LittleEndian.Uint32(b[20:])
		if binary.LittleEndian.Uint32(b[36:])&0x80000000 != 0 && size >= goHeader {
			return f.s.findGoBuild(int64(raw), int64(size))
		}
	}
	return nil, nil
}
