package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/suggest"
)

// pair is a key of a mapping with its value.
type pair struct {
	key   *yaml.Node
	value *yaml.Node
}

// layer reads the top level of the file.
func (r *reader) layer(root *yaml.Node) (layer, error) {
	l := newLayer()
	top := slices.DeleteFunc(settingKeys(Settings()), func(key string) bool { return strings.Contains(key, sectionSeparator) })
	pairs, err := r.pairs(root, "the settings", append(top, registriesKey, serveKey))
	if err != nil {
		return l, err
	}
	for _, p := range pairs {
		switch p.key.Value {
		case registriesKey:
			l.values[registriesKey], l.entries, err = r.registries(p.value)
		case serveKey:
			err = r.section(l, serveKey, p.value)
		default:
			err = r.setting(l, p, p.key.Value)
		}
		if err != nil {
			return l, err
		}
	}
	cert, _ := l.values["client-cert"].(string)
	key, _ := l.values["client-key"].(string)
	return l, checkKeyPair(l.origins, cert, key)
}

// section reads a mapping of settings.
func (r *reader) section(l layer, section string, n *yaml.Node) error {
	pairs, err := r.pairs(n, section, inSection(section, Settings()))
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if err := r.setting(l, p, section+sectionSeparator+p.key.Value); err != nil {
			return err
		}
	}
	return nil
}

// setting reads one setting into a layer.
func (r *reader) setting(l layer, p pair, key string) (err error) {
	s := find(Settings(), key)
	l.values[key], err = r.value(s, p)
	l.origins[key] = r.origin(p.key)
	return err
}

// registries reads the list of entries.
func (r *reader) registries(n *yaml.Node) (values []any, origins []map[string]Origin, err error) {
	items, err := r.items(n, registriesKey)
	if err != nil {
		return nil, nil, err
	}
	names := map[string]Origin{}
	for _, item := range items {
		entry, from, err := r.entry(item)
		if err != nil {
			return nil, nil, err
		}
		name, _ := entry["name"].(string)
		if before, ok := names[canonicalHost(name)]; ok {
			return nil, nil, errorAt(from["name"], "registry %q appears twice, first on line %d", name, before.Line)
		}
		names[canonicalHost(name)] = from["name"]
		values, origins = append(values, entry), append(origins, from)
	}
	return values, origins, nil
}

func (r *reader) entry(n *yaml.Node) (map[string]any, map[string]Origin, error) {
	pairs, err := r.pairs(n, "registries[]", settingKeys(RegistrySettings()))
	if err != nil {
		return nil, nil, err
	}
	values, origins := map[string]any{}, map[string]Origin{}
	for _, p := range pairs {
		s := find(RegistrySettings(), p.key.Value)
		if values[s.Key], err = r.value(s, p); err != nil {
			return nil, nil, err
		}
		origins[s.Key] = r.origin(p.key)
	}
	if values["name"] == nil {
		return nil, nil, r.errorAt(n, "key \"name\" is missing in registries[]")
	}
	cert, _ := values["client-cert"].(string)
	key, _ := values["client-key"].(string)
	return values, origins, checkKeyPair(origins, cert, key)
}

// pairs returns the pairs of a mapping. Unknown and repeated keys are errors.
func (r *reader) pairs(n *yaml.Node, where string, known []string) ([]pair, error) {
	line := n
	if n = deref(n); n.Kind != yaml.MappingNode {
		return nil, r.errorAt(line, "%s must be a mapping of keys, not %s", where, kindOf(n))
	}
	var all []pair
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		p := pair{key: n.Content[i], value: n.Content[i+1]}
		key := p.key.Value
		if p.key.Kind != yaml.ScalarNode || isNull(p.key) || key == "" {
			return nil, r.errorAt(p.key, "a key in %s is empty or not a single value", where)
		}
		if !slices.Contains(known, key) {
			return nil, r.unknown(p.key, where, known)
		}
		if first, ok := seen[key]; ok {
			return nil, r.errorAt(p.key, "key %q appears twice in %s, first on line %d", key, where, first)
		}
		seen[key] = p.key.Line
		all = append(all, p)
	}
	return all, nil
}

func (r *reader) unknown(key *yaml.Node, where string, known []string) error {
	err := errorAt(r.origin(key), "unknown key %.60q in %s", key.Value, where)
	err.HintText = suggest.Hint(key.Value, slices.DeleteFunc(slices.Clone(known), isSecret))
	if strings.Contains(key.Value, "<<") {
		err.HintText = "merge keys are not supported: write the keys out"
	}
	return err
}

// isSecret reports whether a key is not allowed in the file.
func isSecret(key string) bool {
	return slices.ContainsFunc(Settings(), func(s Setting) bool { return s.Key == key && s.Kind == Secret })
}

// items returns the items of a list.
func (r *reader) items(n *yaml.Node, where string) ([]*yaml.Node, error) {
	line := n
	if n = deref(n); n.Kind != yaml.SequenceNode {
		return nil, r.errorAt(line, "%q must be a list, not %s", where, kindOf(n))
	}
	if len(n.Content) > maxItems {
		return nil, r.errorAt(line, "%q has %d items, the limit is %d", where, len(n.Content), maxItems)
	}
	return n.Content, nil
}

// deref follows an alias. A recursive alias ends at the first node of the wrong
// kind.
func deref(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case isNull(n):
		return "nothing"
	}
	return "a single value"
}
