package spec

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// annotationStart is a piece of --annotations that begins an annotation of its
// own; any other piece belongs to the value before it.
var annotationStart = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?:(?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?:)?[A-Za-z0-9][A-Za-z0-9._/-]*\s*=`)
})

// startsAnnotation reports whether a piece of --annotations begins an annotation: it
// has a key, or one with a level or nearly one.
func startsAnnotation(piece string) bool {
	if annotationStart().MatchString(piece) {
		return true
	}
	key, _, ok := strings.Cut(piece, "=")
	levels, _, err := cutLevels(strings.TrimSpace(key))
	return ok && (err != nil || len(levels) > 0)
}

// annotationSet is annotations by what they are for.
type annotationSet struct {
	// index is nil if there are none.
	index   map[string]string
	entries []EntryAnnotation
	// seen has the values of entries by platform and key.
	seen map[string]string
}

// annotationsFromArgs reads both flags into one set. The same key twice for one object
// is an error unless both values are equal.
func annotationsFromArgs(lists, pairs []string) (annotationSet, error) {
	var all []annotation
	for _, list := range lists {
		read, err := splitAnnotations(list)
		if err != nil {
			return annotationSet{}, err
		}
		all = append(all, read...)
	}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return annotationSet{}, annotationError("--annotation", pair)
		}
		all = append(all, annotation{key: key, value: value})
	}
	var set annotationSet
	for _, a := range all {
		levels, key, err := cutLevels(a.key)
		if err == nil {
			err = checkLevels(levels, a.key, key)
		}
		if err == nil {
			err = set.add(levels, a.key, annotation{key, a.value})
		}
		if err != nil {
			return annotationSet{}, err
		}
	}
	return set, nil
}

type annotation struct{ key, value string }

// checkLevels rejects levels that a push cannot set.
func checkLevels(levels []level, written, key string) error {
	for _, l := range levels {
		if l.name != levelIndex && l.name != levelEntry {
			return &manifest.InputError{
				Err:      fmt.Errorf("annotation %q is for an object that a push does not write: its level is %q", written, l.name),
				HintText: fmt.Sprintf("write index:%s for the index, or manifest-descriptor:%s for its entries; annotations of a manifest are set when it is built", key, key),
			}
		}
	}
	return nil
}

// add adds an annotation to the objects of its levels, to the index if it has none.
// Other levels than those of the index and of entries are left out. written is the key
// with its levels.
func (s *annotationSet) add(levels []level, written string, a annotation) error {
	if len(levels) == 0 {
		levels = []level{{name: levelIndex}}
	}
	for _, l := range levels {
		p, err := l.entryPlatform(written)
		if err != nil {
			return err
		}
		switch {
		case l.name == levelEntry:
			err = s.addToEntries(EntryAnnotation{Platform: p, Key: a.key, Value: a.value})
		case l.name == levelIndex && p != nil:
			err = manifest.InputErrorf("annotation %q: an index has no platform", written)
		case l.name == levelIndex:
			err = s.addToIndex(a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *annotationSet) addToIndex(a annotation) error {
	if before, ok := s.index[a.key]; ok && before != a.value {
		return duplicateAnnotation(a.key, before, a.value)
	}
	if s.index == nil {
		s.index = map[string]string{}
	}
	s.index[a.key] = a.value
	return nil
}

func (s *annotationSet) addToEntries(a EntryAnnotation) error {
	id := a.Key
	if a.Platform != nil {
		id += " " + platform.Key(platform.Canonical(*a.Platform))
	}
	before, again := s.seen[id]
	switch {
	case again && before != a.Value:
		return duplicateAnnotation(a.Key, before, a.Value)
	case again:
		return nil
	case s.seen == nil:
		s.seen = map[string]string{}
	}
	s.seen[id] = a.Value
	s.entries = append(s.entries, a)
	return nil
}

func duplicateAnnotation(key, before, value string) error {
	return manifest.InputErrorf("annotation %q is given twice, as %q and as %q", key, before, value)
}

// splitAnnotations reads one value of --annotations. v2 split at
// every comma and could carry no value with a comma or a second equals sign in
// it; here a piece that does not begin like key= continues the value before
// it, and \, is a comma in any place.
func splitAnnotations(list string) ([]annotation, error) {
	var read []annotation
	for _, piece := range splitUnescaped(list) {
		trimmed := strings.TrimSpace(piece)
		key, _, ok := strings.Cut(trimmed, "=")
		key = strings.TrimSpace(key)
		switch {
		case ok && key == "", !ok && len(read) == 0:
			return nil, annotationError("--annotations", trimmed)
		case len(read) == 0 || startsAnnotation(trimmed):
			_, value, _ := strings.Cut(piece, "=")
			read = append(read, annotation{key: key, value: value})
		default:
			read[len(read)-1].value += "," + piece
		}
	}
	for i := range read {
		read[i].value = strings.TrimSpace(read[i].value)
	}
	return read, nil
}

// splitUnescaped splits s at its commas, except those after a backslash, which
// lose it. Any other backslash is one.
func splitUnescaped(s string) []string {
	var pieces []string
	var piece strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], `\,`):
			piece.WriteByte(',')
			i++
		case s[i] == ',':
			pieces = append(pieces, piece.String())
			piece.Reset()
		default:
			piece.WriteByte(s[i])
		}
	}
	return append(pieces, piece.String())
}

func annotationError(flag, text string) error {
	return &manifest.InputError{
		Err:      fmt.Errorf("the %s argument must be of the form key=value, not %q", flag, text),
		HintText: "write KEY=VALUE; a comma inside a value of --annotations is written \\, and --annotation key=value takes the value as it is, commas included",
	}
}
