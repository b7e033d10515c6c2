package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// knownFields are the names that have a meaning in manifests and indexes. Go's
// decoder takes them in any case of letters, other tools do not: a document
// that writes them otherwise means different things to different readers.
func knownFields() []string {
	return []string{
		"schemaVersion", "mediaType", "artifactType", "manifests", "config", "layers", "fsLayers", "subject",
		"annotations", "digest", "size", "urls", "data", "platform",
		"architecture", "os", "os.version", "os.features", "variant",
	}
}

// checkKeys refuses a document in which a key stands twice in one object, or
// in which a field's name is written in other letters (case 28: one document,
// one meaning).
func checkKeys(raw []byte) error {
	exact := map[string]string{}
	for _, f := range knownFields() {
		exact[foldCase(f)] = f
	}
	k := &keyChecker{dec: json.NewDecoder(bytes.NewReader(raw)), exact: exact}
	return k.value(true)
}

// keyChecker walks through the keys of a document.
type keyChecker struct {
	dec   *json.Decoder
	exact map[string]string
}

// value reads one value. named says whether the keys of objects in it are
// fields, rather than the free text of annotations.
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
		if seen[key] {
			return fmt.Errorf("the key %q stands twice", key)
		}
		seen[key] = true
		if exact, ok := k.exact[foldCase(key)]; named && ok && exact != key {
			return fmt.Errorf("the key %q must be written %q", key, exact)
		}
		if err := k.value(named && key != "annotations"); err != nil {
			return err
		}
	}
	_, err := k.dec.Token()
	return err
}

// foldCase maps all spellings that Go's decoder takes for one key to one text.
// Beside capitals these are a long s and the sign of Kelvin, which lower case
// alone leaves apart.
func foldCase(key string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, key)
}
