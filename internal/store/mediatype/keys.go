package mediatype

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"manifest-tool/internal/jsonedit"
)

// knownFields are the field names of manifests and indexes. Go's decoder accepts
// them in any letter case, other tools do not: a document with other spellings has
// different meanings for different readers.
func knownFields() []string {
	return []string{
		"schemaVersion", "mediaType", "artifactType", "manifests", "config", "layers", "fsLayers", "subject",
		"annotations", "digest", "size", "urls", "data", "platform",
		"architecture", "os", "os.version", "os.features", "variant",
	}
}

// checkKeys rejects a document in which a key occurs twice in one object, or a
// field name is spelled in another letter case (case 28: one document, one
// meaning).
func checkKeys(raw []byte) error {
	k := &keyChecker{dec: json.NewDecoder(bytes.NewReader(raw)), exact: exactNames()}
	return k.value(true)
}

// CheckOuterKeys is checkKeys without the objects inside of the document.
func CheckOuterKeys(raw []byte) error {
	fields, err := jsonedit.Fields(raw)
	if err != nil {
		return err
	}
	k, seen := keyChecker{exact: exactNames()}, map[string]bool{}
	for _, f := range fields {
		if err := k.check(f.Name, seen, true); err != nil {
			return err
		}
	}
	return nil
}

// exactNames maps the folded field names to their spelling.
func exactNames() map[string]string {
	exact := map[string]string{}
	for _, f := range knownFields() {
		exact[foldCase(f)] = f
	}
	return exact
}

// keyChecker reads the keys of a document.
type keyChecker struct {
	dec   *json.Decoder
	exact map[string]string
}

// check checks one key of an object whose keys before it are seen.
func (k *keyChecker) check(key string, seen map[string]bool, named bool) error {
	if seen[key] {
		return fmt.Errorf("the key %q occurs twice", key)
	}
	seen[key] = true
	if exact, ok := k.exact[foldCase(key)]; named && ok && exact != key {
		return fmt.Errorf("the key %q must be written %q", key, exact)
	}
	return nil
}

// value reads one value. named is set if the keys of its objects are field names,
// not those of annotations.
func (k *keyChecker) value(named bool) error {
	token, err := k.dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return k.object(named)
	case json.Delim('['):
		for k.dec.More() {
			if err := k.value(named); err != nil {
				return err
			}
		}
		_, err = k.dec.Token()
		return err
	}
	return nil
}

func (k *keyChecker) object(named bool) error {
	seen := map[string]bool{}
	for k.dec.More() {
		token, err := k.dec.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		if err := k.check(key, seen, named); err != nil {
			return err
		}
		if err := k.value(named && key != "annotations"); err != nil {
			return err
		}
	}
	_, err := k.dec.Token()
	return err
}

// foldCase maps all spellings that Go's decoder accepts for a key to one string. In
// addition to upper case these are the long s and the Kelvin sign, which
// strings.ToLower does not map.
func foldCase(key string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, key)
}
