package executable

import (
	"bytes"
	"errors"
	"fmt"

	"manifest-tool/internal/platform"
)

// The kinds of ELF files and segments that are of use here (System V gABI,
// chapters 4 and 5; the processors' own supplements).
const (
	elfRelocatable = 1
	elfProgram     = 2
	elfShared      = 3
	elfCore        = 4

	segmentLoad   = 1
	segmentInterp = 3
	segmentNote   = 4
	segmentMIPS   = 0x70000003 // PT_MIPS_ABIFLAGS

	writable = 2
)

func readELF(s *boundedReader, head []byte) (Executable, error) {
	e := Executable{Format: FormatELF}
	f, err := parseELF(s, head)
	if err != nil {
		return e.refused(err)
	}
	e.Detail = fmt.Sprintf("%s %s %s", f.className(), f.orderName(), f.machineName())
	arch, err := f.architecture()
	switch {
	case err != nil:
		return e.refused(err)
	case arch == "":
		e.Shared = true
		e.Detail += ", no processor that is known here"
		return e, nil
	case f.kind == elfCore:
		e.Shared, e.Refusal = true, RefusalUnlinked
		e.Detail += ", a core dump"
		return e, nil
	}
	e.Platforms = []Evidence{{Platform: platform.Platform{Architecture: arch}, Detail: e.Detail}}
	e.Loader, err = f.loader()
	e.Shared = f.kind == elfRelocatable || f.kind == elfShared && f.entry == 0 && e.Loader == ""
	if f.kind == elfRelocatable {
		e.Refusal = RefusalUnlinked
	}
	if err != nil {
		return e.refused(err)
	}
	return f.refine(e, arch)
}

// refused is a file that Linux does not execute if its header is malformed. What
// narrows the platform may be malformed: Linux does not read it.
func (e Executable) refused(err error) (Executable, error) {
	if bad := (*MalformedError)(nil); errors.As(err, &bad) {
		e.Refusal = RefusalBroken
	}
	return e, err
}

// refine completes what the header says by what is said elsewhere in the file.
func (f *elfFile) refine(e Executable, arch string) (Executable, error) {
	facts := &elfFacts{}
	facts.setOS(elfSystem(f.osABI))
	f.readFlags(facts)
	f.readNotes(arch, facts)
	if f.machine == machineARM {
		f.readAttributes(arch, facts)
	}
	if facts.isGo {
		e.Go = f.readGo(facts)
	}
	if e.Go != nil {
		if err := facts.goBuild(arch, e.Go); err != nil {
			return e, err
		}
	}
	if facts.os == "" && !facts.conflicting {
		facts.setOS(loaderSystem(e.Loader), "loader's path")
	}
	e.Detail = facts.detail(e.Detail)
	e.Platforms = []Evidence{{
		Platform: platform.Platform{OS: facts.os, Architecture: arch, Variant: facts.variant},
		Exact:    facts.exact,
		Mixed:    facts.mixed,
		Float:    facts.float,
		Detail:   e.Detail,
	}}
	return e, facts.missing
}

// loader returns the path that PT_INTERP names. Linux refuses a file whose
// path is not there or does not end with a zero byte.
func (f *elfFile) loader() (string, error) {
	for _, p := range f.segments {
		if p.kind != segmentInterp {
			continue
		}
		if p.size == 0 {
			return "", nil // a file of debugging information only
		}
		if p.size < 2 || p.size > maxPath || p.offset > f.s.size {
			return "", malformed("an ELF loader's path of %d bytes", p.size)
		}
		raw, err := f.s.readAt(p.offset, p.size)
		if err != nil {
			return "", fmt.Errorf("ELF loader's path: %w", err)
		}
		path, _, ended := bytes.Cut(raw, []byte{0})
		if !ended || len(path) == 0 {
			return "", malformed("an ELF loader's path without an end")
		}
		return string(path), nil
	}
	return "", nil
}
