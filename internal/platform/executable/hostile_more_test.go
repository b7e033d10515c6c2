package executable_test

import "strings"

func hostilePE() []hostileFile {
	good := peFile{machine: 0x8664, data: zeros(300)}.bytes()
	net := peFile{machine: 0x14c, is32: true, data: cli(1, false), directories: map[int]uint32{14: 0x1000}}
	const coff, optional, section = 132, 152, 152 + 112 + 128
	return []hostileFile{
		{"pe-cut-in-dos-header", "unknown", good[:60]},
		{"pe-header-beyond", "unknown", patch(good, 60, "\x00\x00\x01")},
		{"pe-header-at-4-gib", "unknown", patch(good, 60, "\xff\xff\xff\xff")},
		{"pe-header-over-the-dos-header", "unknown", patch(good, 60, le32(0))},
		{"pe-header-of-another-kind", "unknown", patch(good, 128, "NE")},
		{"pe-cut-in-header", "unknown", good[:140]},
		{"pe-cut-in-optional-header", bad, good[:200]},
		{"pe-without-optional-header", bad, patch(good, coff+16, "\x00\x00")},
		{"pe-optional-header-of-2-bytes", bad, patch(good, coff+16, "\x02\x00")},
		{"pe-optional-header-of-65535-bytes", bad, patch(good, coff+16, "\xff\xff")},
		{"pe-optional-header-of-another-kind", bad, patch(good, optional, "\x07\x01")},
		{"pe-sections-65535", bad, patch(good, coff+2, "\xff\xff")},
		{"pe-amd64-in-32-bits", bad, peFile{machine: 0x8664, is32: true}.bytes()},
		{"pe-386-in-64-bits", bad, peFile{machine: 0x14c}.bytes()},
		{"pe-machine-0", "pe", patch(good, coff, "\x00\x00")},
		{"pe-directories-4-gib", "pe windows/amd64", patch(good, optional+108, "\xff\xff\xff\xff")},
		{"pe-cli-in-no-section", bad, patch(good, optional+112+14*8, le32(0x9000, 72))},
		{"pe-cli-at-4-gib", bad, patch(good, optional+112+14*8, le32(0xffffffff, 72))},
		{"pe-cli-at-the-end", bad, patch(good, optional+112+14*8, le32(0x1000+290, 72))},
		{"pe-cli-of-another-length", bad, patch(net.bytes(), len(net.bytes())-72, le32(4))},
		{"pe-section-data-beyond", bad, patch(patch(good, optional+112+14*8, le32(0x1000, 72)), section+20, "\xff\xff\xff\xff")},
		{"pe-load-configuration-in-no-section", "pe windows/amd64", patch(good, optional+112+10*8, le32(0x9000, 72))},
		{"pe-section-of-4-gib", "pe windows/amd64", patch(good, section+16, "\xff\xff\xff\xff\xff\xff\xff\xff")},
	}
}

func hostileMachO() []hostileFile {
	good := machO(0x1000007, 3, 2, command(0x0e, le32(12)+"/usr/lib/dyld\x00\x00\x00"))
	const count, length, first = 16, 20, 32
	section := func(size, offset uint32) []byte {
		segment := "__DATA" + zeros(58) + "__go_buildinfo\x00\x00" + "__DATA" + zeros(10) + zeros(8) + le32(size, 0, offset) + zeros(28)
		return machO(0x1000007, 3, 2, command(0x19, segment))
	}
	ofGo := append(section(400, 32+152), goBlob("GOARCH=arm64")+zeros(400)...)
	return []hostileFile{
		{"macho-magic-only", bad, good[:4]},
		{"macho-cut-in-header", bad, good[:27]},
		{"macho-cut-in-commands", bad, good[:40]},
		{"macho-type-0", bad, patch(good, 12, le32(0))},
		{"macho-type-99", bad, patch(good, 12, le32(99))},
		{"macho-commands-2-32", bad, patch(good, count, "\xff\xff\xff\xff")},
		{"macho-commands-of-4-gib", bad, patch(good, length, "\xff\xff\xff\xff")},
		{"macho-commands-of-0-bytes", bad, patch(good, length, le32(0))},
		{"macho-command-of-0-bytes", bad, patch(patch(good, count, "\xff\xff\xff\xff"), first+4, le32(0))},
		{"macho-command-of-7-bytes", bad, patch(good, first+4, le32(7))},
		{"macho-command-of-4-gib", bad, patch(good, first+4, "\xff\xff\xff\xff")},
		{"macho-loader-beyond", "macho darwin/amd64", patch(good, first+8, "\xff\xff\xff\xff")},
		{"macho-loader-in-its-head", "macho darwin/amd64", patch(good, first+8, le32(4))},
		{"macho-build-version-cut", "macho darwin/amd64", machO(0x1000007, 3, 2, command(0x32, ""))},
		{"macho-go-beyond", "macho darwin/amd64", section(100, 0xffffffff)},
		{"macho-go-of-4-gib", "macho darwin/amd64", section(0xffffffff, 0)},
		{"macho-go-built-for-another-processor", bad, ofGo},
	}
}

func hostileFat() []hostileFile {
	slice := machO(7, 3, 2)
	good := fat([]uint32{7, 12}, slice, machO(12, 9, 2))
	const count, first, second = 4, 8, 28
	class := func(s string) []byte { return []byte(be32(0xcafebabe) + s + zeros(32)) }
	return []hostileFile{
		{"fat-magic-only", "unknown", good[:4]},
		{"fat-of-0-slices", bad, patch(good, count, be32(0))},
		{"fat-of-44-slices", bad, patch(good[:60], count, be32(44))},
		{"fat-of-2-32-slices", bad, patch(good, count, "\xff\xff\xff\xff")},
		{"fat-of-2-31-slices", bad, patch(good, count, "\x80\x00\x00\x00")},
		{"fat-of-100-slices", bad, patch(good, count, be32(100))},
		{"fat-slice-beyond", bad, patch(good, first+8, be32(0x10000))},
		{"fat-slice-of-4-gib", bad, patch(good, first+12, "\xff\xff\xff\xff")},
		{"fat-slice-in-its-head", bad, patch(good, first+8, be32(0))},
		{"fat-slice-twice", bad, patch(good, second+8, string(good[first+8:first+16]))},
		{"fat-slices-that-overlap", bad, patch(good, first+12, be32(65))},
		{"fat-slice-of-another-processor", bad, patch(good, first, be32(0x1000007))},
		{"fat-slice-of-text", bad, fat([]uint32{7}, []byte("#!/bin/sh\n"+strings.Repeat(" ", 40)))},
		{"fat-slice-empty", bad, fat([]uint32{7}, nil)},
		{"fat-slice-that-is-fat", bad, fat([]uint32{7}, good)},
		{"fat-64-slice-of-2-64", bad, []byte(be32(0xcafebabf, 1, 7, 3, 0, 64) + huge + zeros(64))},
		{"java-without-constants", bad, class("\x00\x00\x00\x34\x00\x00\x0a")},
		{"java-with-a-constant-of-no-kind", bad, class("\x00\x00\x00\x34\x00\x10\x63")},
		{"java-that-is-cut", bad, class("\x00\x00\x00\x34")[:10]},
	}
}

func hostileRest() []hostileFile {
	types := wasmSection(1, "\x00")
	return []hostileFile{
		{"wasm-magic-only", bad, []byte("\x00asm")},
		{"wasm-version-0", bad, []byte("\x00asm\x00\x00\x00\x00")},
		{"wasm-version-2", bad, []byte("\x00asm\x02\x00\x00\x00")},
		{"wasm-section-longer-than-the-file", bad, wasm("\x01\xff\xff\x03")},
		{"wasm-section-of-2-64-bytes", bad, wasm("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
		{"wasm-section-without-a-length", bad, wasm("\x01")},
		{"wasm-section-length-without-end", bad, wasm("\x01" + strings.Repeat("\x80", 20))},
		{"wasm-sections-flood", bad, wasm(strings.Repeat("\x00\x00", 1000))},
		{"wasm-imports-2-32", "wasm /wasm", wasm(types, wasmSection(2, "\xff\xff\xff\xff\x0f\x01a\x01b\x00\x00"))},
		{"wasm-import-name-of-4-gib", "wasm /wasm", wasm(types, wasmSection(2, "\x01\xff\xff\xff\xff\x0f"))},
		{"wasm-import-of-no-kind", "wasm /wasm", wasm(types, wasmSection(2, "\x02\x01a\x01b\x63\x16wasi_snapshot_preview1\x01f\x00\x00"))},
		{"wasm-import-name-only", "wasm /wasm", wasm(types, wasmSection(2, "\x01\x01a\x01b"))},
		{"script-of-blanks", "script", []byte("#!" + strings.Repeat(" ", 1000))},
		{"script-of-a-line-without-end", "script", []byte("#!" + strings.Repeat("/x", 1000))},
		{"script-of-a-zero-byte", "script", []byte("#!\x00/bin/sh\n")},
		{"script-that-drives-a-terminal", "script interpreter=/\x1b[2J\xff", []byte("#!/\x1b[2J\xff\n")},
		{"script-behind-a-byte-order-mark", "unknown", []byte("\xef\xbb\xbf#!/bin/sh\n")},
		{"script-behind-a-blank", "unknown", []byte(" #!/bin/sh\n")},
		{"empty", "unknown", nil},
		{"a-zero-byte", "unknown", []byte("\x00")},
		{"a-header-cut-in-its-magic", "unknown", []byte("\x7fEL")},
		{"text", "unknown", []byte("echo amd64 linux ELF\n")},
		{"archive", "unknown", []byte("!<arch>\n\x7fELF\x02\x01\x01")},
		{"bitcode", "unknown", []byte("BC\xc0\xde\x35\x14\x00\x00")},
		{"gzip", "unknown", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")},
	}
}
