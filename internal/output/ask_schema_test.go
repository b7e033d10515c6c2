package output

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"
)

// schemaOf reads docs/schema/COMMAND.v1.json.
func schemaOf(t *testing.T, command string) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("../../docs/schema", command+".v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asData is a result as --output json writes it.
func (r result) asData(t *testing.T) any {
	t.Helper()
	format, err := ParseFormat("json")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.print(Printer{Out: &out, Format: format}); err != nil {
		t.Fatal(err)
	}
	data, err := jsonschema.UnmarshalJSON(&out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAskedDataIsAsTheSchemaSays(t *testing.T) {
	for _, r := range results() {
		if err := schemaOf(t, r.command).Validate(r.asData(t)); err != nil {
			t.Errorf("%s %s: %v", r.command, r.name, err)
		}
	}
}

// A field that the schema does not know must not pass, at any depth.
func TestSchemasAreClosed(t *testing.T) {
	for _, r := range results() {
		schema := schemaOf(t, r.command)
		objects := 0
		data := r.asData(t)
		eachObject(data, func(o map[string]any) {
			objects++
			o["stranger"] = json.Number("1")
			if schema.Validate(data) == nil {
				t.Errorf("%s %s: the schema takes any field beside %v", r.command, r.name, maps.Clone(o))
			}
			delete(o, "stranger")
		})
		if objects == 0 {
			t.Errorf("%s %s: no object was looked at", r.command, r.name)
		}
	}
}

func eachObject(value any, visit func(map[string]any)) {
	switch v := value.(type) {
	case map[string]any:
		visit(v)
		for _, inner := range v {
			eachObject(inner, visit)
		}
	case []any:
		for _, inner := range v {
			eachObject(inner, visit)
		}
	}
}

// The YAML of a result says what its JSON says, and nothing that could drive a
// terminal.
func TestAskedYAMLIsTheJSON(t *testing.T) {
	format, err := ParseFormat("yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results() {
		var out bytes.Buffer
		if err := r.print(Printer{Out: &out, Format: format}); err != nil {
			t.Fatal(err)
		}
		wantTame(t, out.String())
		back, err := yaml.YAMLToJSON(out.Bytes())
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", r.command, r.name, err, out.String())
		}
		data, err := jsonschema.UnmarshalJSON(bytes.NewReader(back))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r.asData(t), data); diff != "" {
			t.Errorf("%s %s (-JSON +YAML):\n%s", r.command, r.name, diff)
		}
	}
}
