package executable_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"manifest-tool/internal/platform/executable"
)

// errNotAtHand is what the tests' readers answer for bytes that they lack.
var errNotAtHand = errors.New("not at hand")

func read(data []byte) (executable.Executable, error) {
	return executable.Read(bytes.NewReader(data), int64(len(data)))
}

type toldCase struct {
	name string
	data []byte
	want string // in the form of tell
}

func checkTold(t *testing.T, cases []toldCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			e, err := read(tt.data)
			if err != nil || tell(e) != tt.want {
				t.Errorf("%s, %v, want %s: %s", tell(e), err, tt.want, e.Detail)
			}
			if e.Detail == "" {
				t.Error("it does not say how that was found")
			}
		})
	}
}

func TestELFHeaders(t *testing.T) {
	one := func(f elfFile, parts ...elfPart) []byte {
		f.segments = append([]elfPart{load("")}, parts...)
		return f.bytes()
	}
	interp := elfPart{kind: 3, data: "/lib/ld-musl-armhf.so.1\x00"}
	checkTold(t, []toldCase{
		{"amd64", one(elfFile{machine: 62}), "elf /amd64"},
		{"x32 is not amd64", one(elfFile{machine: 62, is32: true}), "elf /x32"},
		{"riscv32", one(elfFile{machine: 243, is32: true, flags: 5}), "elf /riscv32 hard"},
		{"riscv64 soft-float", one(elfFile{machine: 243, flags: 1}), "elf /riscv64 soft"},
		{"riscv64 single-float", one(elfFile{machine: 243, flags: 2}), "elf /riscv64"},
		{"loong64 soft-float", one(elfFile{machine: 258, flags: 0x41}), "elf /loong64 soft"},
		{"loong64", one(elfFile{machine: 258, flags: 0x43}), "elf /loong64 hard"},
		{"sparc64", one(elfFile{machine: 43, big: true}), "elf /sparc64"},
		{"s390 of 31 bits", one(elfFile{machine: 22, big: true, is32: true}), "elf /s390"},
		{"mips n32", one(elfFile{machine: 8, big: true, is32: true, flags: 0x20}), "elf /mipsn32"},
		{"mips64 release 6", one(elfFile{machine: 8, flags: 0xa0000000}), "elf /mips64r6le"},
		{"arm64 big-endian", one(elfFile{machine: 183, big: true}), "elf /arm64be"},
		{"musl", one(elfFile{machine: 40, is32: true, flags: 0x05000400}, interp), "elf linux/arm hard loader=/lib/ld-musl-armhf.so.1"},
		{"arm of an old ABI has no float", one(elfFile{machine: 40, is32: true, flags: 0x04000600}), "elf /arm"},
		{"freebsd", one(elfFile{machine: 62, osABI: 9}), "elf freebsd/amd64"},
		{"a note of NetBSD", one(elfFile{machine: 62}, elfPart{kind: 4, align: 4, data: note("NetBSD", 1, le32(1))}), "elf netbsd/amd64"},
		{"a note of Android", one(elfFile{machine: 183}, elfPart{kind: 4, align: 4, data: note("GNU", 1, le32(0, 3, 2, 0)) + note("Android", 1, le32(24))}), "elf android/arm64"},
		{"two systems are none", one(elfFile{machine: 62, osABI: 9}, elfPart{kind: 4, align: 4, data: note("GNU", 1, le32(0, 3, 2, 0))}), "elf /amd64"},
		{"a third does not settle it", one(elfFile{machine: 62, osABI: 9}, elfPart{kind: 4, align: 4, data: note("GNU", 1, le32(0)) + note("GNU", 1, le32(0))}), "elf /amd64"},
		{"eBPF runs on no node's processor", one(elfFile{machine: 247, kind: 1}), "elf shared"},
		{"a processor that is new", one(elfFile{machine: 4711}), "elf shared"},
		{"a core dump", one(elfFile{machine: 62, kind: 4}), "elf shared"},
		{"a shared object", one(elfFile{machine: 62, kind: 3}), "elf /amd64 shared"},
		{"a static program that can be moved", one(elfFile{machine: 62, kind: 3, entry: 64}), "elf /amd64"},
		{"an object file", elfFile{machine: 62, kind: 1}.bytes(), "elf /amd64 shared"},
	})
}

func TestELFVariants(t *testing.T) {
	needs := func(bits uint32) elfPart {
		return elfPart{kind: 4, align: 8, data: note("GNU", 5, le32(0xc0000002, 4, 3, 0, 0xc0008002, 4, bits, 0))}
	}
	amd64 := func(parts ...elfPart) []byte {
		return elfFile{machine: 62, segments: append([]elfPart{load("")}, parts...)}.bytes()
	}
	arm := func(values string) []byte {
		return elfFile{machine: 40, is32: true, segments: []elfPart{load("")}, sections: []elfPart{{}, armSection(values)}}.bytes()
	}
	ofGo := func(machine uint16, settings ...string) []byte {
		return elfFile{machine: machine, is32: machine == 40, segments: []elfPart{goNote(), load(goBlob(settings...))}}.bytes()
	}
	checkTold(t, []toldCase{
		{"baseline", amd64(needs(1)), "elf /amd64/v1"},
		{"v3 and what is below", amd64(needs(7)), "elf /amd64/v3"},
		{"the highest of two notes", amd64(needs(1), needs(8)), "elf /amd64/v4"},
		{"bits that are new", amd64(needs(1 << 9)), "elf /amd64"},
		{"386 has no levels", elfFile{machine: 3, is32: true, segments: []elfPart{load(""), needs(7)}}.bytes(), "elf /386"},
		{"arm without attributes", elfFile{machine: 40, is32: true, segments: []elfPart{load("")}}.bytes(), "elf /arm"},
		{"arm v4T runs on v5", arm("\x06\x02"), "elf /arm/v5"},
		{"arm v6 hard-float", arm("\x05ARM1176\x00\x06\x06\x1c\x01"), "elf /arm/v6 hard"},
		{"arm v7 soft-float", arm("\x06\x0a\x07A\x1c\x00"), "elf /arm/v7 soft"},
		{"arm v8", arm("\x06\x0e"), "elf /arm/v7"},
		{"arm microcontroller", arm("\x06\x0d\x07M"), "elf /arm"},
		{"tags before it that are text, or both", arm("\x20\x01gnu\x00\x43\x32.09\x00\x22\x01\x06\x0a"), "elf /arm/v7"},
		{"GOARM", ofGo(40, "GOARCH=arm", "GOOS=linux", "GOARM=6,softfloat"), "elf linux/arm/v6"},
		{"GOAMD64", ofGo(62, "GOARCH=amd64", "GOOS=linux", "GOAMD64=v3"), "elf linux/amd64/v3"},
		{"GOARM64", ofGo(183, "GOARCH=arm64", "GOOS=linux", "GOARM64=v8.2,lse"), "elf linux/arm64/v8.2"},
		{"an os that Go does not have", ofGo(62, "GOOS=beos"), "elf /amd64"},
		{"a level that is none", ofGo(62, "GOARCH=amd64", "GOAMD64=v9"), "elf /amd64"},
		{"Go without settings", ofGo(62), "elf /amd64"},
		{"build information without Go's note", elfFile{machine: 62, segments: []elfPart{load(goBlob("GOARCH=amd64", "GOAMD64=v3"))}}.bytes(), "elf /amd64"},
	})
}

func TestPEHeaders(t *testing.T) {
	code := func(machine uint16) []byte {
		return peFile{machine: machine, is32: machine < 0x200, data: zeros(300)}.bytes()
	}
	net := func(machine uint16, flags uint32, ahead bool) []byte {
		f := peFile{machine: machine, is32: machine == 0x14c, data: cli(flags, ahead), directories: map[int]uint32{14: 0x1000}}
		return f.bytes()
	}
	hybrid := func(machine uint16) []byte {
		data := le32(320) + zeros(196) + le32(0x1000, 1) + zeros(120)
		return peFile{machine: machine, data: data, directories: map[int]uint32{10: 0x1000}}.bytes()
	}
	checkTold(t, []toldCase{
		{"386", code(0x14c), "pe windows/386"},
		{"amd64", code(0x8664), "pe windows/amd64"},
		{"arm", code(0x1c4), "pe windows/arm/v7"},
		{"arm64", code(0xaa64), "pe windows/arm64"},
		{"a DLL", peFile{machine: 0x8664, flags: 0x2000, data: "x"}.bytes(), "pe windows/amd64 shared"},
		{"a processor that is new", code(0x9999), "pe"},
		{"EFI is not Windows", peFile{machine: 0xaa64, subsystem: 10, data: "x"}.bytes(), "pe"},
		{"a kernel image for EFI", peFile{machine: 0x8664, subsystem: 10, data: "HdrS"}.bytes(), "pe"},
		{"ARM64EC calls itself amd64", hybrid(0x8664), "pe windows/arm64"},
		{"ARM64X", hybrid(0xaa64), "pe windows/arm64"},
		{"Go", peFile{machine: 0x8664, data: goBlob("GOARCH=amd64", "GOAMD64=v3")}.bytes(), "pe windows/amd64/v3"},
		{".NET for any processor", net(0x14c, 1, false), "dotnet portable"},
		{".NET for any, better 32 bits", net(0x14c, 1|2|0x20000, false), "dotnet portable"},
		{".NET for 386", net(0x14c, 1|2, false), "dotnet /386"},
		{".NET for amd64", net(0x8664, 1, false), "dotnet /amd64"},
		{".NET compiled ahead for Linux on arm64", net(0xaa64^0x7b79, 1, true), "dotnet linux/arm64"},
		{".NET compiled ahead for Linux on amd64", net(0xfd1d, 1, true), "dotnet linux/amd64"},
		{".NET with machine code", net(0x8664, 0, false), "dotnet windows/amd64"},
		{"DOS", []byte("MZ" + zeros(100)), "unknown"},
		{"text", []byte("MZ"), "unknown"},
	})
}

func TestMachOHeaders(t *testing.T) {
	build := func(system uint32) string { return command(0x32, le32(system, 0, 0, 0)) }
	dyld := command(0x0e, le32(12)+"/usr/lib/dyld\x00\x00\x00")
	amd64, arm64 := machO(0x1000007, 3, 2, dyld), machO(0x100000c, 0, 2, dyld)
	class := func(s string) []byte { return []byte(be32(0xcafebabe) + s) }
	checkTold(t, []toldCase{
		{"amd64", amd64, "macho darwin/amd64 loader=/usr/lib/dyld"},
		{"arm64e", machO(0x100000c, 0x80000002, 2), "macho darwin/arm64"},
		{"macOS", machO(0x100000c, 0, 2, build(1)), "macho darwin/arm64"},
		{"iOS", machO(0x100000c, 0, 2, build(2)), "macho ios/arm64"},
		{"an older iOS", machO(12, 9, 2, command(0x25, le32(0, 0))), "macho ios/arm/v7"},
		{"a simulator", machO(0x100000c, 0, 2, build(7)), "macho darwin/arm64"},
		{"a platform that is new", machO(0x100000c, 0, 2, build(99)), "macho /arm64"},
		{"a library", machO(0x100000c, 0, 6), "macho darwin/arm64 shared"},
		{"a processor that is new", machO(0x1000099, 0, 2), "macho"},
		{"fat", fat([]uint32{0x1000007, 0x100000c}, amd64, arm64), "macho darwin/amd64 darwin/arm64 loader=/usr/lib/dyld"},
		{"fat, of archives", fat([]uint32{7, 0x100000c}, []byte("!<arch>\n"), []byte("!<arch>\n")), "macho darwin/386 darwin/arm64 shared"},
		{"Java 8", class("\x00\x00\x00\x34\x00\x10\x0a\x00"), "java portable"},
		{"Java with previews", class("\xff\xff\x00\x41\x00\x10\x07\x00"), "java portable"},
		{"Java 1.0", class("\x00\x03\x00\x2d\x00\x10\x0a\x00"), "java portable"},
		{"another magic", []byte("\xca\xfe\xba\x11\x00\x00\x00\x02"), "unknown"},
	})
}

func TestWasmModules(t *testing.T) {
	types := wasmSection(1, "\x00")
	table := wasmSection(2, "\x02\x03env\x01t\x01\x70\x01\x01\x02\x16wasi_snapshot_preview1\x01f\x00\x00")
	checkTold(t, []toldCase{
		{"WASI", wasm(types, wasmImports("env", "wasi_snapshot_preview1")), "wasm wasip1/wasm"},
		{"WASI behind a table", wasm(types, table), "wasm wasip1/wasm"},
		{"Go for JavaScript", wasm(wasmSection(0, "\x04name"), types, wasmImports("gojs")), "wasm js/wasm"},
		{"other imports", wasm(types, wasmImports("env")), "wasm /wasm"},
		{"an older WASI is not preview 1", wasm(types, wasmImports("wasi_unstable")), "wasm /wasm"},
		{"no imports", wasm(types, wasmSection(3, "\x00")), "wasm /wasm"},
		{"nothing", wasm(), "wasm /wasm"},
		{"a library", wasm(wasmSection(0, "\x08dylink.0\x00"), types), "wasm /wasm shared"},
		{"a component", []byte("\x00asm\x0d\x00\x01\x00"), "wasm /wasm"},
	})
}

func TestScriptLines(t *testing.T) {
	long := "#!/" + strings.Repeat("x", 300)
	checkTold(t, []toldCase{
		{"a path", []byte("#!/bin/sh\necho\n"), "script interpreter=/bin/sh"},
		{"one argument", []byte("#!/usr/bin/env -S python3 -u\n"), "script interpreter=/usr/bin/env argument=-S python3 -u"},
		{"blanks around", []byte("#! \t /bin/sh \t -e \t \n"), "script interpreter=/bin/sh argument=-e"},
		{"no end of line", []byte("#!/bin/sh"), "script interpreter=/bin/sh"},
		{"a carriage return", []byte("#!/bin/sh\r\n"), "script interpreter=/bin/sh\r"},
		{"a zero byte", []byte("#!/bin/sh\x00-e\n"), "script interpreter=/bin/sh"},
		{"nothing", []byte("#!"), "script"},
		{"blanks only", []byte("#!   \n/bin/sh\n"), "script"},
		{"a path that may be cut off", []byte(long + "\n"), "script"},
		{"an argument that is cut off", []byte("#!/bin/sh " + strings.Repeat("x", 300) + "\n"), "script interpreter=/bin/sh argument=" + strings.Repeat("x", 245)},
		{"the longest path", []byte("#!/" + strings.Repeat("x", 252) + "\n"), "script interpreter=/" + strings.Repeat("x", 252)},
	})
}

// TestRead_MissingBytes has a reader that fails: its error comes back,
// beside what was read before it.
func TestRead_MissingBytes(t *testing.T) {
	file := elfFile{machine: 62, segments: []elfPart{goNote(), load(zeros(2*executable.HeadSize) + goBlob("GOARCH=amd64", "GOAMD64=v3"))}}.bytes()
	at := bytes.Index(file, []byte("\xff Go buildinf:"))
	binary.LittleEndian.PutUint64(file[64+56+8:], uint64(at)) // the segment's offset
	binary.LittleEndian.PutUint64(file[64+56+32:], uint64(len(file)-at))
	size := int64(len(file))
	part := func(n int64) io.ReaderAt { return pieces{file, []executable.Range{{Length: n}}} }

	if e, err := executable.Read(part(size), size); err != nil || tell(e) != "elf /amd64/v3" {
		t.Fatalf("all of it: %s, %v", tell(e), err)
	}
	e, err := executable.Read(part(executable.HeadSize), size)
	if !errors.Is(err, errNotAtHand) || tell(e) != "elf /amd64" {
		t.Errorf("only the head: %s, %v", tell(e), err)
	}
	e, err = executable.Read(part(0), size)
	if !errors.Is(err, errNotAtHand) || tell(e) != "unknown" {
		t.Errorf("nothing: %s, %v", tell(e), err)
	}
	_, err = executable.Read(bytes.NewReader(file[:100]), size)
	if bad := (*executable.MalformedError)(nil); !errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &bad) {
		t.Errorf("a reader that ends before the size: %v", err)
	}
}

// TestRead_LargeFile reads a program of 100 MB.
func TestRead_LargeFile(t *testing.T) {
	small := elfFile{machine: 62, segments: []elfPart{goNote(), load(goBlob("GOARCH=amd64", "GOAMD64=v2"))}}.bytes()
	c := &counter{ReaderAt: followed{small}}
	e, err := executable.Read(c, 100<<20)
	if err != nil || tell(e) != "elf /amd64/v2" || c.bytes > 1<<20 || c.calls > 5 {
		t.Errorf("%s, %v after %d reads of %d bytes", tell(e), err, c.calls, c.bytes)
	}
}

// followed is data with zeros behind it, without end.
type followed struct{ data []byte }

func (f followed) ReadAt(p []byte, offset int64) (int, error) {
	clear(p)
	if offset < int64(len(f.data)) {
		copy(p, f.data[offset:])
	}
	return len(p), nil
}
