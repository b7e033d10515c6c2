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

// wantSchema fails the test unless a text is JSON, of one result or several, as
// docs/schema has it for a command.
func WantSchema(t *testing.T, command, text string) {
	t.Helper()
	wantValid(t, RepoPath("docs", "schema", command+".v1.json"), command, text)
}

// wantSARIF fails the test unless a text is a SARIF log by the schema that OASIS
// publishes. A linter among our tools has it in the source of its tests, so that
// it costs us nothing: go gets that module for the linter anyway.
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

// wantValid compares each of the JSON documents of a text with a schema.
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
