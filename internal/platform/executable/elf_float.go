package executable

import "fmt"

// readFlags takes from e_flags, and for MIPS from its own segment, which
// convention calls follow (the processors' ELF supplements).
func (f *elfFile) readFlags(facts *elfFacts) {
	switch f.machine {
	case machineARM:
		f.armFloat(facts)
	case machineMIPS:
		f.mipsFloat(facts)
	case machineRISCV:
		facts.setFloat(f.flags >> 1 & 3)
	case machineLoong:
		facts.setFloat(f.flags&7 - 1)
	case machinePPC64:
		if abi := f.flags & 3; abi != 0 {
			facts.addEvidence(fmt.Sprintf("ELFv%d", abi))
		}
	}
}

// setFloat notes a convention of RISC-V or LoongArch, by the width of the floating
// point registers that it uses: none, 32, 64 or 128 bits.
func (f *elfFacts) setFloat(code uint32) {
	switch code {
	case 0:
		f.float = "soft"
		f.addEvidence("soft-float calls")
	case 1, 3:
		f.addEvidence(fmt.Sprintf("%d-bit float calls", 16<<code))
	case 2:
		f.float = "hard"
		f.addEvidence("double-float calls")
	}
}

// armFloat reads the flags that version 5 of the EABI defines.
func (f *elfFile) armFloat(facts *elfFacts) {
	if f.flags>>24 != 5 {
		return
	}
	switch f.flags & 0x600 {
	case 0x400:
		facts.float = "hard"
		facts.addEvidence("EF_ARM_ABI_FLOAT_HARD")
	case 0x200:
		facts.float = "soft"
		facts.addEvidence("EF_ARM_ABI_FLOAT_SOFT")
	}
}

// mipsFloat reads the fp_abi field of PT_MIPS_ABIFLAGS: 3 is soft, 0 is any,
// the others are kinds of hard.
func (f *elfFile) mipsFloat(facts *elfFacts) {
	for _, p := range f.segments {
		if p.kind != segmentMIPS {
			continue
		}
		raw, err := f.s.readAt(p.offset, p.size)
		if err == nil && len(raw) < 24 {
			err = malformed("MIPS ABI flags of %d bytes", len(raw))
		}
		if facts.add("MIPS ABI flags", err); err != nil {
			return
		}
		switch abi := raw[7]; {
		case abi == 3:
			facts.float = "soft"
		case abi > 0 && abi <= 7:
			facts.float = "hard"
		}
		facts.addEvidence(fmt.Sprintf("MIPS fp_abi %d", raw[7]))
		return
	}
}
