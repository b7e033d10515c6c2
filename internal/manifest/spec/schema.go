package spec

import "manifest-tool/internal/suggest"

// schema describes what is allowed at one place of a spec.
type schema struct {
	kind  nodeKind
	item  *schema            // of a list
	keys  []specKey          // of a mapping; none when the user chooses them
	check func(string) error // of a single value; nil when any will do
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
	shape    schema
}

// documentSchema is the format of a spec. The second spellings are those of the
// v2, which knew no others.
func documentSchema() schema {
	text, texts := schema{kind: scalar}, schema{kind: mapping}
	tag := schema{kind: scalar, check: checkTag}
	platform := schema{kind: mapping, keys: []specKey{
		{name: "os", shape: text},
		{name: "architecture", shape: text},
		{name: "variant", shape: text},
		{name: "os.version", alias: "osversion", shape: text},
		{name: "os.features", alias: "osfeatures", shape: schema{kind: sequence, item: &text}},
	}}
	source := schema{kind: mapping, keys: []specKey{
		{name: "image", shape: text, required: true},
		{name: "platform", shape: platform},
		{name: "annotations", shape: texts},
	}}
	return schema{kind: mapping, keys: []specKey{
		{name: "image", shape: text, required: true},
		{name: "tags", shape: schema{kind: sequence, item: &tag}},
		{name: "annotations", shape: texts},
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

// suggest is the hint for a key that is unknown here.
func (s schema) suggest(unknown string) string {
	var names []string
	for _, k := range s.keys {
		names = append(names, k.name)
	}
	return suggest.Hint(unknown, names)
}
