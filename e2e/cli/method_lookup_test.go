//go:build e2e

package cli

import (
	"debug/elf"
	"errors"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// TestNoMethodLookup holds that the program looks up no methods by their names
// (decision 37): the linker would then keep every exported method of every type,
// which are 2.7 MB. What calls it most often are text/template and html/template.
func TestNoMethodLookup(t *testing.T) {
	t.Parallel()
	program, err := elf.Open(clitest.Binary())
	if err != nil {
		t.Skip("the binary is not an ELF file: ", err)
	}
	defer program.Close()
	symbols, err := program.Symbols()
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
