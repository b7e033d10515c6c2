package buildresult

import (
	"bytes"
	"encoding/json"

	"manifest-tool/internal/errtext"
)

// object is a JSON object of a file with the lines of its members.
type object struct {
	at      position
	members []member
}

// member is one member of an object, its value not decoded yet.
type member struct {
	at    position // of the key
	start position // of the value
	name  string
	value json.RawMessage
}

// parseObject reads an object that begins at a position.
func parseObject(at position, raw []byte) (object, error) {
	if !json.Valid(raw) {
		var value any
		return object{}, at.errorf("%w", errtext.DecodeError(raw, json.Unmarshal(raw, &value)))
	}
	o := object{at: at}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return object{}, at.errorf("it is not a JSON object")
	}
	read := 0 // at is the position there
	advance := func(to int64) position {
		at = at.after(raw[read:to])
		read = int(to)
		return at
	}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return object{}, at.errorf("%w", err)
		}
		m := member{at: advance(decoder.InputOffset())}
		m.name, _ = token.(string)
		if err := decoder.Decode(&m.value); err != nil {
			return object{}, at.errorf("%w", err)
		}
		m.start = advance(decoder.InputOffset() - int64(len(m.value)))
		o.members = append(o.members, m)
	}
	return o, nil
}

// after returns the position after some text.
func (p position) after(text []byte) position {
	p.line += bytes.Count(text, []byte("\n"))
	return p
}

// has reports whether an object has one of some members.
func (o object) has(names ...string) bool {
	for _, name := range names {
		if _, ok := o.member(name); ok {
			return true
		}
	}
	return false
}

// member returns the last member of a name: JSON decoders use that one.
func (o object) member(name string) (member, bool) {
	for i := range o.members {
		if m := o.members[len(o.members)-1-i]; m.name == name {
			return m, true
		}
	}
	return member{}, false
}

// text returns a member that is a string; "" if there is none. The position is that of
// the member, or of the object.
func (o object) text(name string) (string, position, error) {
	m, ok := o.member(name)
	if !ok {
		return "", o.at, nil
	}
	var text string
	if err := json.Unmarshal(m.value, &text); err != nil {
		return "", m.at, m.at.errorf("%q must be a text", name)
	}
	return text, m.at, nil
}

// object returns a member that is an object; one without members if there is none.
func (o object) object(name string) (object, error) {
	m, ok := o.member(name)
	if !ok {
		return object{at: o.at}, nil
	}
	if !m.isObject() {
		return object{}, m.at.errorf("%q must be an object", name)
	}
	return parseObject(m.start, m.value)
}

// texts returns a member that is a list of strings.
func (o object) texts(name string) ([]string, error) {
	m, ok := o.member(name)
	if !ok {
		return nil, nil
	}
	var texts []string
	if err := json.Unmarshal(m.value, &texts); err != nil {
		return nil, m.at.errorf("%q must be a list of texts", name)
	}
	return texts, nil
}

func (m member) isObject() bool { return len(m.value) > 0 && m.value[0] == '{' }
