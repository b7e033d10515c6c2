package executable

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

const (
	goMagic = "\xff Go buildinf:"
	// goHeader is the length of what comes before the version, and what the
	// header is aligned to is half of it.
	goHeader = 32
	// goWindow is how much of a writable segment is searched for the magic:
	// the linker puts it near the beginning.
	goWindow = 64 << 10
	// goLongest bounds the list of modules and settings, in bytes.
	goLongest = 256 << 10
	// goLongestValue bounds a setting that names a platform, in bytes.
	goLongestValue = 64
)

// findGoBuild looks for Go build information in size bytes at an offset and
// reads it. It returns nil if it finds none that Go 1.18 or newer wrote: older
// ones contain no platform.
func (s *boundedReader) findGoBuild(offset, size int64) (*GoBuild, error) {
	window, err := s.readUpTo(offset, min(size, goWindow))
	if err != nil {
		return nil, err
	}
	for at := 0; ; {
		i := bytes.Index(window[at:], []byte(goMagic))
		if i < 0 {
			return nil, nil
		}
		if at += i; at%16 == 0 {
			return s.readGoBuild(window[at:], offset+int64(at))
		}
		at++
	}
}

// readGoBuild reads the header and the two strings after it, each with its
// length before it (cmd/link, "buildinfo"). Window is what was read from an
// offset on; of the second string it may hold a part only.
func (s *boundedReader) readGoBuild(window []byte, offset int64) (*GoBuild, error) {
	if len(window) < goHeader || window[15]&2 == 0 {
		return nil, nil
	}
	n, width := binary.Uvarint(window[goHeader:])
	if width <= 0 || n > 255 || goHeader+width+int(n) > len(window) {
		return nil, malformed("a Go version of %d bytes", n)
	}
	start := goHeader + width
	g := &GoBuild{Version: string(window[start : start+int(n)])}
	start += int(n)
	n, width = binary.Uvarint(window[start:])
	if width <= 0 || n > goLongest {
		return nil, malformed("Go build information of %d bytes", n)
	}
	start += width
	text := window[start:min(len(window), start+int(n))]
	for uint64(len(text)) < n {
		piece, err := s.readAt(offset+int64(start+len(text)), min(int64(n)-int64(len(text)), maxTable))
		if err != nil {
			return g, err
		}
		text = slices.Concat(text, piece)
	}
	g.settings(text)
	return g, nil
}

// settings takes those settings that name a platform.
func (g *GoBuild) settings(text []byte) {
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if len(value) > goLongestValue {
			continue
		}
		switch key {
		case "build\tGOOS":
			g.OS = value
		case "build\tGOARCH":
			g.Architecture = value
		case "build\tGOARM", "build\tGOAMD64", "build\tGOARM64", "build\tGO386", "build\tGOMIPS", "build\tGOMIPS64",
			"build\tGOPPC64", "build\tGORISCV64":
			g.Level = strings.TrimPrefix(key, "build\t") + "=" + value
		}
	}
}

// variant returns the variant that a build's level means: v7 for GOARM=7,
// v3 for GOAMD64=v3, "" if levels are not variants.
func (g *GoBuild) variant() string {
	_, level, _ := strings.Cut(g.Level, "=")
	level, _, _ = strings.Cut(level, ",")
	switch g.Architecture {
	case "arm":
		if level == "5" || level == "6" || level == "7" {
			return "v" + level
		}
	case "arm64":
		return strings.TrimSuffix(level, ".0")
	case "amd64", "ppc64le", "riscv64":
		return level
	}
	return ""
}

// exactVariant returns the variant of an architecture that a build is for, ""
// if none is known that the build states.
func (g *GoBuild) exactVariant(arch string) string {
	if variant := g.variant(); variantRank(arch, variant) > 0 {
		return variant
	}
	return ""
}

// float returns "soft" or "hard" where that is a build's level.
func (g *GoBuild) float() string {
	if strings.HasPrefix(g.Architecture, "mips") {
		_, level, _ := strings.Cut(g.Level, "=")
		return strings.TrimSuffix(level, "float")
	}
	return ""
}

// contradicts rejects a file that was built for another processor than its
// header names: either of the two may be wrong.
func (g *GoBuild) contradicts(arch string) error {
	if g.Architecture == "" || g.Architecture == arch {
		return nil
	}
	return malformed("its header says %s, its Go build information %s", arch, g.Architecture)
}

// narrow completes evidence of a header by the level that Go built for.
func (g *GoBuild) narrow(found *Evidence) error {
	if g == nil {
		return nil
	}
	if err := g.contradicts(found.Platform.Architecture); err != nil {
		return err
	}
	if variant := g.exactVariant(found.Platform.Architecture); variant != "" {
		found.Platform.Variant, found.Exact = variant, variant
		found.Detail += ", " + g.Level
	}
	return nil
}
