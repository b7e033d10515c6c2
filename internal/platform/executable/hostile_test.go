package executable_test

import (
	"slices"
	"strings"
)

// hostileFile is a file whose header lies, and what has to be said of it: in
// the form of tell, or "malformed".
type hostileFile struct {
	name, want string
	data       []byte
}

// hostile makes the files of testdata/bad/binaries.
func hostile() []hostileFile {
	all := slices.Concat(hostileELF(), hostileTables(), hostileGo(), hostilePE(), hostileMachO(), hostileFat(), hostileRest())
	slices.SortFunc(all, func(a, b hostileFile) int { return strings.Compare(a.name, b.name) })
	return all
}

const bad = "malformed"

var huge = strings.Repeat("\xff", 8)

func hostileELF() []hostileFile {
	good := elfFile{machine: 62, segments: []elfPart{load("data"), {kind: 3, data: "/lib/ld.so\x00"}}}.bytes()
	const program, interp = 64, 64 + 56
	interpreted := func(path string) []byte {
		return elfFile{machine: 62, segments: []elfPart{{kind: 3, data: path}}}.bytes()
	}
	return []hostileFile{
		{"elf-magic-only", bad, good[:4]},
		{"elf-cut-in-header", bad, good[:40]},
		{"elf-cut-before-flags", bad, good[:52]},
		{"elf-cut-in-program-headers", bad, good[:100]},
		{"elf-class-0", bad, patch(good, 4, "\x00")},
		{"elf-class-3", bad, patch(good, 4, "\x03")},
		{"elf-class-of-32-bits", bad, patch(good, 4, "\x01")},
		{"elf-encoding-0", bad, patch(good, 5, "\x00")},
		{"elf-encoding-of-the-other-order", bad, patch(good, 5, "\x02")},
		{"elf-type-0", bad, patch(good, 16, "\x00")},
		{"elf-type-of-a-system", bad, patch(good, 16, "\x00\xfe")},
		{"elf-machine-0", "elf shared", patch(good, 18, "\x00\x00")},
		{"elf-machine-386-of-64-bits", bad, patch(good, 18, "\x03")},
		{"elf-machine-s390-little-endian", bad, patch(good, 18, "\x16")},
		{"elf-amd64-big-endian", bad, elfFile{machine: 62, big: true, segments: []elfPart{load("")}}.bytes()},
		{"elf-program-headers-none", bad, patch(good, 56, "\x00")},
		{"elf-program-headers-65535", bad, patch(good, 56, "\xff\xff")},
		{"elf-program-headers-1171-by-56", bad, patch(good, 56, "\x93\x04")},
		{"elf-program-header-of-0-bytes", bad, patch(good, 54, "\x00\x00\xff\xff")},
		{"elf-program-header-of-32-bytes", bad, patch(good, 54, "\x20")},
		{"elf-program-header-of-65535-bytes", bad, patch(good, 54, "\xff\xff")},
		{"elf-program-headers-beyond", bad, patch(good, 32, "\x00\x00\x01")},
		{"elf-program-headers-at-the-end", bad, patch(good, 32, le32(uint32(len(good))))},
		{"elf-program-headers-at-2-64", bad, patch(good, 32, huge)},
		{"elf-program-headers-over-the-header", "elf /amd64", patch(good, 32, le32(0))},
		{"elf-segment-beyond", bad, patch(good, program+8, "\x00\x00\x01")},
		{"elf-segment-longer-than-the-file", bad, patch(good, program+32, "\x00\x00\x01")},
		{"elf-segment-of-2-64-bytes", bad, patch(good, program+32, huge)},
		{"elf-segment-at-2-64", bad, patch(good, program+8, huge)},
		{"elf-segment-that-wraps", bad, patch(patch(good, program+8, le32(100)), program+32, le32(0xfffffff0, 0xffffffff))},
		{"elf-loader-empty", "elf /amd64", interpreted("")},
		{"elf-loader-of-zeros", bad, interpreted("\x00\x00")},
		{"elf-loader-without-end", bad, interpreted(strings.Repeat("x", 16))},
		{"elf-loader-of-5000-bytes", bad, interpreted(strings.Repeat("x", 5000))},
		{"elf-loader-beyond", bad, patch(good, interp+8, "\x00\x00\x01")},
		{"elf-loader-at-2-63", bad, patch(good, interp+8, zeros(7)+"\x80")},
		{"elf-loader-of-2-64-bytes", bad, patch(good, interp+32, huge)},
		{"elf-loader-that-drives-a-terminal", "elf /amd64 loader=/\x1b[2J\r\xff", interpreted("/\x1b[2J\r\xff\x00")},
	}
}

// hostileTables are files whose small print is broken. The header decides what
// the kernel makes of them, and stands.
func hostileTables() []hostileFile {
	noted := func(data string) []byte {
		return elfFile{machine: 62, segments: []elfPart{load(""), {kind: 4, align: 4, data: data}}}.bytes()
	}
	const offset = 64 + 56 + 8
	property := elfFile{machine: 62, segments: []elfPart{load(""), {kind: 4, align: 8, data: note("GNU", 5, le32(0xc0008002, 0xffffffff, 8, 0))}}}
	many := elfFile{machine: 62, segments: []elfPart{load("")}}
	for range 1000 {
		many.segments = append(many.segments, elfPart{kind: 4, align: 4})
	}
	flood := many.bytes()
	for i := range 1000 {
		copy(flood[64+56*(i+1)+8:], le32(0))
		copy(flood[64+56*(i+1)+32:], le32(56000))
	}
	arm := func(s elfPart) []byte {
		return elfFile{machine: 40, is32: true, segments: []elfPart{load("")}, sections: []elfPart{{}, s}}.bytes()
	}
	raw := func(data string) elfPart { return elfPart{kind: 0x70000003, data: data} }
	good := arm(armSection("\x06\x0a"))
	mips := func(data string) []byte {
		return elfFile{machine: 8, is32: true, big: true, segments: []elfPart{load(""), {kind: 0x70000003, data: data}}}.bytes()
	}
	return []hostileFile{
		{"elf-note-beyond", "elf /amd64", patch(noted("x"), offset, "\x00\x00\x01")},
		{"elf-note-at-2-64", "elf /amd64", patch(noted("x"), offset, huge)},
		{"elf-note-of-2-64-bytes", "elf /amd64", patch(noted("x"), offset+24, huge)},
		{"elf-note-name-of-4-gib", "elf /amd64", noted(le32(0xffffffff, 4, 1) + "GNU\x00" + le32(0))},
		{"elf-note-body-of-4-gib", "elf /amd64", noted(le32(4, 0xffffffff, 1) + "GNU\x00" + le32(0))},
		{"elf-notes-of-nothing", "elf /amd64", noted(strings.Repeat(le32(0, 0, 0), 1000))},
		{"elf-notes-flood", "elf /amd64", flood},
		{"elf-property-of-4-gib", "elf /amd64", property.bytes()},
		{"elf-sections-beyond", "elf /arm", patch(good, 32, "\x00\x00\x01")},
		{"elf-sections-at-4-gib", "elf /arm", patch(good, 32, "\xff\xff\xff\xff")},
		{"elf-sections-65535", "elf /arm", patch(good, 48, "\xff\xff")},
		{"elf-sections-counted-in-the-first", "elf /arm", patch(good, 48, "\x00\x00")},
		{"elf-section-header-of-0-bytes", "elf /arm", patch(good, 46, "\x00\x00\xff\xff")},
		{"elf-section-of-4-gib", "elf /arm", patch(good, 52+32+40+20, "\xff\xff\xff\xff")},
		{"elf-attributes-empty", "elf /arm", arm(raw(""))},
		{"elf-attributes-of-another-version", "elf /arm", arm(raw("B" + le32(20) + "aeabi\x00\x01" + le32(7) + "\x06\x0a"))},
		{"elf-attributes-of-0-bytes", "elf /arm", arm(raw("A" + le32(0) + "aeabi\x00"))},
		{"elf-attributes-of-4-gib", "elf /arm", arm(raw("A" + le32(0xffffffff) + "aeabi\x00"))},
		{"elf-attributes-part-of-0-bytes", "elf /arm", arm(raw("A" + le32(17) + "aeabi\x00\x01" + le32(0) + "\x06\x0a"))},
		{"elf-attributes-part-of-4-gib", "elf /arm", arm(raw("A" + le32(17) + "aeabi\x00\x01" + le32(0xffffffff) + "\x06\x0a"))},
		{"elf-attributes-number-without-end", "elf /arm", arm(armSection(strings.Repeat("\xff", 64)))},
		{"elf-attributes-text-without-end", "elf /arm", arm(armSection("\x05" + strings.Repeat("x", 64)))},
		{"elf-attributes-cpu-of-2-32", "elf /arm", arm(armSection("\x06\xff\xff\xff\xff\x0f"))},
		{"elf-mips-flags-of-4-bytes", "elf /mips", mips("\x00\x00\x00\x00")},
		{"elf-mips-flags-beyond", "elf /mips", patch(mips(zeros(24)), 52+32+4, "\x00\x01")},
	}
}

func hostileGo() []hostileFile {
	ofGo := func(blob string) []byte {
		return elfFile{machine: 62, segments: []elfPart{goNote(), load(blob)}}.bytes()
	}
	head := "\xff Go buildinf:\x08\x02" + zeros(16)
	longest := "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
	return []hostileFile{
		{"go-built-for-another-processor", bad, ofGo(goBlob("GOARCH=arm64"))},
		{"go-version-of-2-64-bytes", "elf /amd64", ofGo(head + longest)},
		{"go-version-without-a-length", "elf /amd64", ofGo(head + strings.Repeat("\x80", 16))},
		{"go-version-that-is-cut", "elf /amd64", ofGo(head + "\x20go1.26")},
		{"go-list-of-2-64-bytes", "elf /amd64", ofGo(head + "\x08go1.26.8" + longest)},
		{"go-list-longer-than-the-file", "elf /amd64", ofGo(head + "\x08go1.26.8" + "\xff\xff\x0f")},
		{"go-list-without-a-length", "elf /amd64", ofGo(head + "\x08go1.26.8")},
		{"go-header-only", "elf /amd64", ofGo(head)},
		{"go-header-of-old-go", "elf /amd64", ofGo("\xff Go buildinf:\x08\x00" + le32(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff))},
		{"go-header-askew", "elf /amd64", ofGo("x" + goBlob("GOARCH=arm64"))},
		{"go-headers-flood", "elf /amd64", ofGo("x" + strings.Repeat("\xff Go buildinf:xx", 2000))},
		{"go-in-pe-built-for-another-processor", bad, peFile{machine: 0x8664, data: goBlob("GOARCH=386")}.bytes()},
	}
}
