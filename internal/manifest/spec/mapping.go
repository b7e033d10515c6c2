package spec

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// list copies a list. A null or an empty string in it is skipped with a warning: v2
// skipped them too, and templates leave such items.
func (r *specReader) list(n *yaml.Node, s schema, path string) (*yaml.Node, error) {
	out := &yaml.Node{Kind: yaml.SequenceNode}
	for _, c := range n.Content {
		if c.Kind == yaml.ScalarNode && c.Value == "" && c.ShortTag() == "!!str" {
			c = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: c.Line}
		}
		item, err := r.value(c, *s.item, path+"[]")
		if err != nil {
			return nil, err
		}
		if item == nil {
			r.warn(&lineError{line: c.Line, err: fmt.Errorf("an item of %s is empty", describeValue(path)), effect: " and is skipped"})
			continue
		}
		out.Content = append(out.Content, item)
	}
	return out, nil
}

// mapping copies a mapping without its nulls. Under a key of the user's choice
// a null stays, as an empty string: v2 writes it too.
func (r *specReader) mapping(n *yaml.Node, s schema, path string) (*yaml.Node, error) {
	pairs, err := r.pairs(n, s, path)
	if err != nil {
		return nil, err
	}
	out := &yaml.Node{Kind: yaml.MappingNode}
	present := make(map[string]bool)
	for _, p := range pairs {
		if p.key.legacy {
			r.warnOfShortKey(p, path)
			out.Content = append(out.Content, r.legacyValue(p)...)
			continue
		}
		value, err := r.value(p.value, p.key.shape, joinPath(path, p.spelling))
		if err != nil {
			return nil, err
		}
		if p.key.notEmpty && (value == nil || isEmptyMapping(p.value)) {
			r.warn(&lineError{line: p.line, err: fmt.Errorf("%s is empty", describeValue(joinPath(path, p.spelling))), effect: " and has no effect"})
		}
		if value == nil && s.keys == nil {
			value = quotedScalar("")
		}
		if value != nil {
			present[p.name] = value.Value != "" || len(value.Content) > 0
			out.Content = append(out.Content, quotedScalar(p.name), value)
		}
	}
	for _, k := range s.keys {
		if k.required && !present[k.name] {
			return nil, missingKeyError(n, k.name, path, pairs)
		}
	}
	return out, nil
}

// warnOfShortKey warns of a key that abbreviates one that has an effect.
func (r *specReader) warnOfShortKey(p mappingPair, path string) {
	if p.key.shortFor == "" {
		return
	}
	r.warn(&lineError{
		line: p.line,
		err:  fmt.Errorf("unknown key %.60q in %s is ignored", p.spelling, describePath(path)),
		hint: fmt.Sprintf("did you mean %q?", p.key.shortFor),
	})
}

// legacyValue returns the pair of a key that has no effect, if its value is a
// single one: it may contradict the image. Any other value is ignored.
func (r *specReader) legacyValue(p mappingPair) []*yaml.Node {
	n := p.value
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if p.key.shape.kind != scalar || kindOf(n) != scalar || isNull(n) || r.spend(n) != nil {
		return nil
	}
	return []*yaml.Node{quotedScalar(p.name), quotedScalar(n.Value)}
}

// isEmptyMapping reports whether {} is written at a node.
func isEmptyMapping(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n.Kind == yaml.MappingNode && len(n.Content) == 0
}

// missingKeyError has the line of the key if it has no value, else the line of the
// mapping.
func missingKeyError(n *yaml.Node, key, path string, pairs []mappingPair) error {
	i := slices.IndexFunc(pairs, func(p mappingPair) bool { return p.name == key })
	if i < 0 {
		return errorAt(n.Line, "key %q is missing in %s", key, describePath(path))
	}
	return errorAt(pairs[i].line, "%s is empty", describeValue(joinPath(path, key)))
}

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// describePath describes the location of a key for messages.
func describePath(path string) string {
	if path == "" {
		return "the spec"
	}
	return path
}
