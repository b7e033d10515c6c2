package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/manifest/inspect"
)

func TestFormatsAreTold(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "text": "", "json": "", "yaml": "", "template=": "", "template={{.Name}}": "",
		"JSON": "--output: unknown value", "template": "--output: unknown value", "go-template={{.}}": "--output: unknown value",
		"template={{.Name": "--output: line 1 of the template: unclosed action", "template={{nope .}}": `function "nope" not defined`,
	} {
		f, err := ParseFormat(value)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", value, err, want)
		}
		if isText := value == "" || value == "text"; err == nil && f.IsText() != isText {
			t.Errorf("%q: for people is %v", value, f.IsText())
		}
	}
}

// inFormat is what a value looks like in a format.
func inFormat(t *testing.T, format string, value any) (string, error) {
	t.Helper()
	f, err := ParseFormat(format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = Printer{Out: &out, Format: f}.render(value, func(t *text) { t.line("for people") })
	return out.String(), err
}

func TestAValueInEachFormat(t *testing.T) {
	value := struct {
		Name string            `json:"name"`
		Size int               `json:"size"`
		Tags map[string]string `json:"tags,omitempty"`
		None *int              `json:"none"`
	}{"a: \"1\"", 386, map[string]string{"b": "1.10", "a": "yes"}, nil}
	for format, want := range map[string]string{
		"text":                              "for people\n",
		"json":                              "{\n    \"name\": \"a: \\\"1\\\"\",\n    \"size\": 386,\n    \"tags\": {\n        \"a\": \"yes\",\n        \"b\": \"1.10\"\n    },\n    \"none\": null\n}\n",
		"yaml":                              "name: 'a: \"1\"'\nsize: 386\ntags:\n  a: \"yes\"\n  b: \"1.10\"\nnone: null\n",
		"template={{.Name}} is {{.Size}}":   "a: \"1\" is 386\n",
		"template={{.Name}}\n":              "a: \"1\"\n",
		"template={{range .Tags}}{{.}}\n\t": "yes\n\t1.10\n\t\n",
	} {
		if strings.Contains(format, "range") {
			format += "{{end}}"
		}
		if got, err := inFormat(t, format, value); err != nil || got != want {
			t.Errorf("%s: %v (-want +got):\n%s", format, err, cmp.Diff(want, got))
		}
	}
}

func TestATemplateThatDoesNotFitPrintsNothing(t *testing.T) {
	for format, want := range map[string]string{
		"template=before {{.Nope}}":                             "line 1 of the template: at <.Nope>: there is no field Nope",
		"template=before\n{{range .Entries}}\n{{.Nope}}{{end}}": "line 3 of the template: at <.Nope>: there is no field Nope",
		"template=before {{index .Entries 99}}":                 "index out of range: 99",
		"template={{.Name.Nope}}":                               "there is no field Nope",
		"template={{join 1 .Entries}}":                          "expected string",
	} {
		got, err := inFormat(t, format, layeredIndex().Result())
		var misfit *TemplateError
		if !errors.As(err, &misfit) || got != "" || !strings.HasPrefix(err.Error(), "--output: line ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: printed %q, error %v", format, got, err)
		}
	}
}

func TestATemplateErrorNamesWhereTheTemplateCameFrom(t *testing.T) {
	format, err := ParseFormat("template={{.Nope}}")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = Printer{Out: &out, Format: format.WithOrigin("config.yaml:3")}.render(layeredIndex().Result(), func(*text) {})
	if err == nil || !strings.HasPrefix(err.Error(), "config.yaml:3: line 1 of the template: ") || out.Len() > 0 {
		t.Errorf("error %v", err)
	}
}

// TestFault40YAMLAndJSONHoldTheSame holds that what is escaped for a terminal
// means the same to a program.
func TestFault40YAMLAndJSONHoldTheSame(t *testing.T) {
	for _, r := range results() {
		var fromJSON, fromYAML any
		decode(t, []byte(r.in(t, "json")), &fromJSON)
		text := r.in(t, "yaml")
		checkClean(t, text)
		if err := yaml.Unmarshal([]byte(text), &fromYAML); err != nil {
			t.Fatalf("%s %s: %v\n%s", r.command, r.name, err, text)
		}
		if diff := cmp.Diff(numbers(fromJSON), numbers(fromYAML)); diff != "" {
			t.Errorf("%s %s (-JSON +YAML):\n%s", r.command, r.name, diff)
		}
	}
}

// numbers makes the numbers of two decoders one kind.
func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case int:
		return float64(v)
	}
	return v
}

// TestLongListsAreEncodedAlike holds that a list which is written entry by
// entry comes out as it would in one.
func TestLongListsAreEncodedAlike(t *testing.T) {
	for name, in := range fixtures() {
		want, err := encode(in.Result())
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := (Printer{Out: &got, Format: Format{kind: asJSON}}).PrintInspection(in); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-in one +entry by entry):\n%s", name, diff)
		}
	}
	deceptive := map[string]any{"a": "\n    \"list\": []", "list": []any{}, "z": map[string]any{"list": []any{}}}
	got, err := encodeList(deceptive, "list", 2, func(i int) any { return i })
	if err != nil {
		t.Fatal(err)
	}
	deceptive["list"] = []int{0, 1}
	want, err := encode(deceptive)
	if diff := cmp.Diff(string(want), string(got)); err != nil || diff != "" {
		t.Errorf("%v (-in one +entry by entry):\n%s", err, diff)
	}
}

func TestTemplateFunctions(t *testing.T) {
	in := withConfigs(layeredIndex()).Result()
	for template, want := range map[string]string{
		`{{json .Kind}}`:                                                     `"index"`,
		`{{json (index .Entries 0).Platform}}`:                               `{"architecture":"arm","os":"windows","os.version":"10.0.1","os.features":["win32k","b"],"variant":"v7"}`,
		`{{join ", " (index .Entries 0).Config.ExposedPorts}}`:               "443/tcp, 80/tcp",
		`{{join "\n" (index .Entries 0).Config.Env}}`:                        "PATH=/bin\nA=b c",
		`{{upper .Kind}} {{lower "AbC"}}`:                                    "INDEX abc",
		`[{{pad 6 .Kind}}] [{{pad -6 .Kind}}] [{{.Kind | pad 2}}]`:           "[index ] [ index] [index]",
		`{{platform (index .Entries 0).Platform}}`:                           "windows/arm/v7:10.0.1",
		`[{{platform (index .Entries 1).Platform}}]`:                         "[]",
		`{{pad 1000000000 "x" | len}} {{pad -1000000000 "x" | len}}`:         "1000 1000",
		`{{range .Entries}}{{if .Missing}}{{.Position}} {{end}}{{end}}`:      "3 5 9",
		`{{range .Entries}}{{range .PredicateTypes}}{{.}}{{end}}{{end}}`:     "https://slsa.dev/provenance/v0.2",
		`{{date "2006" (index .Entries 0).Config.Created}}{{range .Layers}}`: "2025",
	} {
		if strings.HasSuffix(template, "{{range .Layers}}") {
			template += "{{end}}"
		}
		got, err := inFormat(t, "template="+template, in)
		if got = strings.TrimRight(got, " \n"); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", template, got, err, want)
		}
	}
}

// TestFault40ATemplateTellsItsLinesFromThoseOfValues holds that a value cannot
// begin a line, while the template and its functions can, and that JSON in a
// template is still the value.
func TestFault40ATemplateTellsItsLinesFromThoseOfValues(t *testing.T) {
	value := map[string]any{"a": "x\ny\t\u009b\u202e\xff", "b": []string{"1\n", "2"}}
	for template, want := range map[string]string{
		"{{.a}}\n.":                "x\\x0ay\\x09\\u009b\\u202e\\xff\n.\n",
		`{{"\t"}}{{join "\n" .b}}`: "\t1\\x0a\n2\n",
		`{{json .b}}`:              "[\"1\\u000a\",\"2\"]\n",
	} {
		if got, err := inFormat(t, "template="+template, value); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", template, got, err, want)
		}
	}
	text, err := inFormat(t, "template={{json .}}", hostileIndex().Result())
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	decode(t, []byte(text), &got)
	plain, err := json.Marshal(hostileIndex().Result())
	if err != nil {
		t.Fatal(err)
	}
	decode(t, plain, &want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded JSON (-encoder's +ours):\n%s", diff)
	}
}

func TestMarkingChangesNothingElse(t *testing.T) {
	for name, in := range fixtures() {
		value := in.Result()
		if strings.HasPrefix(name, "hostile") {
			continue
		}
		if got := tagged(value); !reflect.DeepEqual(got, value) {
			t.Errorf("%s: %s", name, cmp.Diff(value, got))
		}
	}
	if tagged(nil) != nil {
		t.Error("nothing became something")
	}
	var none *inspect.ImageConfig
	if got := tagged(none); got != none {
		t.Errorf("nothing became %v", got)
	}
}
