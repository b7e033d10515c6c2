package executable_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

var update = flag.Bool("update", false, "write testdata/bad/binaries again")

const badList = `# The files of binaries/, one a line: what has to be said of it, tab, file. It is
# "malformed", or else the format, the platforms and what goes with them. Written
# by make bad-binaries.
`

// TestFault110HostileHeadersAreReadWithinBounds reads files whose headers lie
// about counts, sizes and places. None may make us read more than 1 MiB beyond
// the head, take much memory, or say more than is true.
func TestFault110HostileHeadersAreReadWithinBounds(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "testdata", "bad", "binaries")
	list := badList
	for _, file := range hostile() {
		list += file.want + "\t" + file.name + "\n"
		if *update {
			write(t, filepath.Join(folder, file.name), string(file.data))
		}
		t.Run(file.name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(folder, file.name))
			if err != nil || !bytes.Equal(data, file.data) {
				t.Fatalf("what is stored is not what is made, -update writes it: %v", err)
			}
			checkHostile(t, file.want, data)
		})
	}
	if *update {
		write(t, folder+".txt", list)
	}
	stored, err := os.ReadFile(folder + ".txt")
	if diff := cmp.Diff(list, string(stored)); err != nil || diff != "" {
		t.Errorf("%v (-made +stored):\n%s", err, diff)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func checkHostile(t *testing.T, want string, data []byte) {
	t.Helper()
	c := &counter{ReaderAt: bytes.NewReader(data)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	e, err := executable.Read(c, int64(len(data)))
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
		t.Errorf("%d bytes of memory were taken", took)
	}
	if c.bytes > 1<<20+executable.HeadSize || c.calls > 64 {
		t.Errorf("%d reads of %d bytes", c.calls, c.bytes)
	}
	malformed := (*executable.MalformedError)(nil)
	switch {
	case want != "malformed":
		if err != nil || strings.ReplaceAll(tell(e), "\n", " ") != want {
			t.Errorf("%s, %v, want %s: %s", tell(e), err, want, e.Detail)
		}
	case !errors.As(err, &malformed) || malformed.Format != e.Format || len(e.Platforms) > 0 || e.Detail == "":
		t.Errorf("%s, %v, want it to be malformed", tell(e), err)
	}
	fit := executable.CheckRuns(executable.Target{Platform: platform.Platform{OS: "linux", Architecture: "amd64"}}, e).Fit
	if len(e.Platforms) == 0 && !e.Portable && fit != executable.FitUnknown {
		t.Errorf("%s is judged as %s", tell(e), fit)
	}
}

// TestFault110AFileCannotMakeUsReadOn has files of which nothing is missing:
// only a table is longer than reason, or all of them together are.
func TestFault110AFileCannotMakeUsReadOn(t *testing.T) {
	var parts [][]byte
	var cpus []uint32
	for range 44 {
		commands := strings.Repeat(command(0x99, zeros(8)), 4000)
		parts, cpus = append(parts, machO(7, 3, 2, commands)), append(cpus, 7)
	}
	good := elfFile{machine: 62, segments: []elfPart{load("")}}.bytes()
	wide := peFile{machine: 0x8664}.bytes()
	for name, data := range map[string][]byte{
		"1171 ELF program headers":  patch(good, 56, "\x93\x04"),
		"65535 ELF program headers": patch(good, 56, "\xff\xff"),
		"65535 PE sections":         patch(wide, 134, "\xff\xff"),
		"44 slices of 64 KiB each":  fat(cpus, parts...),
	} {
		c := &counter{ReaderAt: followed{data}}
		e, err := executable.Read(c, 1<<30)
		if malformed := (*executable.MalformedError)(nil); !errors.As(err, &malformed) || len(e.Platforms) > 0 {
			t.Errorf("%s: %s, %v", name, tell(e), err)
		}
		if c.bytes > 1<<20+executable.HeadSize {
			t.Errorf("%s: %d bytes were read", name, c.bytes)
		}
	}
}

// TestFault110AFileCannotMakeACallerKeepMuch has a file of a thousand segments
// that might hold Go build information.
func TestFault110AFileCannotMakeACallerKeepMuch(t *testing.T) {
	f := elfFile{machine: 62, segments: []elfPart{goNote()}}
	for range 1000 {
		f.segments = append(f.segments, load(""))
	}
	head := f.bytes()
	for i := range 1000 {
		copy(head[64+56*(i+1)+8:], le32(uint32(i)<<22))
		copy(head[64+56*(i+1)+32:], le32(4<<20))
	}
	sum := int64(0)
	head = append(head, make([]byte, executable.HeadSize)...)[:executable.HeadSize]
	for _, r := range executable.NeededRanges(head, 1<<33) {
		if sum += r.Length; r.Length <= 0 || r.Offset < 0 {
			t.Errorf("a part of %d bytes at offset %d", r.Length, r.Offset)
		}
	}
	if sum == 0 || sum > 4<<20 {
		t.Errorf("%d bytes are wanted", sum)
	}
}

// TestFault110WhatIsToldIsShort has files that state one thing again and again,
// or at length.
func TestFault110WhatIsToldIsShort(t *testing.T) {
	long := strings.Repeat("x", 4000)
	states := note("GNU", 5, le32(0xc0008002, 4, 4, 0))[:12+4+16] + note("NetBSD", 1, le32(1)) + note("GNU", 1, le32(9)) + note(long[:100], 1, "")
	notes := elfPart{kind: 4, align: 4, data: strings.Repeat(states, 100)}
	for name, data := range map[string][]byte{
		"notes":         elfFile{machine: 62, segments: []elfPart{load(""), notes, notes, notes}}.bytes(),
		"broken places": elfFile{machine: 62, segments: slices.Repeat([]elfPart{{kind: 4, data: le32(9, 9, 9)}}, 16)}.bytes(),
		"Go settings":   elfFile{machine: 62, segments: []elfPart{goNote(), load(goBlob("GOARCH=" + long))}}.bytes(),
		"Go levels":     elfFile{machine: 62, segments: []elfPart{goNote(), load(goBlob("GOARCH=amd64", "GOAMD64="+long))}}.bytes(),
	} {
		e, err := read(data)
		if len(e.Detail) > 300 || err != nil {
			t.Errorf("%s: %d bytes are told: %.300s, %v", name, len(e.Detail), e.Detail, err)
		}
		if e.Go != nil && len(e.Go.Architecture)+len(e.Go.Level) > 200 {
			t.Errorf("%s: %+v", name, e.Go)
		}
	}
}

// TestFault111NothingIsGuessed has files that do not say what they run on, or
// say two things. No image is right or wrong because of them.
func TestFault111NothingIsGuessed(t *testing.T) {
	ofGo := elfFile{machine: 183, segments: []elfPart{goNote(), load(goBlob("GOARCH=amd64"))}}.bytes()
	for _, tt := range []struct {
		name string
		data []byte
		says string // part of the reason
	}{
		{"an empty file", nil, "empty"},
		{"text", []byte("exec amd64\n"), "text"},
		{"a script", []byte("#!/usr/bin/env linux/amd64\n"), "script for /usr/bin/env"},
		{"a script without an interpreter", []byte("#!\n"), "names no interpreter"},
		{"a machine field that Go contradicts", ofGo, "its header says arm64, its Go build information amd64"},
		{"a machine field of nothing", elfFile{segments: []elfPart{load("")}}.bytes(), "EM_0"},
		{"a core dump", elfFile{machine: 62, kind: 4, segments: []elfPart{load("")}}.bytes(), "core"},
		{"an EFI program", peFile{machine: 0x8664, subsystem: 10}.bytes(), "EFI"},
		{"an archive of object files", []byte("!<arch>\n"), "ar archive"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, _ := read(tt.data)
			for _, on := range []platform.Platform{
				{OS: "linux", Architecture: "amd64"}, {OS: "windows", Architecture: "arm64"}, {},
			} {
				j := executable.CheckRuns(executable.Target{Platform: on}, e)
				if j.Fit != executable.FitUnknown || !strings.Contains(j.Reason, tt.says) {
					t.Errorf("under %s: %s (%s), want unknown (%s)", platform.Format(on), j.Fit, j.Reason, tt.says)
				}
			}
		})
	}
}

// TestFault111AVariantIsOnlyWhatIsStated takes from files for 32-bit ARM and
// WebAssembly what would say it, and sees that nothing takes its place.
func TestFault111AVariantIsOnlyWhatIsStated(t *testing.T) {
	armhf := stored(t, "c-armhf")
	if e, err := read(patch(armhf, 32, le32(0))); err != nil || tell(e) != "elf linux/arm hard loader=/lib/ld-linux-armhf.so.3" {
		t.Errorf("without a section table: %s, %v", tell(e), err)
	}
	softer := bytes.ReplaceAll(armhf, []byte("ld-linux-armhf.so.3"), []byte("ld-linux-armv8.so.3"))
	if e, err := read(patch(softer, 36, le32(0x05000000))); err != nil || tell(e) != "elf linux/arm/v7 hard loader=/lib/ld-linux-armv8.so.3" {
		t.Errorf("by attributes alone: %s, %v", tell(e), err)
	}
	wasip1 := stored(t, "go-wasip1-wasm")
	for from, want := range map[string]string{
		"wasi_snapshot_preview1": "wasm wasip1/wasm", "wasi_snapshot_preview9": "wasm /wasm",
	} {
		e, err := read(bytes.ReplaceAll(wasip1, []byte("wasi_snapshot_preview1"), []byte(from)))
		if err != nil || tell(e) != want {
			t.Errorf("imports of %s: %s, %v", from, tell(e), err)
		}
	}
	for os, want := range map[string]executable.Compatibility{"wasip1": executable.FitNative, "js": executable.FitIncompatible, "linux": executable.FitIncompatible} {
		e, _ := read(wasip1)
		if j := executable.CheckRuns(executable.Target{Platform: platform.Platform{OS: os, Architecture: "wasm"}}, e); j.Fit != want {
			t.Errorf("Go's wasip1 under %s: %s", os, fmt.Sprint(j))
		}
	}
}
