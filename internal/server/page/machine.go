package page

import "manifest-tool/internal/platform"

// commonPlatforms are offered for every image.
func commonPlatforms() []string {
	return []string{"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/ppc64le", "linux/riscv64", "linux/s390x", "windows/amd64"}
}

// describeMachine names the machines of an architecture for people who do not know
// the words of Go; "" for one that it does not know.
func describeMachine(p *platform.Platform) string {
	if p == nil {
		return ""
	}
	return map[string]string{
		"386":      "Intel and AMD, 32 bits",
		"amd64":    "Intel and AMD, 64 bits",
		"arm":      "ARM, 32 bits",
		"arm64":    "ARM, 64 bits",
		"loong64":  "LoongArch, 64 bits",
		"mips64le": "MIPS, 64 bits",
		"ppc64le":  "IBM POWER, 64 bits",
		"riscv64":  "RISC-V, 64 bits",
		"s390x":    "IBM Z, 64 bits",
		"wasm":     "WebAssembly",
	}[p.Architecture]
}
