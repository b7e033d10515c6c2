package foreign

import (
	"path"
	"slices"
	"strings"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// isNoProgram is R1.
func isNoProgram(s *survey, f file) verdict {
	if IsNotRun(s.image.Target, *f.Executable) {
		return info("another program runs it, not the system")
	}
	return verdict{}
}

// IsNotRun reports whether an image's system never runs a file of this format itself:
// WebAssembly, except in images for that, and .NET assemblies, also those that
// are compiled ahead for one platform.
func IsNotRun(target platform.Platform, x executable.Executable) bool {
	return x.Format == executable.FormatWasm && !strings.HasPrefix(target.Architecture, "wasm") || x.Format == executable.FormatDotnet
}

// isFirmware is R2.
func isFirmware(_ *survey, f file) verdict {
	if isFirmwarePath(f.segments) {
		return info("firmware, boot code or debug information")
	}
	return verdict{}
}

// isFirmwarePath reports whether a path is below /boot or in a directory of boot
// loaders, firmware, kernel modules or debug information. Sources: Debian's
// packages grub-*-bin, u-boot-*, syslinux-common, opensbi, qemu-system-data,
// seabios, ovmf, nsis, arm-trusted-firmware, xen-hypervisor, systemd-boot-efi.
func isFirmwarePath(segments []segment) bool {
	dirs := segments[:len(segments)-1]
	for i, d := range dirs {
		parent := ""
		if i > 0 {
			parent = dirs[i-1].name
		}
		switch n := d.name; {
		case n == "boot" && (i == 0 || strings.HasPrefix(parent, "xen")):
			return true
		case strings.HasPrefix(parent, "lib") && slices.Contains([]string{"modules", "grub", "debug", "shim", "kernel"}, n):
			return true
		case parent == "share" && slices.Contains([]string{"qemu", "nsis", "grub", "kvm", "slof", "openbios", "ovmf", "aavmf", "edk2", "seabios", "ipxe"}, n):
			return true
		case strings.HasSuffix(n, "firmware"), strings.HasPrefix(n, "u-boot"), strings.HasPrefix(n, "opensbi"):
			return true
		case n == "efi" && parent == "boot":
			return true
		case slices.Contains([]string{"syslinux", "isolinux", "pxelinux", "extlinux", "ipxe"}, n):
			return true
		}
	}
	return false
}

// isTestData is R5.
func isTestData(s *survey, f file) verdict {
	if isEmulator(s.words, f.Path) {
		return info("an emulator that the build left")
	}
	for _, d := range f.segments[:len(f.segments)-1] {
		switch strings.Trim(d.name, "_") {
		case "testdata", "test-data", "test_data", "test", "tests", "testing", "fixtures", "fixture", "test-fixtures", "examples", "example", "samples":
			return info("test data or an example")
		}
	}
	return verdict{}
}

// isEmulator reports whether a file is an emulator of qemu for the programs of another
// processor, as binfmt_misc calls them: qemu-ARCH, qemu-ARCH-static, and
// BuildKit's buildkit-qemu-ARCH. They are named for what they run.
func isEmulator(words vocabulary, p string) bool {
	name := strings.TrimPrefix(strings.ToLower(path.Base(p)), "buildkit-")
	arch, isQemu := strings.CutPrefix(name, "qemu-")
	if !isQemu {
		return false
	}
	arch = strings.TrimSuffix(strings.TrimSuffix(arch, "-static"), "-binfmt")
	if slices.Contains([]string{"aarch64_be", "armeb", "cris", "hexagon", "microblaze", "microblazeel", "mipsn32", "mipsn32el", "nios2", "or1k", "ppc64abi32", "sh4eb", "sparc32plus", "x86_64", "xtensa", "xtensaeb"}, arch) {
		return true
	}
	w, known := words[arch]
	return known && len(w.archs) > 0
}

// isMultiarch is R4.
func isMultiarch(s *survey, f file) verdict {
	reason := info("in a directory for programs of " + f.label)
	dirs := f.segments[:len(f.segments)-1]
	for i, d := range dirs {
		switch {
		case f.arch != s.image.Target.Architecture && s.words.isTriplet(d) && d.names(f.arch) && isCrossDirectory(dirs, i):
			return reason
		case isMultilib(d.name, f.arch, s.image.Target.Architecture):
			return reason
		case strings.HasPrefix(d.name, "glibc-hwcaps"), slices.Contains([]string{"syswow64", "sysarm32", "sychpe32", "winsxs", "program files (x86)"}, d.name):
			return reason
		}
	}
	return verdict{}
}

// isCrossDirectory reports whether the triplet at i is in a directory of libraries or
// toolchains, or has such directories itself.
func isCrossDirectory(dirs []segment, i int) bool {
	if i > 0 {
		parent := dirs[i-1].name
		if parent == "usr" || parent == "targets" || parent == "rustlib" || strings.HasPrefix(parent, "lib") || strings.HasPrefix(parent, "gcc") {
			return true
		}
	}
	if i+1 == len(dirs) {
		return false
	}
	child := dirs[i+1].name
	return child == "sysroot" || child == "usr" || child == "libc" || strings.HasPrefix(child, "lib")
}

// isMultilib reports whether a directory has libraries of the other word size: lib32
// and libx32 of 64-bit systems, lib64 of 32-bit ones.
func isMultilib(name, arch, target string) bool {
	switch name {
	case "libx32", "x32":
		return arch == "x32"
	case "lib32", "libo32", "libn32":
		return arch == smaller(target) || strings.HasPrefix(arch, "mips") && strings.HasPrefix(target, "mips")
	case "lib64":
		return target == smaller(arch)
	}
	return false
}

// smaller returns the 32-bit architecture of the processors of a 64-bit one.
func smaller(arch string) string {
	return map[string]string{
		"amd64": "386", "arm64": "arm", "ppc64": "ppc", "s390x": "s390", "sparc64": "sparc", "mips64": "mips", "mips64le": "mipsle", "riscv64": "riscv32",
	}[arch]
}
