//go:build e2e

package e2e

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// wantSchema fails the test unless a text is JSON, of one result or several, as
// docs/schema has it for a command.
func wantSchema(t *testing.T, command, text string) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "docs", "schema", command+".v1.json"))
	must(t, err)
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	for n := 0; n == 0 || decoder.More(); n++ {
		var result any
		must(t, decoder.Decode(&result))
		if err := schema.Validate(result); err != nil {
			t.Errorf("%s: %v\n%s", command, err, text)
		}
	}
}
