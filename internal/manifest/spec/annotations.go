package spec

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/suggest"
)

// annotationStart is a piece of --annotations that begins an annotation of its
// own; any other piece belongs to the value before it.
var annotationStart = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?:(?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?:)?[A-Za-z0-9][A-Za-z0-9._/-]*\s*=`)
})

// annotationLevel is the prefix that buildx has for the object that an annotation
// is for, such as index: or manifest[linux/amd64]:, in upper or lower case.
var annotationLevel = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?i)((?:[a-z-]+,)*[a-z_-]+(?:\[[^\]]*\])?):`)
})

// The levels of annotations: of the index, and of an entry in it.
const (
	levelIndex = "index"
	levelEntry = "manifest-descriptor"
)

// stripLevel takes buildx's prefix of the object at hand, index: or
// manifest-descriptor:, off a key. Any other level is an error, since there is no
// place for it, and so is a prefix that is nearly a level. own is the level of the
// object.
func stripLevel(key, own string) (string, error) {
	m := annotationLevel().FindStringSubmatch(key)
	if m == nil {
		return key, nil
	}
	written, rest := m[1], strings.TrimPrefix(key, m[0])
	name := written[strings.LastIndex(written, ",")+1:]
	name, _, _ = strings.Cut(name, "[")
	levels := []string{levelIndex, "index-descriptor", "manifest", levelEntry}
	near, letters := suggest.NearMiss(name, levels)
	switch {
	case near == "", near == levelIndex && letters > 1, near == "manifest" && letters > 2:
		return key, nil
	case near != name:
		return "", &manifest.InputError{
			Err:      fmt.Errorf("annotation %q begins with %q, which is nearly a level", key, name),
			HintText: fmt.Sprintf("did you mean %s:%s?", near, rest),
		}
	case written == own && rest != "":
		return rest, nil
	case written == own:
		return "", annotationError("annotation", key)
	case own != levelIndex:
		return "", &manifest.InputError{
			Err:      fmt.Errorf("annotation %q is for another object than an entry: its level is %q", key, written),
			HintText: "leave the level out: annotations of the index are in its own annotations, those of a manifest are set when it is built",
		}
	}
	return "", &manifest.InputError{
		Err:      fmt.Errorf("annotation %q is for another object than the index: its level is %q", key, written),
		HintText: fmt.Sprintf("leave it out, or write index:%s for the index; annotations of a manifest are set when it is built, those of an entry in a spec (annotations: of the entry)", rest),
	}
}

// startsAnnotation reports whether a piece of --annotations begins an annotation: it
// has a key, or one with a level or nearly one.
func startsAnnotation(piece string) bool {
	if annotationStart().MatchString(piece) {
		return true
	}
	key, _, ok := strings.Cut(piece, "=")
	stripped, err := stripLevel(strings.TrimSpace(key), levelIndex)
	return ok && (err != nil || stripped != key)
}

// annotationsFromArgs reads both flags into one set. The same key twice is an
// error unless both values are equal. The result is nil if there are no annotations.
func annotationsFromArgs(lists, pairs []string) (map[string]string, error) {
	var all []annotation
	for _, list := range lists {
		read, err := splitAnnotations(list)
		if err != nil {
			return nil, err
		}
		all = append(all, read...)
	}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, annotationError("--annotation", pair)
		}
		all = append(all, annotation{key: key, value: value})
	}
	return collectAnnotations(all)
}

type annotation struct{ key, value string }

func collectAnnotations(all []annotation) (map[string]string, error) {
	if len(all) == 0 {
		return nil, nil
	}
	set := make(map[string]string)
	for _, a := range all {
		key, err := stripLevel(a.key, levelIndex)
		if err != nil {
			return nil, err
		}
		a.key = key
		if before, ok := set[a.key]; ok && before != a.value {
			return nil, manifest.InputErrorf("annotation %q is given twice, as %q and as %q", a.key, before, a.value)
		}
		set[a.key] = a.value
	}
	return set, nil
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
