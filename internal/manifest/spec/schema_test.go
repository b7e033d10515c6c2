package spec_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/manifest/spec"
)

// beyondSchema are the files that a schema cannot judge as the program does,
// with the reason. Whatever the YAML parser refuses is judged by it alone.
func beyondSchema() map[string]string {
	return map[string]string{
		"core-tags":            "a tag that contradicts its value is an error to the YAML library, the program takes the value as it is written",
		"merge-other-spelling": "of two spellings that a merge brings together the program takes the nearer one, the schema is shown both",
		"merge-list":           "as above",
		"key-twice-by-alias":   "the YAML library sees two keys, an alias and its value",
		"require-os":           "an architecture alone is a platform, and only the program knows which words are architectures",
		"own-tag":              "tags are gone before the schema is asked",
		"binary-tag":           "as above",
		"own-tag-on-key":       "as above",
		"set-tag":              "as above",
	}
}

func TestSchema_AgreesWithParse(t *testing.T) {
	t.Parallel() // the YAML library takes seconds for the hostile files
	schema, err := jsonschema.NewCompiler().Compile("../../../docs/spec.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	beyond, judged := beyondSchema(), 0
	for _, kind := range []string{"good", "bad"} {
		for name, data := range specFiles(t, kind) {
			specs, wrong := spec.Parse(name, data)
			for _, s := range specs {
				for _, w := range s.Warnings {
					wrong = w // editors show what the program ignores
				}
			}
			invalid := validateAll(schema, data)
			if (invalid == nil) == (wrong == nil) {
				judged++
				if _, listed := beyond[name]; listed {
					t.Errorf("%s is no exception: both say %v", name, wrong)
				}
				continue
			}
			if _, listed := beyond[name]; !listed {
				t.Errorf("%s/%s: schema: %v\nprogram: %v", kind, name, invalid, wrong)
			}
			delete(beyond, name)
		}
	}
	if judged < 100 || len(beyond) > 0 {
		t.Errorf("%d files were judged; exceptions without a file: %v", judged, beyond)
	}
}

// validateAll judges every document of a file, as editors do: those that hold
// nothing are none.
func validateAll(schema *jsonschema.Schema, data []byte) error {
	documents := 0
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var value any
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF) && documents == 0:
			return errors.New("no document")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case value == nil:
			continue
		}
		documents++
		if err := schema.Validate(asJSON(value)); err != nil {
			return err
		}
	}
}

// asJSON has only what JSON has.
func asJSON(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = asJSON(v[key])
		}
	case map[any]any: // a key is the text that is written there
		object := map[string]any{}
		for key := range v {
			if key == nil {
				return v // which no schema lets through
			}
			object[fmt.Sprint(key)] = asJSON(v[key])
		}
		return object
	case []any:
		for i := range v {
			v[i] = asJSON(v[i])
		}
	case time.Time:
		return v.Format(time.DateOnly)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return fmt.Sprint(v)
		}
	}
	return value
}
