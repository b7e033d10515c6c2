package jsonedit

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFields(t *testing.T) {
	got, err := Fields([]byte(` {"a": [1,  2], "\u0062": null, "a": 1}`))
	want := []Field{{"a", []byte("[1,  2]")}, {"b", []byte("null")}, {"a", []byte("1")}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, doc := range []string{"", "[]", "{", "null", `{"a":1}x`} {
		if got, err := Fields([]byte(doc)); !errors.Is(err, ErrNoObject) {
			t.Errorf("%s has %v, %v", doc, got, err)
		}
	}
}

func TestOtherFields(t *testing.T) {
	got := OtherFields([]byte(`{"a": 1, "z": {"x": [1,  2]}, "b": 1.50e+1, "c": null}`), "a", "d")
	want := []Field{{"z", []byte(`{"x": [1,  2]}`)}, {"b", []byte("1.50e+1")}, {"c", []byte("null")}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, doc := range []string{"", "[]", "{", "null", `{"a":1}`} {
		if got := OtherFields([]byte(doc), "a"); len(got) > 0 {
			t.Errorf("%s has %v", doc, got)
		}
	}
}

func TestAppend(t *testing.T) {
	fields := []Field{{"z", []byte(`{"x":[1, 2]}`)}, {"b<", []byte("1.50e+1")}}
	for before, after := range map[string]string{
		`{"a":1}`:          `{"a":1,"z":{"x":[1,2]},"b\u003c":1.50e+1}`,
		"{\n  \"a\": 1\n}": "{\n  \"a\": 1,\n  \"z\": {\n    \"x\": [\n      1,\n      2\n    ]\n  },\n  \"b\\u003c\": 1.50e+1\n}",
	} {
		got, err := Append([]byte(before), fields)
		if diff := cmp.Diff(after, string(got)); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if got, err := Append([]byte("[]"), fields); err == nil {
		t.Errorf("a list became %s", got)
	}
}
