// Package jsonedit edits the text of a JSON document and keeps every byte that an
// edit does not concern: a config file belongs to other programs too, which keep
// keys of their own in it, and people format it.
package jsonedit

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// member is one NAME: VALUE of an object, as offsets in the document: where the
// name begins, where the value begins and ends.
type member struct {
	name              string
	start, value, end int
}

// object is an object of a document: its braces and its members.
type object struct {
	open, close int
	members     []member
}

// ErrNoObject is the error for a document that is not a JSON object.
var ErrNoObject = errors.New("it is not a JSON object")

// objectAt reads the object that begins at an offset, after white space.
func objectAt(doc []byte, at int) (object, error) {
	at += len(doc[at:]) - len(bytes.TrimLeft(doc[at:], " \t\r\n"))
	in := json.NewDecoder(bytes.NewReader(doc[at:]))
	here := func() int { return at + int(in.InputOffset()) }
	if first, err := in.Token(); err != nil || first != json.Delim('{') {
		return object{}, errors.Join(ErrNoObject, err)
	}
	o := object{open: at}
	for in.More() {
		from := here()
		name, err := in.Token()
		if err != nil {
			return object{}, err
		}
		var value json.RawMessage
		if err := in.Decode(&value); err != nil {
			return object{}, err
		}
		text, _ := name.(string) // the decoder accepts only strings as names
		start := from + bytes.IndexByte(doc[from:], '"')
		o.members = append(o.members, member{text, start, here() - len(value), here()})
	}
	_, err := in.Token()
	o.close = here() - 1
	return o, err
}

// find returns the index of a member, the last of that name as decoders take
// it, or -1.
func (o object) find(name string) int {
	for i := len(o.members) - 1; i >= 0; i-- {
		if o.members[i].name == name {
			return i
		}
	}
	return -1
}

// Has reports whether a document has a value at a path of names.
func Has(doc []byte, path ...string) bool {
	at := 0
	for _, name := range path {
		o, err := objectAt(doc, at)
		i := o.find(name)
		if err != nil || i < 0 {
			return false
		}
		at = o.members[i].value
	}
	return true
}

// Set puts a value at a path of names, in place of the one that is there. What
// is missing on the path is created, in the style of the text around it; a blank
// document becomes one in Docker's style.
func Set(doc []byte, value any, path ...string) ([]byte, error) {
	if len(bytes.TrimSpace(doc)) == 0 {
		return json.MarshalIndent(nestObjects(path, value), "", "\t")
	}
	at, unit := 0, indentation(doc)
	for depth := range path {
		o, err := objectAt(doc, at)
		if err != nil {
			return nil, err
		}
		i, rest := o.find(path[depth]), path[depth+1:]
		if i < 0 {
			return insert(doc, o, unit, depth+1, path[depth], nestObjects(rest, value))
		}
		m := o.members[i]
		if len(rest) > 0 && doc[m.value] == '{' {
			at = m.value
			continue
		}
		text, err := render(nestObjects(rest, value), gapBefore(doc, m.start), unit)
		return splice(doc, m.value, m.end, text), err
	}
	return doc, nil
}

// Remove takes every member of that path out of a document.
func Remove(doc []byte, path ...string) ([]byte, error) {
	at, last := 0, len(path)-1
	for _, name := range path[:last] {
		o, err := objectAt(doc, at)
		i := o.find(name)
		if err != nil || i < 0 || doc[o.members[i].value] != '{' {
			return doc, err
		}
		at = o.members[i].value
	}
	for {
		o, err := objectAt(doc, at)
		i := o.find(path[last])
		switch {
		case err != nil || i < 0:
			return doc, err
		case len(o.members) == 1:
			doc = splice(doc, o.open+1, o.close, "")
		case i == len(o.members)-1:
			doc = splice(doc, o.members[i-1].end, o.members[i].end, "")
		default:
			doc = splice(doc, o.members[i].start, o.members[i+1].start, "")
		}
	}
}

// insert adds a member at the end of an object, with the spacing of the last one.
func insert(doc []byte, o object, unit string, depth int, name string, value any) ([]byte, error) {
	key, err := json.Marshal(name)
	if err != nil {
		return nil, err
	}
	if len(o.members) > 0 {
		last := o.members[len(o.members)-1]
		gap := gapBefore(doc, last.start)
		text, err := render(value, gap, unit)
		return splice(doc, last.end, last.end, ","+gap+string(key)+colonBefore(doc, last.value)+text), err
	}
	gap, end, colon := "", "", ":"
	if unit != "" {
		gap, end, colon = "\n"+strings.Repeat(unit, depth), "\n"+strings.Repeat(unit, depth-1), ": "
	}
	text, err := render(value, gap, unit)
	return splice(doc, o.open+1, o.close, gap+string(key)+colon+text+end), err
}
