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

// Fields returns the fields of an object in their order, as often as they occur. The
// error is ErrNoObject for other documents.
func Fields(doc []byte) ([]Field, error) {
	if !json.Valid(doc) {
		return nil, ErrNoObject
	}
	o, err := objectAt(doc, 0)
	if err != nil {
		return nil, err
	}
	var fields []Field
	for _, m := range o.members {
		fields = append(fields, Field{m.name, bytes.Clone(doc[m.value:m.end])})
	}
	return fields, nil
}

// OtherFields returns the fields of an object that are not among the known names,
// in their order; none if doc is not an object.
func OtherFields(doc []byte, known ...string) []Field {
	fields, _ := Fields(doc) // none of another document
	return slices.DeleteFunc(fields, func(f Field) bool { return slices.Contains(known, f.Name) })
}

// Append adds fields to the end of an object, in the style of its last one, and
// returns the new text. An object without fields is ErrNoObject.
func Append(doc []byte, fields []Field) ([]byte, error) {
	o, err := objectAt(doc, 0)
	if err != nil || len(fields) == 0 {
		return doc, err
	}
	if len(o.members) == 0 {
		return doc, ErrNoObject
	}
	last := o.members[len(o.members)-1]
	gap, colon, unit := gapBefore(doc, last.start), colonBefore(doc, last.value), indentation(doc)
	var added bytes.Buffer
	for _, f := range fields {
		name, err := json.Marshal(f.Name)
		if err != nil {
			return nil, err
		}
		value, err := render(f.Value, gap, unit)
		if err != nil {
			return nil, err
		}
		added.WriteString("," + gap + string(name) + colon + value)
	}
	return splice(doc, last.end, last.end, added.String()), nil
}
