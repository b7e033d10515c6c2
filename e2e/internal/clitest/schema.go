//go:build e2e

package clitest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// WantSchema fails the test unless the text is JSON, of one result or several,
// that is valid by the schema of the command in docs/schema.
func WantSchema(t *testing.T, command, text string) {
	t.Helper()
	wantValid(t, RepoPath("docs", "schema", command+".v1.json"), command, text)
}

// WantSARIF fails the test unless the text is a SARIF log that is valid by the
// schema of OASIS. The schema is in the source of a linter among our tools, so
// that the test needs no download of its own.
func WantSARIF(t *testing.T, what, text string) {
	t.Helper()
	get := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", "github.com/securego/gosec/v2")
	get.Dir = RepoPath("e2e", "tools")
	get.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := get.Output()
	Must(t, err)
	var module struct{ Dir string }
	Must(t, json.Unmarshal(out, &module))
	wantValid(t, filepath.Join(module.Dir, "report", "sarif", "testdata", "sarif-schema-2.1.0.json"), what, text)
}

// wantValid compares each of the JSON documents of a text with the schema at
// path.
func wantValid(t *testing.T, path, what, text string) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(path)
	Must(t, err)
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	for n := 0; n == 0 || decoder.More(); n++ {
		var result any
		Must(t, decoder.Decode(&result))
		if err := schema.Validate(result); err != nil {
			t.Errorf("%s: %v\n%s", what, err, text)
		}
	}
}
