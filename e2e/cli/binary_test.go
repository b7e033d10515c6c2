//go:build e2e

package cli

import (
	"debug/elf"
	"errors"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// maxSize is the most that the stripped binary for linux/amd64 may have, in bytes.
// docs/size.md describes what they are for; make size prints it.
const maxSize = 17_000_000

// openBinary opens the binary under test, if it is an ELF file.
func openBinary(t *testing.T) *elf.File {
	t.Helper()
	program, err := elf.Open(clitest.Binary())
	if err != nil {
		t.Skip("the binary is not an ELF file: ", err)
	}
	t.Cleanup(func() { _ = program.Close() })
	return program
}

// TestBinarySize counts the sections that stay in a stripped binary.
func TestBinarySize(t *testing.T) {
	t.Parallel()
	program := openBinary(t)
	if program.Machine != elf.EM_X86_64 {
		t.Skip("the limit is that of amd64, not of ", program.Machine)
	}
	var size uint64
	for _, s := range program.Sections {
		if s.Flags&elf.SHF_ALLOC != 0 && s.Type != elf.SHT_NOBITS {
			size += s.FileSize
		}
	}
	if size > maxSize || size < maxSize/2 {
		t.Errorf("the stripped binary has %d bytes, want at most %d: make size shows what they are for", size, maxSize)
	}
}

// TestNoMethodLookup holds that the program looks up no methods by their names
// (decision 37): the linker would then keep every exported method of every type,
// which are 2.7 MB. What calls it most often are text/template and html/template.
func TestNoMethodLookup(t *testing.T) {
	t.Parallel()
	symbols, err := openBinary(t).Symbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		t.Skip("the binary was given without symbols")
	}
	clitest.Must(t, err)
	if len(symbols) < 1000 {
		t.Fatalf("%d symbols", len(symbols))
	}
	for _, s := range symbols {
		if strings.HasPrefix(s.Name, "reflect.Value.Method") || strings.HasPrefix(s.Name, "reflect.(*rtype).Method") {
			t.Errorf("%s is in the binary: which code calls it, prints\n  go build -ldflags=-dumpdep . 2>&1 | grep ReflectMethod", s.Name)
		}
	}
}
