package executable

import (
	"encoding/binary"

	"manifest-tool/internal/platform"
)

// The flags of a CLI header (ECMA-335, II.25.3.3.1), and the one beyond it that
// means any processor, but with 32 bits where there is a choice.
const (
	cliILOnly    = 0x00001
	cli32Bit     = 0x00002
	cliPrefer32  = 0x20000
	cliMinLength = 72
)

// dotnetEvidence judges a .NET assembly by its CLI header. One of intermediate code
// only that names no processor runs wherever .NET does. One that was compiled
// ahead for a processor, or mixes in machine code, is for that one; its system
// is stated only by the runtime's own libraries and by machine code.
func (f *peFile) dotnetEvidence(e Executable, machine machine, cli []byte, err error) (Executable, error) {
	if err != nil {
		return e, err
	}
	e.Format = FormatDotnet
	if len(cli) < cliMinLength || binary.LittleEndian.Uint32(cli) < cliMinLength {
		return e, malformed("a CLI header of %d bytes", len(cli))
	}
	flags := binary.LittleEndian.Uint32(cli[16:])
	only32 := flags&cli32Bit != 0 && flags&cliPrefer32 == 0
	found := Evidence{Platform: platform.Platform{Architecture: machine.arch, Variant: machine.variant}, Exact: machine.variant}
	switch {
	case machine.arch == "":
		e.Detail += ", a .NET assembly for no processor that is known here"
		return e, nil
	case machine.os != "windows":
		found.Platform.OS = machine.os
		e.Detail += ", a .NET assembly compiled ahead"
	case flags&cliILOnly == 0 && binary.LittleEndian.Uint32(cli[64:]) == 0:
		found.Platform.OS = "windows"
		e.Detail += ", a .NET assembly with machine code"
	case machine.arch == "386" && !only32:
		e.Portable = true
		e.Detail += ", a .NET assembly for any processor"
		return e, nil
	default:
		e.Detail += ", a .NET assembly"
	}
	found.Detail = e.Detail
	e.Platforms = []Evidence{found}
	return e, nil
}
