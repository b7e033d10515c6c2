package spec

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/suggest"
)

// unknownKey handles a key that a mapping does not have: it is ignored with a
// warning. A near miss of one that the mapping has is an error: what was meant
// would be lost. n is the mapping.
func (r *specReader) unknownKey(n *yaml.Node, p mappingPair, s schema, path string) error {
	ignored := &lineError{
		line: p.line,
		err:  fmt.Errorf("unknown key %.60q in %s", p.spelling, describePath(path)),
		hint: suggest.Hint(p.spelling, s.names(false)),
	}
	location := locationOf(p.spelling, path)
	switch near, letters := suggest.NearMiss(p.spelling, s.names(true)); {
	case strings.Contains(p.spelling, "<<"):
		return ignored // a merge key in quotes
	case location != "":
		ignored.hint = fmt.Sprintf("%s belongs in %s", p.spelling, location)
	case strings.HasPrefix(strings.ToLower(p.spelling), "x-"):
		ignored.hint = ""
	case near != "" && (letters < 2 || !hasKey(n, near)):
		meant, _ := s.key(near)
		ignored.hint = fmt.Sprintf("did you mean %q?", meant.name)
		return ignored
	}
	ignored.effect = " is ignored"
	r.warn(ignored)
	return nil
}

// hasKey reports whether a mapping itself has a key, without merges.
func hasKey(n *yaml.Node, name string) bool {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return true
		}
	}
	return false
}

// warn adds a warning. A line that aliases bring in again is reported once.
func (r *specReader) warn(w *lineError) {
	key := w.Error()
	if !r.warned[key] {
		r.warned[key] = true
		r.warnings = append(r.warnings, w)
	}
}
