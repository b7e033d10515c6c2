package spec

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/errtext"
)

// mappingPair is a key of a mapping with its value.
type mappingPair struct {
	name     string // which key it is
	spelling string // how it is spelled
	line     int
	value    *yaml.Node
	key      specKey
}

// pairs returns the pairs of a mapping: its own, then those that its merge key
// (<<) adds. Its own win; of several merged mappings the first does, as the
// merge key's description for YAML 1.1 has it.
func (r *specReader) pairs(n *yaml.Node, s schema, path string) ([]mappingPair, error) {
	var own []mappingPair
	var merge *mappingPair
	seen := make(map[string]mappingPair)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, err := r.deref(n.Content[i])
		if err != nil {
			return nil, err
		}
		p := mappingPair{name: key.Value, spelling: key.Value, line: n.Content[i].Line, value: n.Content[i+1]}
		if key.ShortTag() == "!!merge" && merge == nil {
			merge = &p
			continue
		}
		known, err := resolveKey(&p, key, s, path)
		if err != nil {
			return nil, err
		}
		if s.keys == nil {
			if err := r.annotationKey(&p, path); err != nil {
				return nil, err
			}
		}
		if before, ok := seen[p.name]; ok {
			return nil, duplicateKeyError(before, p, path)
		}
		seen[p.name] = p
		if !known {
			if err := r.unknownKey(n, p, s, path); err != nil {
				return nil, err
			}
			continue
		}
		own = append(own, p)
	}
	if merge == nil {
		return own, nil
	}
	return r.merge(own, seen, merge.value, s, path)
}

// resolveKey fills in which key of s p is. known is false for an unknown key.
func resolveKey(p *mappingPair, key *yaml.Node, s schema, path string) (known bool, err error) {
	switch {
	case key.Kind != yaml.ScalarNode || isNull(key) || key.Value == "":
		return false, errorAt(p.line, "a key in %s is empty or no single value", describePath(path))
	case key.ShortTag() == "!!merge":
		return false, errorAt(p.line, "duplicate key \"<<\" in %s", describePath(path))
	case s.keys == nil:
		p.key = specKey{name: key.Value, shape: schema{kind: scalar}}
		return true, nil
	}
	p.key, known = s.key(key.Value)
	if known {
		p.name = p.key.name
	}
	return known, nil
}

// annotationKey takes the level off the key of an annotation, with a warning. path is
// that of the annotations.
func (r *specReader) annotationKey(p *mappingPair, path string) error {
	own := levelIndex
	if path != "annotations" {
		own = levelEntry
	}
	key, err := stripLevel(p.name, own)
	if err != nil {
		return &lineError{line: p.line, err: err, hint: errtext.Hint(err)}
	}
	if key != p.name {
		r.warn(&lineError{line: p.line, err: fmt.Errorf("the level of annotation %.200q is left out: it is written as %.200q", p.name, key)})
	}
	p.name = key
	return nil
}

func duplicateKeyError(before, p mappingPair, path string) error {
	if before.spelling != p.spelling {
		return errorAt(p.line, "keys %q and %q in %s are two spellings of one", before.spelling, p.spelling, describePath(path))
	}
	return errorAt(p.line, "duplicate key %.60q in %s, first on line %d", p.spelling, describePath(path), before.line)
}

// merge adds to own what a merge key's value holds, which is a mapping or a
// list of mappings. seen holds own by name.
func (r *specReader) merge(own []mappingPair, seen map[string]mappingPair, value *yaml.Node, s schema, path string) ([]mappingPair, error) {
	sources := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		sources = value.Content
	}
	for _, source := range sources {
		added, err := r.merged(source, s, path)
		if err != nil {
			return nil, err
		}
		for _, p := range added {
			// Pairs climb through every merge around them, one by one.
			if err := r.spend(p.value); err != nil {
				return nil, err
			}
			if _, ok := seen[p.name]; !ok {
				seen[p.name] = p
				own = append(own, p)
			}
		}
	}
	return own, nil
}

// merged returns the pairs of one mapping under a merge key.
func (r *specReader) merged(source *yaml.Node, s schema, path string) ([]mappingPair, error) {
	n, err := r.deref(source)
	if err != nil {
		return nil, err
	}
	if n.Kind != yaml.MappingNode {
		return nil, errorAt(source.Line, "key \"<<\" in %s must hold a mapping or a list of mappings", describePath(path))
	}
	if r.merging[n] {
		return nil, errorAt(source.Line, "key \"<<\" in %s merges a mapping into itself", describePath(path))
	}
	r.merging[n] = true
	defer delete(r.merging, n)
	return r.pairs(n, s, path)
}
