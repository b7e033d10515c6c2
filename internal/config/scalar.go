package config

import (
	"go.yaml.in/yaml/v3"
)

// value reads the value of a setting from the file.
func (r *reader) value(s Setting, p pair) (any, error) {
	switch s.Kind {
	case Secret:
		err := errorAt(r.origin(p.key), "%q does not belong in a file", s.Key)
		err.HintText = "set " + s.Variable() + ", use --password-stdin, or log in"
		return nil, err
	case Names:
		if n := deref(p.value); n.Kind == yaml.MappingNode {
			return r.names(s, n)
		}
		return r.list(s, p)
	case Hosts, Mirrors, Namespaces, Networks:
		return r.list(s, p)
	}
	return r.scalar(s, p.key.Value, p.value)
}

// names reads a mapping of names as a list of KEY=NAME.
func (r *reader) names(s Setting, n *yaml.Node) (any, error) {
	list := []string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, err := r.text(s.Key, n.Content[i])
		if err != nil {
			return nil, err
		}
		name, err := r.text(s.Key+"."+key, n.Content[i+1])
		if err == nil {
			err = r.wrap(s.checkText(key+"="+name), s.Key, n.Content[i])
		}
		if err != nil {
			return nil, err
		}
		list = append(list, key+"="+name)
	}
	return list, nil
}

func (r *reader) list(s Setting, p pair) (any, error) {
	nodes, err := r.items(p.value, s.Key)
	if err != nil {
		return nil, err
	}
	list := []string{}
	for _, n := range nodes {
		text, err := r.text(s.Key+"[]", n)
		if err == nil {
			err = r.wrap(s.checkText(text), s.Key+"[]", n)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}

func (r *reader) scalar(s Setting, where string, n *yaml.Node) (any, error) {
	text, err := r.text(where, n)
	if err != nil {
		return nil, err
	}
	if err := r.checkYAMLType(s, where, n, text); err != nil {
		return nil, err
	}
	value, err := s.parse(text)
	if err != nil {
		return nil, r.wrap(err, where, n)
	}
	if s.Kind == Path {
		return r.absolute(text), nil
	}
	return value, nil
}

// text reads a single value as it is written: for a string, 1.10 is not a number.
func (r *reader) text(where string, n *yaml.Node) (string, error) {
	line := n
	n = deref(n)
	if n.Kind != yaml.ScalarNode {
		return "", r.errorAt(line, "%q must be a single value, not %s", where, kindOf(n))
	}
	switch n.ShortTag() {
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
	case "!!null":
		return "", r.errorAt(line, "%q is empty: give it a value, or leave the key out", where)
	default:
		return "", r.errorAt(line, "%q: a value with the tag %.60q cannot be used", where, n.ShortTag())
	}
	if n.Value == "" {
		return "", r.errorAt(line, "%q is empty: give it a value, or leave the key out", where)
	}
	return n.Value, nil
}

// checkYAMLType requires YAML's own types for numbers and booleans, so that a
// quoted "true" is an error, as it is in the schema of the file.
func (r *reader) checkYAMLType(s Setting, where string, n *yaml.Node, text string) error {
	tag := deref(n).ShortTag()
	switch {
	case s.Kind == KindBool && tag != "!!bool":
		return r.errorAt(n, "%q must be true or false, not %.60q", where, text)
	case s.Kind == KindInt && tag != "!!int":
		return r.errorAt(n, "%q must be a number, not %.60q", where, text)
	}
	return nil
}

// wrap adds the position to an error about a value.
func (r *reader) wrap(err error, where string, n *yaml.Node) error {
	if err == nil {
		return nil
	}
	return r.errorAt(n, "%q: %w", where, err)
}
