package manifest

import "manifest-tool/internal/yamlfile"

// shape says what may stand at one place of a spec.
type shape struct {
	kind  nodeKind
	item  *shape             // of a list
	keys  []specKey          // of a mapping; none when the user chooses them
	check func(string) error // of a single value; nil when any will do
}

// nodeKind is a kind of value, by the name error messages have for it.
type nodeKind string

const (
	single  nodeKind = "a single value"
	list    nodeKind = "a list"
	mapping nodeKind = "a mapping"
)

// specKey is a key that a mapping may hold.
type specKey struct {
	name     string
	other    string // a second spelling, or ""
	required bool
	shape    shape
}

// documentShape is the format of a spec. The second spellings are those of the
// predecessor, which knew no others.
func documentShape() shape {
	text, texts := shape{kind: single}, shape{kind: mapping}
	tag := shape{kind: single, check: checkTag}
	platform := shape{kind: mapping, keys: []specKey{
		{name: "os", shape: text},
		{name: "architecture", shape: text},
		{name: "variant", shape: text},
		{name: "os.version", other: "osversion", shape: text},
		{name: "os.features", other: "osfeatures", shape: shape{kind: list, item: &text}},
	}}
	source := shape{kind: mapping, keys: []specKey{
		{name: "image", shape: text, required: true},
		{name: "platform", shape: platform},
		{name: "annotations", shape: texts},
	}}
	return shape{kind: mapping, keys: []specKey{
		{name: "image", shape: text, required: true},
		{name: "tags", shape: shape{kind: list, item: &tag}},
		{name: "annotations", shape: texts},
		{name: "manifests", shape: shape{kind: list, item: &source}, required: true},
	}}
}

// key finds a key by either spelling, letter by letter.
func (s shape) key(name string) (specKey, bool) {
	for _, k := range s.keys {
		if name == k.name || name == k.other {
			return k, true
		}
	}
	return specKey{}, false
}

// suggest is the hint for a key that is unknown here.
func (s shape) suggest(unknown string) string {
	var names []string
	for _, k := range s.keys {
		names = append(names, k.name)
	}
	return yamlfile.Hint(unknown, names)
}
