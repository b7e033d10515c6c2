package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// fields are the names that have a meaning in manifests and indexes. Go's
// decoder takes them in any case of letters, other tools do not: a document
// that writes them otherwise means different things to different readers.
func fields() []string {
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
	for _, f := range fields() {
		exact[strings.ToLower(f)] = f
	}
	k := &keyWalk{dec: json.NewDecoder(bytes.NewReader(raw)), exact: exact}
	return k.value(true)
}

// keyWalk walks through the keys of a document.
type keyWalk struct {
	dec   *json.Decoder
	exact map[string]string
}

// value reads one value. named says whether the keys of objects in it are
// fields, rather than the free text of annotations.
func (k *keyWalk) value(named bool) error {
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

func (k *keyWalk) object(named bool) error {
	var seen []string
	for k.dec.More() {
		token, err := k.dec.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		if slices.Contains(seen, key) {
			return fmt.Errorf("the key %q stands twice", key)
		}
		seen = append(seen, key)
		if exact, ok := k.exact[strings.ToLower(key)]; named && ok && exact != key {
			return fmt.Errorf("the key %q must be written %q", key, exact)
		}
		if err := k.value(named && key != "annotations"); err != nil {
			return err
		}
	}
	_, err := k.dec.Token()
	return err
}
