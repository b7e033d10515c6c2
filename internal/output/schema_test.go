package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// values are what that programs get, by their schemas: every fixture,
// and one of each other shape.
func values() map[string][]any {
	inspected := []any{}
	for _, in := range fixtures() {
		inspected = append(inspected, in.Result())
	}
	return map[string][]any{
		"inspect.v1": inspected,
		"tags.v1": {
			manifest.TagList{Schema: "tags/v1", Repository: "reg.example/app", Tags: []manifest.Tag{}},
			tagList(),
		},
		"push.v1": {pushed(nil), pushed(errors.New("denied"))},
	}
}

func tagList() manifest.TagList {
	return manifest.TagList{Schema: "tags/v1", Repository: "reg.example/app", Tags: []manifest.Tag{
		{Name: "1.0", Kind: manifest.KindIndex, MediaType: manifest.MediaTypeDockerList, Digest: sha("1"), Size: 700, Platforms: []platform.Platform{
			{OS: "linux", Architecture: "amd64"},
			{OS: "linux", Architecture: "arm", Variant: "v7"},
			{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.2700"},
			{OS: "linux", Architecture: "riscv64"},
			{OS: "linux", Architecture: "s390x"},
		}},
		{Name: "gone", Missing: true},
		{Name: "one", Kind: manifest.KindImage, MediaType: manifest.MediaTypeDockerImage, Digest: sha("2"), Size: 300},
		{Name: hostile, Kind: manifest.KindUnknown, MediaType: hostile, Digest: sha("3"), Size: 1},
	}}
}

// pushed is a push of which one tag failed, or none.
func pushed(err error) manifest.Pushed {
	p := manifest.Pushed{
		Schema: "push/v1", Ref: "reg.example/app:1", Digest: sha("1"), Size: 700, MediaType: manifest.MediaTypeDockerList,
		Tags: []manifest.TagResult{{Tag: "1", State: manifest.TagWritten}, {Tag: "latest", State: manifest.TagUnchanged}},
	}
	if err != nil {
		p.Tags = append(p.Tags, manifest.TagResult{Tag: "fixed", State: manifest.TagFailed, Error: err.Error(), Err: err})
	}
	return p
}

func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../../docs/schema/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestResultsFitTheirSchemas(t *testing.T) {
	for name, values := range values() {
		s := schema(t, name)
		for _, value := range values {
			var out bytes.Buffer
			if err := (Printer{Out: &out, Format: Format{kind: asJSON}}).show(value, nil); err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(&out)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(doc); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestSchemasNameTheFieldsThatAreDocumented holds that the schemas, which let
// nothing else through, know each field of docs/output.md.
func TestSchemasNameTheFieldsThatAreDocumented(t *testing.T) {
	described := map[string]bool{}
	for _, fields := range readFields(t) {
		var names []string
		for _, f := range fields {
			names = append(names, f[0])
		}
		described[joined(names)] = true
	}
	known := map[string]bool{}
	for name := range values() {
		raw, err := os.ReadFile("../../docs/schema/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		type object struct {
			Properties           map[string]any
			AdditionalProperties *bool
		}
		var s struct {
			object
			Defs map[string]object `json:"$defs"`
		}
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		s.Defs["root"] = s.object
		for part, o := range s.Defs {
			if o.AdditionalProperties == nil || *o.AdditionalProperties {
				t.Errorf("%s: %s lets other fields through", name, part)
			}
			known[joined(slices.Collect(maps.Keys(o.Properties)))] = true
		}
	}
	if diff := cmp.Diff(described, known); diff != "" {
		t.Errorf("objects by their fields (-docs/output.md +schemas):\n%s", diff)
	}
}

func joined(names []string) string {
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestSchemasRefuseOtherFields(t *testing.T) {
	for name, text := range map[string]string{
		"inspect.v1": `{"schema":"inspect/v1","name":"a","kind":"index","mediaType":"m","digest":"d","size":1,"entries":[{"position":1,"kind":"image","mediaType":"m","digest":"d","size":1,"nope":1}]}`,
		"tags.v1":    `{"schema":"tags/v1","repository":"a","tags":["a"]}`,
		"push.v1":    `{"schema":"push/v2","ref":"a","digest":"d","size":1,"mediaType":"m","tags":[],"unchanged":false}`,
	} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if schema(t, name).Validate(doc) == nil {
			t.Errorf("%s lets %s through", name, text)
		}
	}
}

func TestTagsText(t *testing.T) {
	for golden, p := range map[string]Printer{"tags.txt": {}, "tags-80.txt": {Columns: 80}, "tags-120.txt": {Columns: 120}} {
		for _, platforms := range []bool{false, true} {
			name := golden
			if platforms {
				name = "platforms-" + golden
			}
			t.Run(name, func(t *testing.T) {
				var out bytes.Buffer
				p.Out = &out
				if err := p.Tags(tagList(), platforms); err != nil {
					t.Fatal(err)
				}
				if p.Columns > 0 {
					checkClean(t, out.String())
				}
				checkGolden(t, name, out.Bytes())
			})
		}
	}
}

func TestPushedInEveryFormat(t *testing.T) {
	for format, want := range map[string]string{
		"text": "Digest: " + sha("1").String() + " 700\n",
		"yaml": "---\nschema: push/v1\nref: reg.example/app:1\ndigest: " + sha("1").String() + "\nsize: 700\nmediaType: " + manifest.MediaTypeDockerList +
			"\ntags:\n  - tag: \"1\"\n    state: written\n  - tag: latest\n    state: unchanged\n  - tag: fixed\n    state: failed\n    error: denied\nunchanged: false\n",
		"template={{.Digest}}{{range .Tags}} {{.Tag}}={{.State}}{{end}}": sha("1").String() + " 1=written latest=unchanged fixed=failed\n",
	} {
		f, err := ParseFormat(format)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := (Printer{Out: &out, Format: f, Several: true}).Pushed(pushed(errors.New("denied"))); err != nil || out.String() != want {
			t.Errorf("%s: %v (-want +got):\n%s", format, err, cmp.Diff(want, out.String()))
		}
	}
}
