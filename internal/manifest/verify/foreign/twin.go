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
// equal: its path without words for platforms, the path with each directory that
// begins with such a word replaced, and the name of its package without them.
func (s *survey) keys(segments []segment) []uint64 {
	keys := s.pathKeys(segments)
	if key, named := s.packageKey(segments); named {
		keys = append(keys, key)
	}
	return keys
}

// packageKey returns the hash that the packages of one program for several platforms
// share, such as @esbuild/linux-x64 and @esbuild/win32-x64: their files differ. named
// is false if the name of the package has no platform.
func (s *survey) packageKey(segments []segment) (key uint64, named bool) {
	for i := len(segments) - 2; i >= 0; i-- {
		if !isPackageName(segments, i) {
			continue
		}
		var h maphash.Hash
		h.SetSeed(s.seed)
		for _, g := range segments[:i+1] {
			writeSegment(&h, g.rest)
		}
		return h.Sum64(), segments[i].isNamed()
	}
	return 0, false
}

// pathKeys are the keys that depend on the whole path.
func (s *survey) pathKeys(segments []segment) []uint64 {
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
