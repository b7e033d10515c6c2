package jsonedit

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Field is one NAME: VALUE of an object, with the text of its value.
type Field struct {
	Name  string
	Value json.RawMessage
}

// OtherFields returns the fields of an object that are not among the known names,
// in their order; none if doc is not an object.
func OtherFields(doc []byte, known ...string) []Field {
	o, err := objectAt(doc, 0)
	if err != nil {
		return nil
	}
	var others []Field
	for _, m := range o.members {
		if !slices.Contains(known, m.name) {
			others = append(others, Field{m.name, bytes.Clone(doc[m.value:m.end])})
		}
	}
	return others
}

// Append adds fields to the end of an object and returns the new text.
func Append(doc []byte, fields []Field) ([]byte, error) {
	for _, f := range fields {
		o, err := objectAt(doc, 0)
		if err != nil {
			return nil, err
		}
		if doc, err = insert(doc, o, indentation(doc), 1, f.Name, f.Value); err != nil {
			return nil, err
		}
	}
	return doc, nil
}
