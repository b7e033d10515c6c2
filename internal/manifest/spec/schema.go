package spec

import "slices"

// schema describes what is allowed at one place of a spec.
type schema struct {
	kind  nodeKind
	item  *schema            // of a list
	keys  []specKey          // of a mapping; none when the user chooses them
	check func(string) error // of a single value; nil when any will do
	// boolean marks a single value that is true or false.
	boolean bool
}

// nodeKind is a kind of value, by the name error messages have for it.
type nodeKind string

const (
	scalar   nodeKind = "a single value"
	sequence nodeKind = "a list"
	mapping  nodeKind = "a mapping"
)

// specKey is a key that a mapping may hold.
type specKey struct {
	name     string
	alias    string // a second spelling, or ""
	required bool
	// legacy marks a key of older formats that has no effect.
	legacy bool
	// shortFor is the key that an abbreviation means. It is ignored with a warning, and
	// its value is kept, since it may contradict the image.
	shortFor string
	// notEmpty marks a key whose value, if empty, is most likely a mistake.
	notEmpty bool
	shape    schema
}

// documentSchema is the format of a spec. The second spellings are those of the
// v2, which knew no others.
func documentSchema() schema {
	text, texts := schema{kind: scalar}, schema{kind: mapping}
	tag := schema{kind: scalar, check: checkTag}
	platforms := schema{kind: sequence, item: &schema{kind: scalar, check: checkPlatform}}
	platform := schema{kind: mapping, keys: []specKey{
		{name: "os", shape: text},
		{name: "architecture", shape: text},
		{name: "variant", shape: text},
		{name: "os.version", alias: "osversion", shape: text},
		{name: "os.features", alias: "osfeatures", shape: schema{kind: sequence, item: &text}},
		// Of v0 and v1, and of templates of Drone (version: 1809).
		{name: "version", legacy: true, shape: text},
		{name: "features", legacy: true},
		{name: "arch", legacy: true, shortFor: "architecture", shape: text},
		{name: "var", legacy: true, shortFor: "variant", shape: text},
	}}
	source := schema{kind: mapping, keys: []specKey{
		{name: "image", shape: text, required: true},
		{name: "digest", shape: schema{kind: scalar, check: checkDigest}},
		{name: "platform", notEmpty: true, shape: platform},
		{name: "annotations", shape: texts},
		{name: "platforms", shape: platforms},
		{name: "optional", shape: schema{kind: scalar, check: checkEnum("true", "false"), boolean: true}},
	}}
	return schema{kind: mapping, keys: []specKey{
		{name: "image", shape: text, required: true},
		{name: "tags", shape: schema{kind: sequence, item: &tag}},
		{name: "targets", shape: schema{kind: sequence, item: &text}},
		{name: "type", shape: schema{kind: scalar, check: checkEnum("auto", "docker", "oci")}},
		{name: "artifactType", shape: schema{kind: scalar, check: checkMediaType}},
		{name: "annotations", shape: texts},
		{name: "subject", shape: text},
		{name: "attestations", shape: schema{kind: scalar, check: checkEnum("keep", "drop")}},
		{name: "require", shape: platforms},
		{name: "manifests", shape: schema{kind: sequence, item: &source}, required: true},
	}}
}

// key finds a key by either spelling, letter by letter.
func (s schema) key(name string) (specKey, bool) {
	for _, k := range s.keys {
		if name == k.name || name == k.alias {
			return k, true
		}
	}
	return specKey{}, false
}

// names returns the keys that have an effect here, with both spellings if
// aliases is set.
func (s schema) names(aliases bool) []string {
	var names []string
	for _, k := range s.keys {
		if !k.legacy {
			names = append(names, k.name)
		}
		if aliases && k.alias != "" {
			names = append(names, k.alias)
		}
	}
	return names
}

// locationOf returns the path of the mapping that has a key of this name, or ""
// if there is no such key, or it is one of the mapping at path itself.
func locationOf(name, path string) string {
	root := documentSchema()
	source := *root.keys[slices.IndexFunc(root.keys, func(k specKey) bool { return k.name == "manifests" })].shape.item
	platform := source.keys[slices.IndexFunc(source.keys, func(k specKey) bool { return k.name == "platform" })].shape
	for _, at := range []struct {
		path string
		keys schema
	}{{"manifests[].platform", platform}, {"manifests[]", source}, {"", root}} {
		if k, ok := at.keys.key(name); ok && at.path != path && !k.legacy {
			return describePath(at.path)
		}
	}
	return ""
}
