package executable

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// sectionARM is SHT_ARM_ATTRIBUTES.
const sectionARM = 0x70000003

// The attributes that are of use here ("Build Attributes for the Arm
// Architecture", ihi0045, sections 3.3.5 and 3.3.6).
const (
	tagFile    = 1
	tagCPU     = 6
	tagProfile = 7
	tagSIMD    = 12
	tagVFPArgs = 28
)

// armAttributes is what .ARM.attributes says about the whole file; -1 where it
// does not.
type armAttributes struct {
	cpu, profile, simd, vfp int
}

// readAttributes takes variant and calling convention of a 32-bit ARM file from
// its attributes. A tag that is not there says nothing here, though the ABI
// gives it a value.
func (f *elfFile) readAttributes(arch string, facts *elfFacts) {
	all, err := f.readSections()
	facts.add("section table", err)
	for _, s := range all {
		if s.kind != sectionARM {
			continue
		}
		raw, err := f.s.readAt(s.offset, s.size)
		if err != nil {
			facts.add("attributes", err)
			return
		}
		a, err := parseAttributes(raw, f.order)
		facts.add("attributes", err)
		variant := armVariant(a.cpu, a.profile)
		facts.setVariant(arch, variant, fmt.Sprintf("Tag_CPU_arch %d", a.cpu))
		facts.mixed = variant == "v7" && (a.cpu > armV7 || a.simd > 0)
		if float := map[int]string{0: "soft", 1: "hard"}[a.vfp]; float != "" && facts.float == "" {
			facts.float = float
			facts.addEvidence(fmt.Sprintf("Tag_ABI_VFP_args %d", a.vfp))
		}
		return
	}
}

// armV7 is the Tag_CPU_arch value of ARMv7.
const armV7 = 10

// armVariant returns the variant of a Tag_CPU_arch value, "" for processors
// that run no Linux with an MMU. What is older than v5 runs on it. A file with
// objects for ARMv8 is for v7: they are used after a check, as the CRC code of
// PostgreSQL is.
func armVariant(cpu, profile int) string {
	switch {
	case profile == 'M' || profile == 'R' || cpu < 0:
		return ""
	case cpu <= 5: // v4, v4T, v5T, v5TE, v5TEJ
		return "v5"
	case cpu <= 9: // v6, v6KZ, v6T2, v6K
		return "v6"
	case cpu == armV7, cpu == 14, cpu == 22: // v7, v8-A, v9-A
		return "v7"
	}
	return ""
}

// parseAttributes reads the section: a version, then for each vendor its length
// and name and parts of it, which are for the file, a section or a symbol.
func parseAttributes(raw []byte, order binary.ByteOrder) (armAttributes, error) {
	a := armAttributes{-1, -1, -1, -1}
	if len(raw) == 0 || raw[0] != 'A' {
		return a, malformed("ARM attributes of an unknown version")
	}
	for raw = raw[1:]; len(raw) >= 4; {
		vendor, rest, err := cut(raw, 0, order)
		if err != nil {
			return a, err
		}
		raw = rest
		name, parts, _ := bytes.Cut(vendor, []byte{0})
		if string(name) != "aeabi" {
			continue
		}
		for len(parts) >= 5 {
			tag := parts[0]
			part, rest, err := cut(parts, 1, order)
			if err != nil {
				return a, err
			}
			if parts = rest; tag == tagFile {
				a.read(part)
			}
		}
	}
	return a, nil
}

// cut returns what follows a length of 4 bytes at a place in b, and what comes
// after that. The length counts from b's beginning.
func cut(b []byte, at int, order binary.ByteOrder) (inside, rest []byte, err error) {
	n := int64(order.Uint32(b[at:]))
	if n < int64(at+4) || n > int64(len(b)) {
		return nil, nil, malformed("ARM attributes of %d bytes in %d", n, len(b))
	}
	return b[at+4 : n], b[n:], nil
}

// read reads tags and values up to the first that makes no sense. Values are
// numbers, except for a few low tags and all odd ones from 32 on.
func (a *armAttributes) read(b []byte) {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return
		}
		b = b[n:]
		if tag == 4 || tag == 5 || tag > 32 && tag%2 == 1 {
			_, b, _ = bytes.Cut(b, []byte{0})
			continue
		}
		value, n := binary.Uvarint(b)
		if n <= 0 || value > 255 {
			return
		}
		b = b[n:]
		switch tag {
		case tagCPU:
			a.cpu = int(value)
		case tagProfile:
			a.profile = int(value)
		case tagSIMD:
			a.simd = int(value)
		case tagVFPArgs:
			a.vfp = int(value)
		case 32: // a number, then a text
			_, b, _ = bytes.Cut(b, []byte{0})
		}
	}
}
