package diff

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/platform"
)

// fieldChanges collects what differs.
type fieldChanges []FieldChange

// compare compares one field; "" is a field that is not there.
func (f *fieldChanges) compare(name, was, is string) {
	switch {
	case was == is:
	case was == "":
		*f = append(*f, FieldChange{Field: name, State: Added, New: is})
	case is == "":
		*f = append(*f, FieldChange{Field: name, State: Removed, Old: was})
	default:
		*f = append(*f, FieldChange{Field: name, State: Changed, Old: was, New: is})
	}
}

// compareMaps compares fields by their names, in the order of these. A field that is
// there and empty is distinguished from one that is missing.
func (f *fieldChanges) compareMaps(was, is map[string]string) {
	names := map[string]bool{}
	for name := range was {
		names[name] = true
	}
	for name := range is {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		before, had := was[name]
		after, has := is[name]
		switch {
		case !had:
			*f = append(*f, FieldChange{Field: name, State: Added, New: after})
		case !has:
			*f = append(*f, FieldChange{Field: name, State: Removed, Old: before})
		case before != after:
			*f = append(*f, FieldChange{Field: name, State: Changed, Old: before, New: after})
		}
	}
}

func (f *fieldChanges) annotations(was, is map[string]string) {
	f.compareMaps(prefixKeys("annotations", was), prefixKeys("annotations", is))
}

// prefixKeys names the entries of a map after it: annotations[a.b].
func prefixKeys(name string, values map[string]string) map[string]string {
	all := make(map[string]string, len(values))
	for k, v := range values {
		all[name+"["+k+"]"] = v
	}
	return all
}

// platform compares the declared platforms of two entries.
func (f *fieldChanges) platform(was, is *platform.Platform) {
	var a, b platform.Platform
	if was != nil {
		a = *was
	}
	if is != nil {
		b = *is
	}
	f.compare("platform.os", a.OS, b.OS)
	f.compare("platform.architecture", a.Architecture, b.Architecture)
	f.compare("platform.variant", a.Variant, b.Variant)
	f.compare("platform.os.version", a.OSVersion, b.OSVersion)
	f.compare("platform.os.features", strings.Join(a.OSFeatures, ","), strings.Join(b.OSFeatures, ","))
}

// configFields compares two configs by the fields they have, known or not. What
// rootfs and history say is shown by the layers.
func configFields(was, is []byte) ([]FieldChange, error) {
	before, err := flatConfig(was)
	if err != nil {
		return nil, err
	}
	after, err := flatConfig(is)
	if err != nil {
		return nil, err
	}
	var f fieldChanges
	f.compareMaps(before, after)
	return f, nil
}

// flatConfig maps the path of each field of a config to its value.
func flatConfig(raw []byte) (map[string]string, error) {
	var config map[string]json.RawMessage
	if err := json.Unmarshal(raw, &config); err != nil {
		return nil, errtext.DecodeError(raw, err)
	}
	flat := map[string]string{}
	for key, value := range config {
		var inner map[string]json.RawMessage
		switch {
		case key == "rootfs", key == "history":
		case key == "config" && json.Unmarshal(value, &inner) == nil:
			for name, v := range inner {
				flatten(flat, "config."+name, v)
			}
		default:
			flat[key] = rawString(value)
		}
	}
	return flat, nil
}

// flatten adds a field of the config's own config. Environment and maps
// (Labels, ExposedPorts, Volumes) are taken apart: one entry is one field.
func flatten(flat map[string]string, name string, value json.RawMessage) {
	var variables []string
	var object map[string]json.RawMessage
	switch {
	case name == "config.Env" && json.Unmarshal(value, &variables) == nil:
		for _, v := range variables {
			key, text, _ := strings.Cut(v, "=")
			flat[name+"["+key+"]"] = text
		}
	case json.Unmarshal(value, &object) == nil:
		for key, v := range object {
			flat[name+"["+key+"]"] = rawString(v)
		}
	default:
		flat[name] = rawString(value)
	}
}

// rawString writes a text as it is and other values as JSON, without blanks.
func rawString(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	var other any
	if json.Unmarshal(value, &other) != nil {
		return string(value)
	}
	compact, err := json.Marshal(other)
	if err != nil {
		return string(value)
	}
	return string(compact)
}
