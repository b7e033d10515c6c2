package jsonedit

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type entry struct {
	Auth string `json:"auth"`
}

func TestSet(t *testing.T) {
	for _, tt := range []struct{ name, before, after string }{
		{"blank", " \n", "{\n\t\"auths\": {\n\t\t\"r.example\": {\n\t\t\t\"auth\": \"new\"\n\t\t}\n\t}\n}"},
		{"empty", "{}", "{\n\t\"auths\": {\n\t\t\"r.example\": {\n\t\t\t\"auth\": \"new\"\n\t\t}\n\t}\n}"},
		{"compact", `{"a":1}`, `{"a":1,"auths":{"r.example":{"auth":"new"}}}`},
		{"one line with spaces", `{ "a": 1 }`, `{ "a": 1, "auths": {"r.example":{"auth":"new"}} }`},
		{
			"other keys, order, odd spacing", "{\n  \"z\" : [1,  2],\n  \"auths\": {\n    \"o.example\": {\"auth\": \"x\"}\n  },\n  \"a\": {\"auths\": {}}\n}\n",
			"{\n  \"z\" : [1,  2],\n  \"auths\": {\n    \"o.example\": {\"auth\": \"x\"},\n    \"r.example\": {\n      \"auth\": \"new\"\n    }\n  },\n  \"a\": {\"auths\": {}}\n}\n",
		},
		{"empty auths", "{\n    \"auths\": { },\n    \"b\": 2\n}", "{\n    \"auths\": {\n        \"r.example\": {\n            \"auth\": \"new\"\n        }\n    },\n    \"b\": 2\n}"},
		{"auths is null", `{"auths":null,"b":2}`, `{"auths":{"r.example":{"auth":"new"}},"b":2}`},
		{"there already", "{\"auths\": {\"r.example\":\t{\"auth\": \"old\", \"email\": \"e\"}, \"s\": {}}}", "{\"auths\": {\"r.example\":\t{\"auth\":\"new\"}, \"s\": {}}}"},
		{"windows line ends", "{\r\n\t\"auths\": {\r\n\t\t\"o\": {}\r\n\t}\r\n}", "{\r\n\t\"auths\": {\r\n\t\t\"o\": {},\r\n\t\t\"r.example\": {\n\t\t\t\"auth\": \"new\"\n\t\t}\r\n\t}\r\n}"},
		{"doubled: the last counts", `{"auths":{"r.example":1},"auths":{"r.example":2}}`, `{"auths":{"r.example":1},"auths":{"r.example":{"auth":"new"}}}`},
		{"an escaped name", `{"\u0061uths":{}}`, `{"\u0061uths":{"r.example":{"auth":"new"}}}`},
		{"text behind it", "{}\n\n{}", "{\n\t\"auths\": {\n\t\t\"r.example\": {\n\t\t\t\"auth\": \"new\"\n\t\t}\n\t}\n}\n\n{}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Set([]byte(tt.before), entry{"new"}, "auths", "r.example")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.after, string(got)); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			if !Has(got, "auths", "r.example", "auth") {
				t.Error("it is not found afterwards")
			}
		})
	}
}

func TestRemove(t *testing.T) {
	for _, tt := range []struct{ name, before, after string }{
		{"the only one", "{\n\t\"auths\": {\n\t\t\"r.example\": {}\n\t}\n}", "{\n\t\"auths\": {}\n}"},
		{"the first", "{\"auths\": {\n \"r.example\": {},\n \"b\": {} }}", "{\"auths\": {\n \"b\": {} }}"},
		{"the last", "{\"auths\": {\n \"b\": {} ,\n \"r.example\": {} }}", "{\"auths\": {\n \"b\": {} }}"},
		{"between", `{"auths":{"a":1, "r.example":2, "b":3}}`, `{"auths":{"a":1, "b":3}}`},
		{"doubled", `{"auths":{"r.example":1,"a":1,"r.example":2}}`, `{"auths":{"a":1}}`},
		{"not there", `{"auths":{"a":1}, "r.example": 2}`, `{"auths":{"a":1}, "r.example": 2}`},
		{"no auths", `{ "b":1}`, `{ "b":1}`},
		{"auths is null", `{"auths":null}`, `{"auths":null}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Remove([]byte(tt.before), "auths", "r.example")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.after, string(got)); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEdit_NoObject(t *testing.T) {
	for _, doc := range []string{"[]", "1", "{", `{"auths":{`, "x"} {
		if got, err := Set([]byte(doc), entry{"new"}, "auths", "r"); err == nil {
			t.Errorf("%s became %s", doc, got)
		}
		if got, err := Remove([]byte(doc), "auths", "r"); err == nil {
			t.Errorf("%s became %s", doc, got)
		}
	}
}

// FuzzEditing holds that an edited document is JSON, has what was put there and
// nothing else that is new, and that taking it out again leaves the rest as it
// was.
func FuzzEditing(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"auths":{}}`, `{"auths":{"r.example":{"auth":"x"}},"b":[1,2]}`, "{\n\t\"a\": {\"b\": 1.50e+1}\n}\n",
		`{"auths":[]}`, `{"auths":{"\u0072.example":{}}}`, " {\r\n}", `{"a":"\ud800","auths":{"x":"\n"}}`,
	} {
		f.Add([]byte(seed), "r.example")
	}
	f.Fuzz(func(t *testing.T, doc []byte, key string) {
		edited, err := Set(bytes.Clone(doc), entry{"new"}, "auths", key)
		if err != nil {
			return
		}
		decoded := func(raw []byte) map[string]any {
			var all map[string]any
			if len(bytes.TrimSpace(raw)) > 0 {
				if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&all); err != nil {
					t.Fatalf("%q became %q: %v", doc, raw, err)
				}
			}
			return all
		}
		before, after := decoded(doc), decoded(edited)
		logins, _ := after["auths"].(map[string]any)
		name := strings.ToValidUTF8(key, "\ufffd")
		if found, _ := logins[name].(map[string]any); name == key && found["auth"] != "new" {
			t.Fatalf("%q became %q", doc, edited)
		}
		delete(before, "auths")
		delete(after, "auths")
		if diff := cmp.Diff(before, after); diff != "" && len(before)+len(after) > 0 {
			t.Fatalf("%q: other keys (-before +after):\n%s", doc, diff)
		}
		removed, err := Remove(edited, "auths", key)
		if err != nil || name == key && Has(removed, "auths", key) {
			t.Fatalf("%q became %q, %v", edited, removed, err)
		}
	})
}
