package foreign

import (
	"hash/maphash"
	"slices"
	"strings"
)

// hasTwin is R6.
func hasTwin(s *survey, f file) verdict {
	if !slices.ContainsFunc(f.segments, segment.isNamed) {
		return verdict{}
	}
	for _, key := range s.keys(f.segments) {
		if s.bundles[key].own {
			return info("the image has the same for its own platform")
		}
	}
	return verdict{}
}

// keys returns the hashes under which a file and its twins for other platforms are
// equal: its path without words for platforms, and the path with each directory
// that begins with such a word replaced.
func (s *survey) keys(segments []segment) []uint64 {
	var plain, replaced maphash.Hash
	plain.SetSeed(s.seed)
	replaced.SetSeed(s.seed)
	differs := false
	for i, g := range segments {
		last := i == len(segments)-1
		rest := g.rest
		if last {
			rest = withoutLib(rest)
		}
		writeSegment(&plain, rest)
		if !last && g.leads && len(g.archs) > 0 && !isPackageName(segments, i) {
			rest, differs = []string{"*"}, true
		}
		writeSegment(&replaced, rest)
	}
	if !differs {
		return []uint64{plain.Sum64()}
	}
	return []uint64{plain.Sum64(), replaced.Sum64()}
}

// withoutLib removes the prefix of a library's name: libx.so is x.dll elsewhere.
func withoutLib(tokens []string) []string {
	if len(tokens) == 0 || len(tokens[0]) <= len("lib") {
		return tokens
	}
	return append([]string{strings.TrimPrefix(tokens[0], "lib")}, tokens[1:]...)
}

// writeSegment adds a segment to a hash, unless nothing is left of it.
func writeSegment(h *maphash.Hash, tokens []string) {
	if len(tokens) == 0 {
		return
	}
	for _, t := range tokens {
		_, _ = h.WriteString(t)
		_ = h.WriteByte(' ')
	}
	_ = h.WriteByte('/')
}
