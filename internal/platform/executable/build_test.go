package executable_test

import (
	"encoding/binary"
	"slices"
)

// The builders below make files of headers only, right ones, which the tests
// then break.

// elfFile is an ELF file: 64 bits and little-endian unless said otherwise.
type elfFile struct {
	is32, big          bool
	osABI              byte
	kind, machine      uint16 // kind 0 stands for ET_EXEC
	flags              uint32
	entry              uint64
	segments, sections []elfPart
}

// elfPart is a segment, or a section without a name.
type elfPart struct {
	kind, flags uint32
	align       uint64
	data        string
}

func (f elfFile) order() binary.AppendByteOrder {
	if f.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (f elfFile) word(b []byte, v uint64) []byte {
	if f.is32 {
		return f.order().AppendUint32(b, uint32(v))
	}
	return f.order().AppendUint64(b, v)
}

// bytes lays the file out: header, program headers, section headers, and the
// parts' data, each at a multiple of 16.
func (f elfFile) bytes() []byte {
	header, program, section := uint64(64), uint64(56), uint64(64)
	class, data := byte(2), byte(1)
	if f.is32 {
		header, program, section, class = 52, 32, 40, 1
	}
	if f.big {
		data = 2
	}
	o := f.order()
	b := append([]byte("\x7fELF"), class, data, 1, f.osABI, 0, 0, 0, 0, 0, 0, 0, 0)
	b = o.AppendUint16(b, max(f.kind, 2*uint16(1^min(f.kind, 1))))
	b = o.AppendUint16(b, f.machine)
	b = o.AppendUint32(b, 1)
	tables := header + program*uint64(len(f.segments))
	b = f.word(f.word(f.word(b, f.entry), header), tables)
	b = o.AppendUint32(b, f.flags)
	for _, v := range []uint64{header, program, uint64(len(f.segments)), section, uint64(len(f.sections)), 0} {
		b = o.AppendUint16(b, uint16(v))
	}
	at := (tables + section*uint64(len(f.sections)) + 15) &^ 15
	var tail []byte
	for _, p := range f.segments {
		b = f.program(b, p, at+uint64(len(tail)))
		tail = append(tail, pad(p.data)...)
	}
	for _, p := range f.sections {
		b = o.AppendUint32(o.AppendUint32(b, 0), p.kind)
		for _, v := range []uint64{0, 0, at + uint64(len(tail)), uint64(len(p.data))} {
			b = f.word(b, v)
		}
		b = f.word(f.word(o.AppendUint32(o.AppendUint32(b, 0), 0), 1), 0)
		tail = append(tail, pad(p.data)...)
	}
	return append(append(b, make([]byte, at-uint64(len(b)))...), tail...)
}

func (f elfFile) program(b []byte, p elfPart, at uint64) []byte {
	o, n := f.order(), uint64(len(p.data))
	b = o.AppendUint32(b, p.kind)
	if !f.is32 {
		b = o.AppendUint32(b, p.flags)
	}
	for _, v := range []uint64{at, 0, 0, n, n} {
		b = f.word(b, v)
	}
	if f.is32 {
		b = o.AppendUint32(b, p.flags)
	}
	return f.word(b, p.align)
}

func pad(s string) []byte { return append([]byte(s), make([]byte, -len(s)&15)...) }

func le16(v ...uint16) (s string) {
	for _, v := range v {
		s += string(binary.LittleEndian.AppendUint16(nil, v))
	}
	return s
}

func le32(v ...uint32) (s string) {
	for _, v := range v {
		s += string(binary.LittleEndian.AppendUint32(nil, v))
	}
	return s
}

func be32(v ...uint32) (s string) {
	for _, v := range v {
		s += string(binary.BigEndian.AppendUint32(nil, v))
	}
	return s
}

// note is a little-endian ELF note whose parts are padded to 4 bytes.
func note(owner string, kind uint32, body string) string {
	name := owner + "\x00"
	s := le32(uint32(len(name)), uint32(len(body)), kind) + name + zeros(-len(name)&3)
	return s + body + zeros(-len(body)&3)
}

func zeros(n int) string { return string(make([]byte, n)) }

// load is a segment that holds nothing and can be written to.
func load(data string) elfPart { return elfPart{kind: 1, flags: 6, align: 16, data: data} }

// goBlob is Go build information of the settings KEY=VALUE.
func goBlob(settings ...string) string {
	text := "0123456789abcdefpath\texample.com/x\n"
	for _, s := range settings {
		text += "build\t" + s + "\n"
	}
	text += "0123456789abcdef"
	head := "\xff Go buildinf:\x08\x02" + zeros(16)
	return head + "\x08go1.26.8" + string(binary.AppendUvarint(nil, uint64(len(text)))) + text
}

// goNote is the note by which a program of Go's linker is known.
func goNote() elfPart { return elfPart{kind: 4, align: 4, data: note("Go\x00", 4, "build id")} }

// armSection is .ARM.attributes with tags and values of the whole file.
func armSection(values string) elfPart {
	file := "\x01" + le32(uint32(len(values)+5)) + values
	vendor := "aeabi\x00" + file
	return elfPart{kind: 0x70000003, data: "A" + le32(uint32(len(vendor)+4)) + vendor}
}

// peFile is a PE file: PE32+ unless said otherwise, subsystem 3, one section of
// data at address 0x1000.
type peFile struct {
	is32        bool
	machine     uint16
	flags       uint16
	subsystem   uint16
	data        string
	directories map[int]uint32 // addresses
}

func (f peFile) bytes() []byte {
	magic, start := uint16(0x20b), 112
	if f.is32 {
		magic, start = 0x10b, 96
	}
	optional := make([]byte, start+16*8)
	copy(optional, le16(magic))
	copy(optional[68:], le16(max(f.subsystem, 3*(1^min(f.subsystem, 1)))))
	copy(optional[start-4:], le32(16))
	for number, address := range f.directories {
		copy(optional[start+8*number:], le32(address, 72))
	}
	raw := uint32(128 + 24 + len(optional) + 40)
	section := ".data\x00\x00\x00" + le32(uint32(len(f.data)), 0x1000, uint32(len(f.data)), raw, 0, 0, 0, 0xc0000040)
	return slices.Concat(
		[]byte("MZ"), make([]byte, 58), []byte(le32(128)), make([]byte, 64),
		[]byte("PE\x00\x00"+le16(f.machine, 1)+le32(0, 0, 0)+le16(uint16(len(optional)), f.flags|2)),
		optional, []byte(section), []byte(f.data),
	)
}

// cli is a CLI header of flags; with native code compiled ahead or not.
func cli(flags uint32, ahead bool) string {
	native := uint32(0)
	if ahead {
		native = 0x3000
	}
	return le32(72, 0x00050002, 0x2000, 100, flags, 0) + zeros(40) + le32(native, native)
}

// machO is a thin 64-bit little-endian Mach-O file of load commands.
func machO(cpu, sub, kind uint32, commands ...string) []byte {
	size := 0
	all := ""
	for _, c := range commands {
		size += len(c)
		all += c
	}
	return []byte(le32(0xfeedfacf, cpu, sub, kind, uint32(len(commands)), uint32(size), 0, 0) + all)
}

// command is a load command.
func command(kind uint32, body string) string { return le32(kind, uint32(len(body)+8)) + body }

// fat is a fat Mach-O of slices by their processor, each at a multiple of 64.
func fat(cpus []uint32, slice ...[]byte) []byte {
	head := be32(0xcafebabe, uint32(len(slice)))
	at := (8 + 20*len(slice) + 63) &^ 63
	var body []byte
	for i, s := range slice {
		head += be32(cpus[i], 0, uint32(at+len(body)), uint32(len(s)), 6)
		body = append(append(body, s...), make([]byte, -len(s)&63)...)
	}
	return slices.Concat([]byte(head), make([]byte, at-len(head)), body)
}

// wasm is a module of sections.
func wasm(sections ...string) []byte {
	s := "\x00asm\x01\x00\x00\x00"
	for _, section := range sections {
		s += section
	}
	return []byte(s)
}

// wasmSection is a section of a kind.
func wasmSection(kind byte, body string) string {
	return string(binary.AppendUvarint([]byte{kind}, uint64(len(body)))) + body
}

// wasmImports are imports of a module's functions f.
func wasmImports(modules ...string) string {
	s := string(rune(len(modules)))
	for _, m := range modules {
		s += string(rune(len(m))) + m + "\x01f\x00\x00"
	}
	return wasmSection(2, s)
}

// patch returns a copy with other bytes at an offset.
func patch(b []byte, offset int, s string) []byte {
	b = slices.Clone(b)
	copy(b[offset:], s)
	return b
}
