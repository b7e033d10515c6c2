package executable

import (
	"encoding/binary"
	"fmt"

	"manifest-tool/internal/platform"
)

// The sections of a WebAssembly module that come before its code (core
// specification, 5.5): what imports it is found among the first.
const (
	wasmCustom = 0
	wasmType   = 1
	wasmImport = 2

	// maxWasmSections bounds how many sections are stepped over.
	maxWasmSections = 64
)

// readWasm reads version and imports of a module. The system is that whose
// functions it imports; a module that imports none, or others, states none.
func readWasm(s *boundedReader, head []byte) (Executable, error) {
	e := Executable{Format: FormatWasm}
	if len(head) < 8 {
		return e, malformed("a WebAssembly header of %d bytes", len(head))
	}
	found := Evidence{Platform: platform.Platform{Architecture: "wasm"}}
	switch version := binary.LittleEndian.Uint32(head[4:]); {
	case version == 1:
		found.Detail = "WebAssembly module"
	case version>>16 == 1:
		found.Detail = fmt.Sprintf("WebAssembly component, version %d", version&0xffff)
		e.Detail, e.Platforms = found.Detail, []Evidence{found}
		return e, nil
	default:
		return e, malformed("WebAssembly version %#x", version)
	}
	m := &wasmModule{s: s, at: 8}
	err := m.read()
	found.Platform.OS = m.os
	if m.from != "" {
		found.Detail += ", imports " + m.from
	}
	e.Shared, e.Detail, e.Platforms = m.library, found.Detail, []Evidence{found}
	return e, err
}

// wasmModule steps through the sections of a module.
type wasmModule struct {
	s       *boundedReader
	at      int64
	os      string
	from    string // the imported module that says so
	library bool   // to be linked to others when it is loaded
}

func (m *wasmModule) read() error {
	for range maxWasmSections {
		if m.at >= m.s.size {
			return nil
		}
		head, err := m.s.readUpTo(m.at, 16)
		if err != nil {
			return fmt.Errorf("WebAssembly section: %w", err)
		}
		length, n := binary.Uvarint(head[1:])
		size := clampInt64(length)
		start := m.at + 1 + int64(n)
		if n <= 0 || n > 5 || size > m.s.size-start {
			return malformed("a WebAssembly section of %d bytes at offset %d", size, m.at)
		}
		switch {
		case head[0] == wasmImport:
			return m.imports(start, size)
		case head[0] > wasmImport:
			return nil
		case head[0] == wasmCustom && m.at == 8:
			m.library = string(head[1+n:min(len(head), 1+n+7)]) == "\x08dylink"
		}
		m.at = start + size
	}
	return malformed("more than %d WebAssembly sections before its imports", maxWasmSections)
}

// imports reads the names of the imported modules, up to the first that identifies
// the system or is not a function: systems provide functions.
func (m *wasmModule) imports(offset, size int64) error {
	raw, err := m.s.readUpTo(offset, min(size, maxTable))
	if err != nil {
		return fmt.Errorf("WebAssembly imports: %w", err)
	}
	b := wasmBytes(raw)
	for count := b.number(); count > 0 && len(b) > 0; count-- {
		module := b.name()
		_ = b.name()
		if m.os = wasmSystem(module); m.os != "" {
			m.from = module
			return nil
		}
		if len(b) == 0 || !b.skipType() {
			return nil
		}
	}
	return nil
}

// wasmSystem returns the os whose functions a module of that name has. Go's own
// for JavaScript was called go until Go 1.20.
func wasmSystem(module string) string {
	switch module {
	case "wasi_snapshot_preview1":
		return "wasip1"
	case "gojs", "go":
		return "js"
	}
	return ""
}
