package output

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFolder = "../../docs/schema/"

// schemaOf reads docs/schema/COMMAND.v1.json.
func schemaOf(t *testing.T, command string) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(schemaFolder + command + ".v1.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asData is a result as --output json writes it.
func (r result) asData(t *testing.T) any {
	t.Helper()
	data, err := jsonschema.UnmarshalJSON(strings.NewReader(r.in(t, "json")))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestResultsFitTheirSchemas(t *testing.T) {
	for _, r := range results() {
		if err := schemaOf(t, r.command).Validate(r.asData(t)); err != nil {
			t.Errorf("%s %s: %v", r.command, r.name, err)
		}
	}
}

// TestSchemasRefuseTheRest holds that a field which a schema does not know does
// not pass, at any depth, nor another version.
func TestSchemasRefuseTheRest(t *testing.T) {
	for _, r := range results() {
		schema, data := schemaOf(t, r.command), r.asData(t)
		eachObject(data, func(o map[string]any) {
			o["stranger"] = json.Number("1")
			if schema.Validate(data) == nil {
				t.Errorf("%s %s: the schema takes any field: %v", r.command, r.name, o)
			}
			delete(o, "stranger")
			if o["schema"] != nil {
				o["schema"] = r.command + "/v2"
				if schema.Validate(data) == nil {
					t.Errorf("%s: the schema takes any version", r.command)
				}
				o["schema"] = r.command + "/v1"
			}
		})
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

// TestSchemasDescribeTheStructs compares the objects of each schema with the
// structs of its result: the fields, and which of them are always there. The
// pages are held to the structs as well, so all three agree.
func TestSchemasDescribeTheStructs(t *testing.T) {
	want := map[string]map[string]bool{}
	for _, r := range results() {
		parts, forms := map[string]reflect.Type{}, map[string]bool{}
		structs(t, r.data().Type(), parts)
		for _, of := range parts {
			forms[formOf(of)] = true
		}
		want[r.command] = forms
	}
	files, err := filepath.Glob(schemaFolder + "*.json")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var schema any
		decode(t, raw, &schema)
		forms := map[string]bool{}
		eachObject(schema, func(o map[string]any) {
			if properties, ok := o["properties"].(map[string]any); ok {
				forms[formIn(o, properties)] = true
			}
		})
		got[strings.TrimSuffix(filepath.Base(file), ".v1.json")] = forms
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects by their fields, with ! where always there (-structs +schemas):\n%s", diff)
	}
}

// formOf is a struct as the list of its fields, formIn an object of a schema.
func formOf(of reflect.Type) string {
	var names []string
	for _, f := range fields(of) {
		name, always := inJSON(f)
		if always {
			name += "!"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func formIn(object, properties map[string]any) string {
	required, _ := object["required"].([]any)
	var names []string
	for name := range properties {
		if slices.Contains(required, any(name)) {
			name += "!"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}
