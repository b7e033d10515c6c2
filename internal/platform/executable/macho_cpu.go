package executable

import (
	"fmt"

	"manifest-tool/internal/platform"
)

// evidence returns what the header says, with no architecture for a processor
// that is not known here.
func (m *machoFile) evidence() Evidence {
	arch, variant, name := machoCPU(m.cpu, m.sub)
	bits := 32
	if m.is64 {
		bits = 64
	}
	return Evidence{
		Platform: platform.Platform{OS: m.os, Architecture: arch, Variant: variant},
		Exact:    variant,
		Detail:   fmt.Sprintf("Mach-O %d-bit %s, platform %s", bits, name, platform.OrUnknown(m.os)),
	}
}

// machoCPU returns the architecture of a processor type and subtype (Apple's
// mach/machine.h), and its name there. The upper byte of a subtype holds flags.
func machoCPU(cpu, sub uint32) (arch, variant, name string) {
	switch sub &= 0xffffff; cpu {
	case 7:
		return "386", "", "CPU_TYPE_I386"
	case 0x1000007:
		return "amd64", "", "CPU_TYPE_X86_64" + machoSub(sub == 8, "H")
	case 12:
		return "arm", map[uint32]string{6: "v6", 7: "v5", 9: "v7", 11: "v7", 12: "v7", 13: "v8"}[sub], "CPU_TYPE_ARM"
	case 0x100000c:
		return "arm64", "", "CPU_TYPE_ARM64" + machoSub(sub == 2, "E")
	case 0x200000c:
		return "arm64ilp32", "", "CPU_TYPE_ARM64_32"
	case 18:
		return "ppc", "", "CPU_TYPE_POWERPC"
	case 0x1000012:
		return "ppc64", "", "CPU_TYPE_POWERPC64"
	}
	return "", "", fmt.Sprintf("CPU type %d", cpu)
}

func machoSub(is bool, name string) string {
	if is {
		return name
	}
	return ""
}
