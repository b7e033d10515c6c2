package platform

import (
	"bytes"
	"encoding/binary"
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
)

// findGoBuild looks for Go build information in size bytes at an offset and
// reads it. It returns nil where there is none, or none that Go 1.18 or newer
// wrote: older ones hold no platform.
func (s *source) findGoBuild(offset, size int64) (*GoBuild, error) {
	window, err := s.upTo(offset, min(size, goWindow))
	if err != nil {
		return nil, err
	}
	for at := 0; ; {
		i := bytes.Index(window[at:], []byte(goMagic))
		if i < 0 {
			return nil, nil
		}
		if at += i; at%16 == 0 {
			return s.readGoBuild(offset + int64(at))
		}
		at++
	}
}

// readGoBuild reads the header at an offset and the two strings behind it, each
// with its length before it (cmd/link, "buildinfo").
func (s *source) readGoBuild(offset int64) (*GoBuild, error) {
	head, err := s.upTo(offset, goHeader+binary.MaxVarintLen64+256)
	if err != nil || len(head) < goHeader || head[15]&2 == 0 {
		return nil, err
	}
	n, width := binary.Uvarint(head[goHeader:])
	if width <= 0 || n > 255 || goHeader+width+int(n) > len(head) {
		return nil, malformed("a Go version of %d bytes", n)
	}
	start := goHeader + width
	g := &GoBuild{Version: string(head[start : start+int(n)])}
	start += int(n)
	n, width = binary.Uvarint(head[start:])
	if width <= 0 || n > goLongest {
		return nil, malformed("Go build information of %d bytes", n)
	}
	return g, s.goSettings(g, offset+int64(start+width), int64(n))
}

// goSettings takes the settings that name a platform from the lines of the
// build information, which is read piece by piece.
func (s *source) goSettings(g *GoBuild, offset, size int64) error {
	var text []byte
	for size > 0 {
		piece, err := s.at(offset, min(size, maxTable))
		if err != nil {
			return err
		}
		text = append(text, piece...)
		offset, size = offset+int64(len(piece)), size-int64(len(piece))
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
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
	return nil
}

// variant returns the variant that a build's level stands for: v7 for GOARM=7,
// v3 for GOAMD64=v3, "" where levels are no variants.
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

// float returns "soft" or "hard" where that is a build's level.
func (g *GoBuild) float() string {
	if strings.HasPrefix(g.Architecture, "mips") {
		_, level, _ := strings.Cut(g.Level, "=")
		return strings.TrimSuffix(level, "float")
	}
	return ""
}

// contradicts refuses a file that was built for another processor than its
// header names: nobody can say which of the two is true.
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
	if variant := g.variant(); levelOf(found.Platform.Architecture, variant) > 0 {
		found.Platform.Variant = variant
		found.Detail += ", " + g.Level
	}
	return nil
}
