package executable

import (
	"encoding/binary"
	"fmt"
)

// The processors whose flags or attributes are read.
const (
	machineMIPS  = 8
	machinePPC64 = 21
	machineARM   = 40
	machineRISCV = 243
	machineLoong = 258
)

// elfMachine is a processor of an ELF header. Names are those for 32 and 64
// bits, little- and big-endian; "" is a combination that does not exist.
type elfMachine struct {
	number     uint16
	name       string
	le32, be32 string
	le64, be64 string
	foreign    bool // not the processor that a node runs programs on
}

// machineOf returns the machine of a number, from the gABI's registry of
// e_machine values and the processors' supplements. Names are Go's GOARCH where
// it has one, else the field's. The table is an array, since a map would be built
// for every file.
func machineOf(number uint16) (elfMachine, bool) {
	for _, m := range [...]elfMachine{
		{number: 2, name: "EM_SPARC", be32: "sparc"},
		{number: 3, name: "EM_386", le32: "386"},
		{number: 4, name: "EM_68K", be32: "m68k"},
		{number: 6, name: "EM_IAMCU", le32: "iamcu"},
		{number: machineMIPS, name: "EM_MIPS", le32: "mipsle", be32: "mips", le64: "mips64le", be64: "mips64"},
		{number: 15, name: "EM_PARISC", be32: "hppa", be64: "hppa64"},
		{number: 18, name: "EM_SPARC32PLUS", be32: "sparc"},
		{number: 20, name: "EM_PPC", be32: "ppc", le32: "ppcle"},
		{number: machinePPC64, name: "EM_PPC64", be64: "ppc64", le64: "ppc64le"},
		{number: 22, name: "EM_S390", be32: "s390", be64: "s390x"},
		{number: machineARM, name: "EM_ARM", le32: "arm", be32: "armbe"},
		{number: 42, name: "EM_SH", le32: "sh4", be32: "sh4be"},
		{number: 43, name: "EM_SPARCV9", be64: "sparc64"},
		{number: 50, name: "EM_IA_64", le64: "ia64", be64: "ia64be"},
		{number: 62, name: "EM_X86_64", le64: "amd64", le32: "x32"},
		{number: 183, name: "EM_AARCH64", le64: "arm64", be64: "arm64be", le32: "arm64ilp32", be32: "arm64beilp32"},
		{number: 190, name: "EM_CUDA", foreign: true},
		{number: 224, name: "EM_AMDGPU", foreign: true},
		{number: machineRISCV, name: "EM_RISCV", le32: "riscv32", le64: "riscv64"},
		{number: 247, name: "EM_BPF", foreign: true},
		{number: machineLoong, name: "EM_LOONGARCH", le32: "loong32", le64: "loong64"},
		{number: 0x9026, name: "EM_ALPHA", le64: "alpha"},
	} {
		if m.number == number {
			return m, true
		}
	}
	return elfMachine{}, false
}

func (f *elfFile) machineName() string {
	if m, known := machineOf(f.machine); known {
		return m.name
	}
	return fmt.Sprintf("EM_%d", f.machine)
}

// architecture returns the name of the processor, "" for a number that we do
// not know and for what runs elsewhere than on the node's processor.
func (f *elfFile) architecture() (string, error) {
	m, known := machineOf(f.machine)
	if !known || m.foreign {
		return "", nil
	}
	little := f.order == binary.LittleEndian
	name := m.be32
	switch {
	case f.is64 && little:
		name = m.le64
	case f.is64:
		name = m.be64
	case little:
		name = m.le32
	}
	if name == "" {
		return "", malformed("%s is never %s %s", m.name, f.className(), f.orderName())
	}
	if f.machine == machineMIPS {
		return mipsName(name, f.flags, f.is64), nil
	}
	return name, nil
}

// mipsName sets apart what has a name of its own: the n32 convention (64-bit
// registers in an ELF32), and release 6, which older processors do not run.
func mipsName(name string, flags uint32, is64 bool) string {
	little := ""
	if name == "mipsle" || name == "mips64le" {
		little = "le"
	}
	switch arch := flags >> 28; {
	case !is64 && flags&0x20 != 0: // EF_MIPS_ABI2
		return "mipsn32" + little
	case arch == 9: // EF_MIPS_ARCH_32R6
		return "mipsr6" + little
	case arch == 10 && is64: // EF_MIPS_ARCH_64R6
		return "mips64r6" + little
	}
	return name
}
