//go:build e2e

package ci

import (
	"regexp"
	"strings"
	"testing"
)

// expression is an expression of GitHub Actions, as far as the files here have some.
var expression = regexp.MustCompile(`\$\{\{ *(.*?) *\}\}`)

// values are the contexts of expressions: a value for each path, such as
// "steps.push.outputs.digest".
type values map[string]string

// expand replaces the expressions of a text: paths, and paths with "||" between them.
func (v values) expand(t *testing.T, text string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		for path := range strings.SplitSeq(expression.FindStringSubmatch(found)[1], "||") {
			value, known := v[strings.TrimSpace(path)]
			if !known {
				t.Fatalf("%s: there is no %q", found, strings.TrimSpace(path))
			}
			if value != "" {
				return value
			}
		}
		return ""
	})
}
