package executable

import (
	"encoding/binary"
	"fmt"

	"manifest-tool/internal/platform"
)

// The parts of a PE file that are of use here (Microsoft's "PE Format").
const (
	peDLL        = 0x2000
	peLoadConfig = 10
	peManaged    = 14
)

// peFile is a PE file's header.
type peFile struct {
	s           *boundedReader
	machine     uint16
	flags       uint16
	is64        bool
	subsystem   uint16
	directories []byte // 8 bytes each: address, size
	sections    []byte // 40 bytes each
}

func readPE(s *boundedReader, head []byte) (Executable, error) {
	if len(head) < 64 {
		return Executable{Format: FormatUnknown, Detail: "a DOS program, or text", Refusal: RefusalHandler}, nil
	}
	at := int64(binary.LittleEndian.Uint32(head[60:]))
	if at > s.size-24 {
		return Executable{Format: FormatUnknown, Detail: "a DOS program", Refusal: RefusalHandler}, nil
	}
	header, err := s.readAt(at, 24)
	if err != nil {
		return Executable{Format: FormatUnknown}, fmt.Errorf("PE header: %w", err)
	}
	if string(header[:4]) != "PE\x00\x00" {
		return Executable{Format: FormatUnknown, Detail: "a DOS program", Refusal: RefusalHandler}, nil
	}
	e := Executable{Format: FormatPE}
	f := &peFile{s: s, machine: binary.LittleEndian.Uint16(header[4:]), flags: binary.LittleEndian.Uint16(header[22:])}
	if err := f.tables(header, at+24); err != nil {
		return e, err
	}
	e.Shared = f.flags&peDLL != 0
	return f.evidence(e)
}

// tables reads the optional header, which every program has, and the section
// table after it.
func (f *peFile) tables(header []byte, at int64) error {
	count, length := int64(binary.LittleEndian.Uint16(header[6:])), int64(binary.LittleEndian.Uint16(header[20:]))
	raw, err := f.s.readAt(at, length)
	if err != nil {
		return fmt.Errorf("PE optional header: %w", err)
	}
	if f.sections, err = f.s.readAt(at+length, count*40); err != nil {
		return fmt.Errorf("PE section table: %w", err)
	}
	if len(raw) < 2 {
		return malformed("a PE file without an optional header")
	}
	start := 96
	switch magic := binary.LittleEndian.Uint16(raw); magic {
	case 0x10b:
	case 0x20b:
		f.is64, start = true, 112
	default:
		return malformed("PE optional header of kind %#x", magic)
	}
	if len(raw) < start {
		return malformed("a PE optional header of %d bytes", len(raw))
	}
	f.subsystem = binary.LittleEndian.Uint16(raw[68:])
	count = min(int64(binary.LittleEndian.Uint32(raw[start-4:])), 16, int64(len(raw)-start)/8)
	f.directories = raw[start : start+int(count)*8]
	return nil
}

// evidence turns the header into evidence.
func (f *peFile) evidence(e Executable) (Executable, error) {
	machine := peMachine(f.machine)
	bits := "PE32"
	if f.is64 {
		bits = "PE32+"
	}
	e.Detail = bits + " " + machine.name
	if cli, err := f.directory(peManaged, 72); err != nil || cli != nil {
		return f.dotnetEvidence(e, machine, cli, err)
	}
	switch {
	case f.subsystem >= 10 && f.subsystem <= 13:
		e.Detail += ", an EFI program"
		return e, nil
	case f.subsystem == 9 || f.subsystem == 14:
		e.Detail += fmt.Sprintf(", subsystem %d, not for Windows", f.subsystem)
		return e, nil
	case machine.arch == "" || machine.os != "windows":
		e.Detail += ", no processor that Windows runs on"
		return e, nil
	case f.is64 != machine.is64:
		return e, malformed("%s with an optional header of %s", machine.name, bits)
	}
	return f.machineEvidence(e, machine)
}

// machineEvidence completes a program of machine code: ARM64EC and ARM64X hide behind
// other machines, and Go says for which level it built.
func (f *peFile) machineEvidence(e Executable, machine machine) (Executable, error) {
	var missing readProblems
	hybrid, err := f.isHybrid()
	missing.add("load configuration", err)
	found := Evidence{
		Platform: platform.Platform{OS: "windows", Architecture: machine.arch, Variant: machine.variant},
		Exact:    machine.variant,
		Detail:   e.Detail,
	}
	if hybrid {
		found.Platform.Architecture = "arm64"
		found.Detail += map[string]string{"amd64": ", ARM64EC", "arm64": ", ARM64X"}[machine.arch]
	} else {
		e.Go, err = f.readGo()
		missing.add("Go build information", err)
	}
	if err := e.Go.narrow(&found); err != nil {
		return e, err
	}
	found.Detail += missing.detail()
	e.Detail, e.Platforms = found.Detail, []Evidence{found}
	return e, missing.missing
}
