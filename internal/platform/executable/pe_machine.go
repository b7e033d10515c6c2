package executable

import "fmt"

// machine is a processor of a PE header, and the os where the header names one.
type machine struct {
	name, os, arch, variant string
	is64                    bool
}

// peMachine returns the machine of a number. The .NET runtime's own libraries
// carry the number of their processor XORed with one of their system (CoreCLR,
// inc/pedecoder.h), so that other systems do not load them.
func peMachine(number uint16) machine {
	for _, system := range []struct {
		os   string
		mask uint16
	}{
		{"windows", 0}, {"linux", 0x7b79}, {"darwin", 0x4644}, {"freebsd", 0xadc4}, {"netbsd", 0x1993}, {"solaris", 0x1992},
	} {
		if m, known := windowsMachine(number ^ system.mask); known {
			m.os = system.os
			if system.mask != 0 {
				m.name += " for " + system.os
			}
			return m
		}
	}
	return machine{name: fmt.Sprintf("machine %#x", number), os: "windows"}
}

func windowsMachine(number uint16) (machine, bool) {
	m, known := map[uint16]machine{
		0x014c: {name: "IMAGE_FILE_MACHINE_I386", arch: "386"},
		0x01c0: {name: "IMAGE_FILE_MACHINE_ARM", arch: "arm"},
		0x01c2: {name: "IMAGE_FILE_MACHINE_THUMB", arch: "arm"},
		0x01c4: {name: "IMAGE_FILE_MACHINE_ARMNT", arch: "arm", variant: "v7"},
		0x0200: {name: "IMAGE_FILE_MACHINE_IA64", arch: "ia64", is64: true},
		0x5064: {name: "IMAGE_FILE_MACHINE_RISCV64", arch: "riscv64", is64: true},
		0x6264: {name: "IMAGE_FILE_MACHINE_LOONGARCH64", arch: "loong64", is64: true},
		0x8664: {name: "IMAGE_FILE_MACHINE_AMD64", arch: "amd64", is64: true},
		0xa641: {name: "IMAGE_FILE_MACHINE_ARM64EC", arch: "arm64", is64: true},
		0xa64e: {name: "IMAGE_FILE_MACHINE_ARM64X", arch: "arm64", is64: true},
		0xaa64: {name: "IMAGE_FILE_MACHINE_ARM64", arch: "arm64", is64: true},
	}[number]
	return m, known
}
