package output

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// modulePath is what the import path of our packages begins with.
const modulePath = "manifest-tool/"

// structName is the name of a struct in the pages: our structs with their
// package, as several packages have a Result; those of other modules without.
func structName(of reflect.Type) string {
	if !strings.HasPrefix(of.PkgPath(), modulePath) {
		return of.Name()
	}
	return of.String()
}

// structs collects the structs of a result by structName: the type itself and
// every struct within it.
func structs(t *testing.T, of reflect.Type, found map[string]reflect.Type) {
	t.Helper()
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		structs(t, of.Elem(), found)
	case reflect.Struct:
		known := found[structName(of)]
		if known != nil && known != of {
			t.Fatalf("%s and %s have the same name", known.PkgPath(), of.PkgPath())
		}
		if known != nil || of == reflect.TypeFor[time.Time]() {
			return
		}
		found[structName(of)] = of
		for _, f := range fields(of) {
			structs(t, f.Type, found)
		}
	}
}

// fields are those that JSON has of a struct, in its order.
func fields(of reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(of), func(f reflect.StructField) bool {
		return f.Anonymous || !f.IsExported() || f.Tag.Get("json") == "-"
	})
}

// inJSON is the name of a field in JSON, and whether it is always there.
func inJSON(f reflect.StructField) (name string, always bool) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name, options == ""
}

// TestResultsBeginWithTheirSchema holds name and version of each.
func TestResultsBeginWithTheirSchema(t *testing.T) {
	for _, r := range results() {
		first := fields(r.data().Type())[0]
		name, always := inJSON(first)
		got := r.data().FieldByIndex(first.Index)
		if first.Name != "Schema" || name != "schema" || !always || got.String() != r.command+"/v1" {
			t.Errorf("%s %s begins with %s %s: %v", r.command, r.name, first.Name, name, got)
		}
	}
}

// TestResultsHaveEveryField holds that the tests with these results have seen
// all there is.
func TestResultsHaveEveryField(t *testing.T) {
	seen := map[string]map[string]bool{}
	types := map[string]reflect.Type{}
	for _, r := range results() {
		if seen[r.command] == nil {
			seen[r.command] = map[string]bool{}
		}
		types[r.command] = r.data().Type()
		note(r.data(), seen[r.command])
	}
	for command, of := range types {
		parts := map[string]reflect.Type{}
		structs(t, of, parts)
		for part, of := range parts {
			for _, f := range fields(of) {
				if !seen[command][part+"."+f.Name] {
					t.Errorf("%s: no result has %s.%s", command, part, f.Name)
				}
			}
		}
	}
}

// note collects the fields that are set.
func note(v reflect.Value, seen map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		note(v.Elem(), seen)
	case reflect.Slice:
		for i := range v.Len() {
			note(v.Index(i), seen)
		}
	case reflect.Struct:
		for _, f := range fields(v.Type()) {
			if inner := v.FieldByIndex(f.Index); !inner.IsZero() {
				seen[structName(v.Type())+"."+f.Name] = true
				note(inner, seen)
			}
		}
	}
}
