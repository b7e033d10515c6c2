package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/config"
)

const schemaFile = "../../docs/config.schema.json"

// beyondSchema are the files whose mistake a schema cannot see, with the reason.
// Whatever the YAML parser refuses is judged by it alone.
func beyondSchema() map[string]string {
	return map[string]string{
		"registry-twice": "no two items with the same value under one key cannot be said",
		"hub-twice":      "nor that two names are one",
		"merge-key":      "editors resolve merge keys before the schema is asked",
		"own-tag":        "tags are gone before the schema is asked",
		"binary-tag":     "as are these",
		"two-documents":  "each document is judged by itself",
		"server-port":    "a pattern does not bound a number",
	}
}

func TestTheSchemaJudgesAsTheProgramDoes(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	beyond := beyondSchema()
	judged := 0
	for _, kind := range []string{"good", "bad"} {
		paths, err := filepath.Glob(filepath.Join(folder, kind, "*.yaml"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no files: %v", err)
		}
		for _, path := range paths {
			name := strings.TrimSuffix(filepath.Base(path), ".yaml")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			document, err := plainData(data)
			if err == nil {
				err = schema.Validate(document)
			}
			_, loadErr := load(nil, map[string]string{"MANIFEST_TOOL_CONFIG": path})
			if _, cannot := beyond[name]; cannot {
				if err != nil || loadErr == nil {
					t.Errorf("%s is no exception: schema %v, program %v", name, err, loadErr)
				}
				delete(beyond, name)
				continue
			}
			judged++
			if (err == nil) != (loadErr == nil) {
				t.Errorf("%s/%s: schema: %v\nprogram: %v", kind, name, err, loadErr)
			}
		}
	}
	if judged < 50 || len(beyond) > 0 {
		t.Errorf("%d files were judged; exceptions without a file: %v", judged, beyond)
	}
}

// plainData reads the first document of a file as editors do.
func plainData(data []byte) (any, error) {
	var value any
	err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&value)
	if errors.Is(err, io.EOF) {
		return nil, nil //nolint:nilnil // nothing is what it holds
	}
	return asJSON(value), err
}

// asJSON has only what JSON has.
func asJSON(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = asJSON(v[key])
		}
	case map[any]any:
		return errors.New("no object")
	case []any:
		for i := range v {
			v[i] = asJSON(v[i])
		}
	case time.Time:
		return v.String()
	}
	return value
}

// TestKeysAreTheSameEverywhere holds the list of settings, the structs that
// hold them and the schema together.
func TestKeysAreTheSameEverywhere(t *testing.T) {
	raw, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]struct {
			Enum []string `json:"enum"`
		} `json:"properties"`
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		settings []config.Setting
		of       any
		schema   object
		more     []string // in the struct and the schema
	}{
		{"top level", ofSection("", config.Settings()), config.Config{}, schema.object, []string{"registries", "serve"}},
		{"serve", ofSection("serve.", config.Settings()), config.Serve{}, schema.Defs["serve"], nil},
		{"registry", config.RegistrySettings(), config.Registry{}, schema.Defs["registry"], nil},
	} {
		want, inFile := slices.Clone(c.more), slices.Clone(c.more)
		for _, s := range c.settings {
			want = append(want, s.Key)
			if s.Kind != config.Secret {
				inFile = append(inFile, s.Key)
			}
			if diff := cmp.Diff(s.Choices, c.schema.Properties[s.Key].Enum); s.Kind == config.KindEnum && diff != "" {
				t.Errorf("%s: choices (-settings +schema):\n%s", s.Key, diff)
			}
		}
		if diff := cmp.Diff(sorted(want), sorted(tags(c.of))); diff != "" {
			t.Errorf("%s: keys (-settings +struct):\n%s", c.name, diff)
		}
		var described []string
		for key := range c.schema.Properties {
			described = append(described, key)
		}
		if diff := cmp.Diff(sorted(inFile), sorted(described)); diff != "" {
			t.Errorf("%s: keys (-settings +schema):\n%s", c.name, diff)
		}
	}
}

func sorted(all []string) []string {
	slices.Sort(all)
	return all
}

// ofSection returns the settings whose key has a prefix, without it.
func ofSection(prefix string, all []config.Setting) (found []config.Setting) {
	for _, s := range all {
		if key, ok := strings.CutPrefix(s.Key, prefix); ok && !strings.Contains(key, ".") {
			s.Key = key
			found = append(found, s)
		}
	}
	return found
}

// tags returns the keys of a struct; an embedded one is a section.
func tags(of any) []string {
	var all []string
	for i := range reflect.TypeOf(of).NumField() {
		field := reflect.TypeOf(of).Field(i)
		switch tag := field.Tag.Get("mapstructure"); tag {
		case "-":
		case ",squash":
			all = append(all, strings.ToLower(field.Name))
		default:
			all = append(all, tag[strings.LastIndex(tag, ".")+1:])
		}
	}
	return all
}
