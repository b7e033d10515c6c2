package output

import (
	"cmp"
	"errors"
	"io"
	"reflect"
	"strings"
)

// maxSampleDepth bounds a sample of a type that contains itself.
const maxSampleDepth = 8

// CheckFields returns a *TemplateError if the template of the format names a field
// that results of the type of result do not have. It executes the template over
// samples of that type: without lists and optional parts, and with one of each.
// Other errors depend on the values of a result, and are found once it is printed.
func (f Format) CheckFields(result any) error {
	if f.kind != asTemplate {
		return nil
	}
	t := reflect.TypeOf(result)
	for _, sample := range []reflect.Value{reflect.Zero(t), filled(t, 0)} {
		err := f.template.Execute(io.Discard, sample.Interface())
		if err != nil && isUnknownField(err) {
			return f.templateError(err.Error())
		}
	}
	return nil
}

// isUnknownField reports whether an error of the template engine is about a field of
// a type that does not have it. A value of any JSON has no such type.
func isUnknownField(err error) bool {
	message := err.Error()
	return strings.Contains(message, "can't evaluate field ") && !strings.Contains(message, " in type interface {}")
}

// filled returns a value with one item in each list and map and nothing left out.
func filled(t reflect.Type, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	if depth > maxSampleDepth {
		return v
	}
	switch t.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(filled(t.Elem(), depth+1))
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				v.Field(i).Set(filled(t.Field(i).Type, depth+1))
			}
		}
	case reflect.Slice:
		v.Set(reflect.Append(v, filled(t.Elem(), depth+1)))
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(filled(t.Key(), depth+1), filled(t.Elem(), depth+1))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	}
	return v
}

// templateError words an error of the template engine, with the place of the template.
func (f Format) templateError(message string) error {
	return &TemplateError{cmp.Or(f.place, "--output"), plainTemplateError(errors.New(message))}
}
