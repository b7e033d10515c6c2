package spec

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/errtext"
)

// variable is a reference to a variable in a value, or $$, which is the text $.
var variable = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`\$\$|\$\{([^}]*)\}?`)
})

// variableName is the text between the braces: a name, with or without a default.
var variableName = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?$`)
})

// expand replaces the variables in the values of a document, not in its keys. What a
// variable holds is text: it adds neither keys nor items.
func expand(n *yaml.Node, getenv func(string) string) error {
	switch n.Kind {
	case yaml.ScalarNode:
		return expandScalar(n, getenv)
	case yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			if err := expand(n.Content[i], getenv); err != nil {
				return err
			}
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			if err := expand(c, getenv); err != nil {
				return err
			}
		}
	}
	return nil
}

func expandScalar(n *yaml.Node, getenv func(string) string) error {
	if !strings.Contains(n.Value, "${") && !strings.Contains(n.Value, "$$") {
		return nil
	}
	var failed error
	n.Value = variable().ReplaceAllStringFunc(n.Value, func(reference string) string {
		if reference == "$$" {
			return "$"
		}
		text, err := expandVariable(reference, getenv)
		if err != nil && failed == nil {
			failed = err
		}
		return text
	})
	if failed != nil {
		return &lineError{line: n.Line, err: failed, hint: errtext.Hint(failed)}
	}
	n.Tag, n.Style = "!!str", yaml.DoubleQuotedStyle
	return nil
}

// expandVariable returns the value of ${NAME} or ${NAME:-DEFAULT}; an empty
// variable has the default too, as in a shell.
func expandVariable(reference string, getenv func(string) string) (string, error) {
	m := variableName().FindStringSubmatch(strings.TrimSuffix(strings.TrimPrefix(reference, "${"), "}"))
	if m == nil || !strings.HasSuffix(reference, "}") {
		return "", fmt.Errorf("%.60q is not a variable: write ${NAME} or ${NAME:-DEFAULT}, and $$ for the text $", reference)
	}
	if strings.Contains(m[3], "${") {
		return "", fmt.Errorf("the default of ${%s:-DEFAULT} is text, and cannot hold another variable", m[1])
	}
	value := getenv(m[1])
	switch {
	case m[2] != "" && value == "":
		return strings.ReplaceAll(m[3], "$$", "$"), nil
	case value == "":
		return "", errtext.WithHint(fmt.Errorf("the variable %s is not set or empty", m[1]), fmt.Sprintf("set it, or write ${%s:-DEFAULT}; DEFAULT may be empty", m[1]))
	case !utf8.ValidString(value):
		return "", fmt.Errorf("the variable %s is not text in UTF-8", m[1])
	}
	return value, nil
}
