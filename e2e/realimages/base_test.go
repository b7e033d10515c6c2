//go:build e2e

package realimages

import (
	"path"
	"slices"
	"strings"

	"manifest-tool/e2e/internal/fixture"
)

// A base is a minimal Debian system of a suite and an architecture in Debian's
// words. The suite "scratch" has no layers.
type base struct{ suite, arch string }

func parseBase(s string) base {
	suite, arch, _ := strings.Cut(s, "/")
	return base{suite, arch}
}

func (b base) String() string { return b.suite + "/" + b.arch }

func (b base) suiteOr(other string) string {
	if b.suite == "scratch" {
		return other
	}
	return b.suite
}

// architectures returns the architectures of a suite, as fetch has them.
func architectures(suite string) []string {
	if suite == "trixie" {
		return []string{"amd64", "i386", "armhf", "arm64", "riscv64"}
	}
	return []string{"amd64", "i386", "armhf", "armel", "arm64", "mipsel", "mips64el", "ppc64el", "s390x"}
}

// platform returns the platform of Debian's architecture.
func (b base) platform() string {
	switch b.arch {
	case "i386":
		return "linux/386"
	case "armhf":
		return "linux/arm/v7"
	case "armel":
		return "linux/arm/v5"
	case "mipsel":
		return "linux/mipsle"
	case "mips64el":
		return "linux/mips64le"
	case "ppc64el":
		return "linux/ppc64le"
	}
	return "linux/" + b.arch
}

// layersAt returns the layers of the base, below a directory. Debian makes some
// links of a system when it installs a package.
func (b base) layersAt(dir string) []layer {
	names := []string{"libc6", "dash"}
	links := fixture.Files{path.Join("bin", "sh"): "-> dash"}
	if b.suite == "trixie" {
		names = append([]string{"base-files"}, names...)
		links = nil
	}
	if b.hasCoreutils() {
		names = append(names, "coreutils")
	}
	var all []layer
	for _, name := range names {
		all = append(all, layer{Deb: b.suite + "/" + name + "_" + b.arch, At: dir})
	}
	if links != nil {
		all = append(all, layer{Files: links, At: dir})
	}
	if b.suite == "scratch" {
		return nil
	}
	return all
}

// hasCoreutils reports whether debian.txt has coreutils for the base.
func (b base) hasCoreutils() bool {
	return b.suite == "bookworm" && slices.Contains([]string{"amd64", "i386", "armhf", "armel", "arm64"}, b.arch)
}
