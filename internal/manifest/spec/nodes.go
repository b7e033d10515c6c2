package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/yamlerr"
)

// aliasBudget bounds what aliases and merges may add to a file, in units of
// weight: a few lines of aliases to aliases can expand to more than a machine
// can hold.
const aliasBudget = 8 << 20

// readDocuments parses the documents of a file, without those that hold
// nothing, such as the one after a last "---".
func readDocuments(data []byte) ([]*yaml.Node, error) {
	var documents []*yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			line, message := yamlerr.SyntaxError(err, data)
			return nil, errorAt(line, "%s", message)
		}
		if root := document.Content[0]; !isNull(root) {
			documents = append(documents, root)
		}
	}
}

// specReader checks the nodes of a file against a shape and copies them, with
// aliases and merges resolved and every scalar in quotes.
type specReader struct {
	budget    int // weight that may still be visited
	aliasLine int // line of the last alias
	merging   map[*yaml.Node]bool
	// warnings are those of the document that is read; warned has all.
	warnings []*lineError
	warned   map[string]bool
	// lines are those of the values of some keys of the document.
	lines map[string][]int
}

// newSpecReader allows for one visit to every node of the documents, and for
// the allowance on top.
func newSpecReader(documents []*yaml.Node) *specReader {
	r := &specReader{budget: aliasBudget, merging: make(map[*yaml.Node]bool), warned: make(map[string]bool)}
	for _, d := range documents {
		r.budget += totalWeight(d)
	}
	return r
}

func totalWeight(n *yaml.Node) int {
	sum := weight(n)
	for _, c := range n.Content {
		sum += totalWeight(c)
	}
	return sum
}

// weight is roughly what a node costs in memory.
func weight(n *yaml.Node) int { return 16 + len(n.Value) }

// deref follows an alias to its node, and pays for the visit.
func (r *specReader) deref(n *yaml.Node) (*yaml.Node, error) {
	if n.Kind == yaml.AliasNode {
		r.aliasLine = n.Line
		n = n.Alias
	}
	if err := r.spend(n); err != nil {
		return nil, err
	}
	return n, checkNodeTag(n)
}

func (r *specReader) spend(n *yaml.Node) error {
	r.budget -= weight(n)
	if r.budget < 0 {
		return errorAt(max(r.aliasLine, 1), "the aliases and merges up to here expand to too much")
	}
	return nil
}

// checkNodeTag refuses tags such as !!binary or !mine, which would make the
// value another one than is written there.
func checkNodeTag(n *yaml.Node) error {
	if n.Style&yaml.TaggedStyle == 0 {
		return nil
	}
	switch tag := n.ShortTag(); tag {
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp", "!!seq", "!!map":
		return nil
	default:
		return errorAt(n.Line, "a value with the tag %.60q cannot be used", tag)
	}
}

// value checks a node and returns its copy, or nil for a null, which counts as
// absent. path names the place in messages; that of the document is empty.
func (r *specReader) value(n *yaml.Node, s schema, path string) (*yaml.Node, error) {
	line := n.Line // of the alias, where it is one
	n, err := r.deref(n)
	if err != nil || isNull(n) {
		return nil, err
	}
	if kind := kindOf(n); kind != s.kind {
		err := fmt.Errorf("%s must be %s, not %s", describeValue(path), s.kind, kind)
		return nil, &lineError{line: line, err: err, hint: exampleOf(path)}
	}
	switch path {
	case KeyImage, KeyTarget, KeySubject, KeyArtifactType, KeyAnnotations, KeySource:
		r.lines[path] = append(r.lines[path], line)
	}
	switch s.kind {
	case sequence:
		return r.list(n, s, path)
	case mapping:
		return r.mapping(n, s, path)
	}
	if s.check != nil {
		if err := s.check(n.Value); err != nil {
			return nil, errorAt(line, "%s: %w", describeValue(path), err)
		}
	}
	switch {
	case s.boolean && n.Value == "": // as every other empty value, it counts as absent
		return nil, nil
	case s.boolean:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: n.Value}, nil
	}
	return quotedScalar(n.Value), nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func kindOf(n *yaml.Node) nodeKind {
	switch n.Kind {
	case yaml.SequenceNode:
		return sequence
	case yaml.MappingNode:
		return mapping
	}
	return scalar
}

func quotedScalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text}
}

// exampleOf shows how a value is written that is often written in a shorter way.
func exampleOf(path string) string {
	switch path {
	case "manifests[]":
		return "write - image: NAME"
	case "manifests[].platform":
		return "write platform: {os: linux, architecture: arm64}"
	case "tags":
		return "write tags: [1, latest]"
	}
	return ""
}

// describeValue describes the value at a path for messages.
func describeValue(path string) string {
	if path == "" {
		return "the spec"
	}
	return fmt.Sprintf("%.200q", path)
}
