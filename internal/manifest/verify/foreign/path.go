package foreign

import (
	"slices"
	"strings"
)

// segment is a part of a path between two slashes, in lower case.
type segment struct {
	name string
	// os and archs are what its words state.
	os    string
	archs []string
	// rest has the tokens that are not about a platform.
	rest []string
	// leads is set if the first token names an os or an architecture.
	leads bool
}

// spellings unifies names that contain a separator.
func spellings() *strings.Replacer {
	return strings.NewReplacer("x86_64", "amd64", "x86-64", "amd64", "arm64-v8a", "arm64", "armeabi-v7a", "armeabi", "aarch64_be", "arm64be")
}

// maxParsed bounds the segments that are kept: most paths have their directories
// in common.
const maxParsed = 4096

// parse splits a path into segments.
func (s *survey) parse(p string) []segment {
	names := strings.Split(strings.TrimPrefix(s.spellings.Replace(strings.ToLower(p)), "/"), "/")
	all := make([]segment, len(names))
	for i, name := range names {
		known, seen := s.parsed[name]
		if !seen {
			known = s.words.segment(name)
			if len(s.parsed) >= maxParsed {
				clear(s.parsed)
			}
			s.parsed[name] = known
		}
		all[i] = known
	}
	return all
}

// segment reads the tokens of one segment. A number after a platform is a version
// of the os, such as macosx_10_9, and v2 a variant; elsewhere both are kept.
func (v vocabulary) segment(name string) segment {
	out := segment{name: name}
	qualifies := false
	for i, token := range strings.FieldsFunc(name, isSeparator) {
		words, known := v.lookup(token)
		switch states := out.add(words); {
		case states:
			qualifies = true
			out.leads = out.leads || i == 0
		case known && (qualifies || !isVersion(token)), qualifies && isVersion(token):
		default:
			qualifies = false
			out.rest = append(out.rest, token)
		}
	}
	return out
}

// add adds what words state, and reports whether they state anything.
func (g *segment) add(words []word) bool {
	states := false
	for _, w := range words {
		if w.os != "" {
			g.os = w.os
		}
		g.archs = append(g.archs, w.archs...)
		states = states || w.os != "" || len(w.archs) > 0
	}
	return states
}

func isSeparator(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r < 0x80
}

func isVersion(token string) bool {
	return strings.Trim(strings.TrimPrefix(token, "v"), "0123456789") == ""
}

// names reports whether a segment names an architecture.
func (g segment) names(arch string) bool { return slices.Contains(g.archs, arch) }

// isNamed reports whether a segment names an os or an architecture.
func (g segment) isNamed() bool { return g.os != "" || len(g.archs) > 0 }

// isTriplet reports whether a segment is a target as compilers name it, the
// architecture first, such as aarch64-linux-gnu or x86_64-w64-mingw32.
func (v vocabulary) isTriplet(g segment) bool {
	first := strings.FieldsFunc(g.name, isSeparator)
	if len(first) < 2 || g.os == "" || len(g.rest) > 0 {
		return false
	}
	w, known := v[first[0]]
	return known && len(w.archs) > 0
}
