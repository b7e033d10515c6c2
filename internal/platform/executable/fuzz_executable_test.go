package executable_test

import (
	"bytes"
	"debug/elf"
	"errors"
	"testing"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// FuzzExecutable holds that no file makes the reader panic or read on, that a
// file that contradicts itself has no platform, that the head with what Wanted
// names never says something else than the whole file, and that debug/elf, where
// it reads a file as well, finds the same machine.
func FuzzExecutable(f *testing.F) {
	for _, file := range hostile() {
		f.Add(file.data)
	}
	for _, s := range samples() {
		if data := stored(f, s.name); len(data) > 0 {
			f.Add(data[:min(len(data), 8<<10)])
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &counter{ReaderAt: bytes.NewReader(data)}
		e, err := executable.Read(c, int64(len(data)))
		malformed := (*executable.MalformedError)(nil)
		if err != nil && !errors.As(err, &malformed) {
			t.Fatalf("all is at hand, and yet: %v", err)
		}
		if len(e.Detail) > 4096 {
			t.Fatalf("%d bytes are told: %.300s", len(e.Detail), e.Detail)
		}
		if c.bytes > 1<<20+executable.HeadSize || c.calls > 256 {
			t.Fatalf("%d reads of %d bytes", c.calls, c.bytes)
		}
		if err != nil && (len(e.Platforms) > 0 || e.Portable) || e.Detail == "" {
			t.Fatalf("%s (%q) beside %v", tell(e), e.Detail, err)
		}
		checkPieces(t, e, data)
		checkMachine(t, e, data)
		for _, on := range []platform.Platform{{OS: "linux", Architecture: "arm", Variant: "v6"}, {OS: "windows", Architecture: "amd64"}, {}} {
			if j := executable.CheckRuns(executable.Target{Platform: on}, e); j.Reason == "" || len(e.Platforms) == 0 && !e.Portable && j.Fit != executable.FitUnknown {
				t.Fatalf("%s under %v: %+v", tell(e), on, j)
			}
		}
		executable.CheckLoader(e, e)
	})
}

func checkPieces(t *testing.T, complete executable.Executable, data []byte) {
	t.Helper()
	head := data[:min(len(data), executable.HeadSize)]
	parts := append([]executable.Range{{Length: int64(len(head))}}, executable.NeededRanges(head, int64(len(data)))...)
	for _, r := range parts {
		if r.Length < 0 || r.Offset < 0 || r.Offset+r.Length > int64(len(data)) {
			t.Fatalf("%v are wanted of %d bytes", parts, len(data))
		}
	}
	got, err := executable.Read(pieces{data, parts}, int64(len(data)))
	if err == nil && tell(got) != tell(complete) {
		t.Fatalf("by pieces it is %s, as a whole %s", tell(got), tell(complete))
	}
}

func checkMachine(t *testing.T, e executable.Executable, data []byte) {
	t.Helper()
	if e.Format != executable.FormatELF || len(e.Platforms) == 0 {
		return
	}
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return
	}
	want := map[string]elf.Machine{
		"386": elf.EM_386, "amd64": elf.EM_X86_64, "x32": elf.EM_X86_64, "arm": elf.EM_ARM, "arm64": elf.EM_AARCH64,
		"riscv64": elf.EM_RISCV, "s390x": elf.EM_S390, "ppc64le": elf.EM_PPC64, "loong64": elf.EM_LOONGARCH,
	}
	if m, known := want[e.Platforms[0].Platform.Architecture]; known && m != f.Machine {
		t.Fatalf("%s, want %s", tell(e), f.Machine)
	}
}
