package executable

import (
	"slices"
	"strings"

	"manifest-tool/internal/platform"
)

// elfFacts is what an ELF file states in addition to its header, in several
// places. Only the header decides the architecture.
type elfFacts struct {
	os, variant, float string
	exact              string // the variant that Go built for
	mixed              bool   // an object is for ARMv8 or NEON
	isGo               bool   // a note of Go's linker
	found              []string
	conflicting        bool // two places name different systems
	readProblems
}

// addEvidence notes how something was found, once: a file may state it a thousand times.
func (f *elfFacts) addEvidence(how string) {
	if !slices.Contains(f.found, how) {
		f.found = append(f.found, how)
	}
}

// setOS notes an os. Two places may name two; then none is believed, unless
// one is a kind of the other.
func (f *elfFacts) setOS(os, how string) {
	kindOf := map[string]string{"android": "linux", "illumos": "solaris"}
	switch {
	case os == "" || os == f.os || kindOf[f.os] == os:
	case f.conflicting:
	case f.os == "" || kindOf[os] == f.os:
		f.os = os
		f.addEvidence(how)
	default:
		f.addEvidence(how + " is disputed")
		f.os, f.conflicting = "", true
	}
}

// setVariant notes a variant of an architecture; the highest that is named counts.
func (f *elfFacts) setVariant(arch, variant, how string) {
	if variantRank(arch, variant) == 0 {
		return
	}
	f.addEvidence(how)
	if variantRank(arch, variant) > variantRank(arch, f.variant) {
		f.variant = variant
	}
}

// goBuild records the target of the Go build.
func (f *elfFacts) goBuild(arch string, g *GoBuild) error {
	if err := g.contradicts(arch); err != nil {
		return err
	}
	if platform.IsKnownOS(g.OS) {
		f.setOS(g.OS, "GOOS="+g.OS)
	}
	f.setVariant(arch, g.variant(), g.Level)
	f.exact = g.exactVariant(arch)
	if float := g.float(); float == "soft" || float == "hard" {
		f.float = float
	}
	return nil
}

// detail completes the header's detail with how the rest was found.
func (f *elfFacts) detail(header string) string {
	return strings.Join(append([]string{header}, f.found...), ", ") + f.readProblems.detail()
}

// elfSystem returns the os of an EI_OSABI value, "" for 0, which says nothing,
// and for values that do not name a system.
func elfSystem(abi byte) (os, name string) {
	switch abi {
	case 2:
		return "netbsd", "ELFOSABI_NETBSD"
	case 3:
		return "linux", "ELFOSABI_GNU"
	case 6:
		return "solaris", "ELFOSABI_SOLARIS"
	case 9:
		return "freebsd", "ELFOSABI_FREEBSD"
	case 12:
		return "openbsd", "ELFOSABI_OPENBSD"
	}
	return "", ""
}

// loaderSystem returns the os that has its loader at a path, as far as the
// path is not another system's.
func loaderSystem(path string) string {
	switch {
	case strings.HasPrefix(path, "/system/bin/linker"):
		return "android"
	case strings.Contains(path, "/ld-linux"), strings.Contains(path, "/ld-musl-"), strings.HasPrefix(path, "/lib64/ld64.so."),
		path == "/lib/ld64.so.1", path == "/lib64/ld.so.1", path == "/lib/ld.so.1", path == "/lib32/ld.so.1":
		return "linux"
	case path == "/libexec/ld-elf.so.1":
		return "freebsd"
	case path == "/libexec/ld-elf.so.2":
		return "dragonfly"
	case path == "/usr/libexec/ld.elf_so", path == "/libexec/ld.elf_so":
		return "netbsd"
	case path == "/usr/libexec/ld.so":
		return "openbsd"
	case strings.HasPrefix(path, "/usr/lib/") && strings.HasSuffix(path, "/ld.so.1"), path == "/lib/amd64/ld.so.1":
		return "solaris"
	}
	return ""
}
