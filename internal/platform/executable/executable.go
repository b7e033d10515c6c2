// Package executable reads the headers of programs (ELF, PE, Mach-O, WebAssembly
// and #! scripts), reports the platforms they were built for, and checks whether
// a program runs on a platform. It does no I/O except through the reader that it
// is given.
package executable

import (
	"bytes"
	"errors"
	"io"

	"manifest-tool/internal/platform"
)

// HeadSize is how many of a file's first bytes [Read] reads at once,
// before anything else.
const HeadSize = 64 << 10

// FileFormat is the kind of file that a header announces.
type FileFormat string

// The formats. A file of FormatUnknown may be anything, also a text that a
// shell would run.
const (
	FormatELF     FileFormat = "elf"
	FormatPE      FileFormat = "pe"
	FormatMachO   FileFormat = "macho"
	FormatWasm    FileFormat = "wasm"
	FormatJava    FileFormat = "java"
	FormatDotnet  FileFormat = "dotnet"
	FormatScript  FileFormat = "script"
	FormatUnknown FileFormat = "unknown"
)

// Executable is what the header of a program file says it runs on.
type Executable struct {
	Format FileFormat `json:"format"`
	// Platforms are the platforms it was built for: one, or several for a fat
	// Mach-O. It is empty if the file is portable, a script, or unknown.
	Platforms []Evidence `json:"platforms,omitempty"`
	// Portable says that a virtual machine of any platform runs it: a Java
	// class, a .NET assembly of intermediate code only.
	Portable bool `json:"portable,omitempty"`
	// Shared is set if it is not a program of its own: a shared object, a DLL, a
	// dylib, a bundle, an object file.
	Shared bool `json:"shared,omitempty"`
	// Loader is the path of the program that loads it (ELF PT_INTERP, Mach-O
	// LC_LOAD_DYLINKER), "" for a static one.
	Loader string `json:"loader,omitempty"`
	// Interpreter and Argument are what the #! line of a script names, as
	// Linux reads it: a path, and the rest of the line as one argument.
	Interpreter string `json:"interpreter,omitempty"`
	Argument    string `json:"argument,omitempty"`
	// Refusal is why Linux does not execute the file by itself, "" if it may. The
	// processor is not considered.
	Refusal Refusal `json:"refusal,omitempty"`
	// Go is what the Go build information in the file says, or nil.
	Go *GoBuild `json:"go,omitempty"`
	// Detail says how it was found, in the field's words, such as "ELF64
	// little-endian EM_AARCH64", or why nothing is known. It may hold text
	// from the file, which has to be escaped.
	Detail string `json:"detail"`
}

// Evidence is one platform that a file was built for.
type Evidence struct {
	// Platform has only fields that the file states. An os of "" means that
	// any system of the format may be meant: most ELF programs for Linux say
	// nothing. The architecture is Go's name, or where Go has none a name of
	// the field's, such as x32, riscv32 or mipsn32. A variant is the highest
	// that the file names, "" where it names none.
	Platform platform.Platform `json:"platform"`
	// Exact is the variant that the whole file was built for, as its header or
	// Go's build information states it; "" if none is stated. If the variant of
	// Platform is another, it is a hint from notes or attributes: linkers write
	// there the highest of all objects, also of those whose code is used only
	// after a check at run time.
	Exact string `json:"exact,omitempty"`
	// Mixed is set if some object of a 32-bit ARM file is for ARMv8 or NEON. Its
	// variant is v7 then, although all other objects may be for a lower one: no
	// distribution requires either.
	Mixed bool `json:"mixed,omitempty"`
	// Float is the floating point convention its calls follow: "hard",
	// "soft", or "" where the file does not say or the architecture has one.
	Float string `json:"float,omitempty"`
	// Detail says what each field was found by.
	Detail string `json:"detail"`
}

// GoBuild is the part of the Go build information that names a platform, each
// value as `go version -m` shows it, "" where it is not there.
type GoBuild struct {
	Version      string `json:"version,omitempty"`
	OS           string `json:"GOOS,omitempty"`
	Architecture string `json:"GOARCH,omitempty"`
	// Level is the setting that narrows the architecture, with its value, such
	// as "GOARM=7" or "GOAMD64=v3".
	Level string `json:"level,omitempty"`
}

// Read reads the header of a program file of size bytes and returns
// what it says. A file that is not a program is not an error: its format is unknown.
// Never is anything guessed from a name or from code.
//
// A [*MalformedError] says that the file contradicts itself; what it runs on is
// then unknown. Any other error is r's own, wrapped: a byte was not at hand.
// What was found before it is returned with it, so that architecture may be
// known and only the variant missing.
//
// Read are, in this order: the first [HeadSize] bytes; where the header says so
// and they lie beyond, the program headers, loader, notes and flags of ELF, the
// section table and CLI header of PE, the slices of a fat Mach-O, the import
// section of Wasm; then what narrows a variant: the beginning of the writable
// segments (Go build information, where a note says that there is some), the
// section table of ELF where that was not found there, and for 32-bit ARM always,
// with .ARM.attributes. No table is read beyond 64 KiB, and no file beyond 1 MiB
// in all and the head. [Wanted] names the places for a caller that sees a file
// go by once.
// Source: issue 7.
func Read(r io.ReaderAt, size int64) (Executable, error) {
	s := &boundedReader{r: r, size: size}
	head, err := s.readAt(0, min(size, HeadSize))
	if err != nil {
		return Executable{Format: FormatUnknown}, err
	}
	s.head = head
	e, err := readFormat(s, head)
	if malformed := (*MalformedError)(nil); errors.As(err, &malformed) {
		malformed.Format = e.Format
		e.Platforms = nil
		e.Detail = malformed.Reason
		if e.Format != FormatELF {
			e.Refusal = RefusalBroken
		}
	}
	return e, err
}

// readFormat reads a file by its first bytes.
func readFormat(s *boundedReader, head []byte) (Executable, error) {
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return readELF(s, head)
	case bytes.HasPrefix(head, []byte("MZ")):
		return readPE(s, head)
	case bytes.HasPrefix(head, []byte("\x00asm")):
		return readWasm(s, head)
	case bytes.HasPrefix(head, []byte("#!")):
		return readScript(head), nil
	case bytes.HasPrefix(head, []byte("\xca\xfe\xba")):
		return readFat(s, head)
	case isMachO(head):
		return readMachO(s, head)
	}
	return readUnknown(head), nil
}
