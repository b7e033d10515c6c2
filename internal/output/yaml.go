package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// encodeYAML returns the JSON of a value as YAML, with the same names in the same
// order and the same escapes as encode.
func encodeYAML(value any) ([]byte, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	document, err := yamlNode(dec)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(document); err != nil {
		return nil, err
	}
	return EscapeJSON(b.Bytes()), enc.Close()
}

// yamlNode reads the next JSON value.
func yamlNode(dec *json.Decoder) (*yaml.Node, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: yaml.MappingNode}
		if v == '[' {
			n.Kind = yaml.SequenceNode
		}
		for dec.More() {
			// In an object keys and values come in turn, as in a node.
			inner, err := yamlNode(dec)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, inner)
		}
		_, err := dec.Token()
		return n, err
	case string:
		return yamlString(v), nil
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(token)}, nil
}

// yamlString returns a node for a string, quoted if needsQuotes.
func yamlString(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if needsQuotes(s) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// needsQuotes reports whether a string is quoted: if it has unsafe runes, since
// escapes exist only in quotes, or if YAML 1.1 reads it as a number or a boolean.
// The encoder implements YAML 1.2.
func needsQuotes(s string) bool {
	return s == "" || strings.ContainsFunc(s, isUnsafe) || strings.ContainsRune("+-.0123456789", rune(s[0])) ||
		slices.Contains([]string{"y", "n", "yes", "no", "on", "off"}, strings.ToLower(s))
}
