package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// encodeYAML writes the JSON of a value as YAML, with the same names in the
// same order, and with the same runes escaped: encode says which.
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
	return escapeQuoted(b.Bytes()), enc.Close()
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

// yamlString quotes a text that needs escapes; the rest is up to the library.
func yamlString(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsFunc(s, isUnsafe) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// escapeQuoted escapes what encoders leave as it is between quotes, where
// \uXXXX means the same in JSON and in YAML.
func escapeQuoted(data []byte) []byte {
	escaped := func(r rune) bool { return r != '\n' && isUnsafe(r) }
	if !bytes.ContainsFunc(data, escaped) {
		return data // a copy of thousands of entries would cost as much again
	}
	var b bytes.Buffer
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if escaped(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.Write(rest[:size])
		}
		rest = rest[size:]
	}
	return b.Bytes()
}
