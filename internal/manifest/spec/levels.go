package spec

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/suggest"
)

// The levels of annotations: prefixes that buildx has for the object that an
// annotation is for. Only those of the index and of its entries can be applied by a
// push; the others are of the manifest of an image, and of the entry of the index
// in a layout.
const (
	levelIndex           = "index"
	levelEntry           = "manifest-descriptor"
	levelManifest        = "manifest"
	levelIndexDescriptor = "index-descriptor"
)

// level is one object that an annotation is for.
type level struct {
	name string
	// platform limits it to an entry, as in manifest-descriptor[linux/arm64]; empty
	// for all.
	platform string
}

// levelPrefix is the form of buildx's prefix, such as index: or
// index,manifest-descriptor[linux/amd64]:, in upper or lower case.
var levelPrefix = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?i)((?:[a-z_-]+(?:\[[^\]]*\])?,)*[a-z_-]+(?:\[[^\]]*\])?):`)
})

// levelItem is one item of such a prefix.
var levelItem = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`([^,\[]+)(?:\[([^\]]*)\])?,?`)
})

// cutLevels splits a key into its levels and the key that is written. A key that has
// none, such as urn:a, is returned as it is. A prefix that is nearly a level is an
// error, and so is one that is a level only in part.
func cutLevels(key string) ([]level, string, error) {
	m := levelPrefix().FindStringSubmatch(key)
	if m == nil {
		return nil, key, nil
	}
	rest := strings.TrimPrefix(key, m[0])
	var levels []level
	other := ""
	for _, item := range levelItem().FindAllStringSubmatch(m[1], -1) {
		switch near := nearLevel(item[1]); near {
		case item[1]:
			levels = append(levels, level{name: near, platform: item[2]})
		case "":
			other = item[1]
		default:
			return nil, "", &manifest.InputError{
				Err:      fmt.Errorf("annotation %q begins with %q, which is nearly a level", key, item[1]),
				HintText: fmt.Sprintf("did you mean %s:%s?", near, rest),
			}
		}
	}
	switch {
	case len(levels) == 0:
		return nil, key, nil
	case other != "":
		return nil, "", manifest.InputErrorf("annotation %q: %q is not a level", key, other)
	case rest == "":
		return nil, "", annotationError("annotation", key)
	}
	return levels, rest, nil
}

// nearLevel returns the level that a word is, or nearly is; "" if it is far from all.
func nearLevel(word string) string {
	near, letters := suggest.NearMiss(word, []string{levelIndex, levelIndexDescriptor, levelManifest, levelEntry})
	if near == levelIndex && letters > 1 || near == levelManifest && letters > 2 {
		return ""
	}
	return near
}

// stripLevel takes buildx's prefix of the object at hand, index: or
// manifest-descriptor:, off a key. Any other level is an error, since there is no
// place for it. own is the level of the object.
func stripLevel(key, own string) (string, error) {
	levels, rest, err := cutLevels(key)
	switch {
	case err != nil || len(levels) == 0:
		return rest, err
	case len(levels) == 1 && levels[0] == level{name: own}:
		return rest, nil
	}
	written := strings.TrimSuffix(key, ":"+rest)
	if own != levelIndex {
		return "", &manifest.InputError{
			Err:      fmt.Errorf("annotation %q is for another object than an entry: its level is %q", key, written),
			HintText: "leave the level out: annotations of the index are in its own annotations, those of a manifest are set when it is built",
		}
	}
	return "", &manifest.InputError{
		Err:      fmt.Errorf("annotation %q is for another object than the index: its level is %q", key, written),
		HintText: "leave the level out: annotations of an entry are in annotations of the entry, those of a manifest are set when it is built",
	}
}

// entryPlatform is the platform in the brackets of a level; nil if it has none.
func (l level) entryPlatform(key string) (*platform.Platform, error) {
	if l.platform == "" {
		return nil, nil //nolint:nilnil // all platforms
	}
	p, err := platform.ParseRequested(l.platform)
	if err != nil {
		return nil, &manifest.InputError{Err: fmt.Errorf("annotation %q: %w", key, err)}
	}
	return &p, nil
}
