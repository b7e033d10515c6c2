package handlebars

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"manifest-tool/internal/suggest"
)

// function returns a function by its name.
func (r *renderer) function(name string) (Function, bool) {
	if name == "lookup" {
		return lookupItem, true
	}
	f, ok := r.functions[name]
	return f, ok && name != ""
}

// lookupItem is the function lookup of the language: an item of a list or a field.
func lookupItem(c Call) (any, error) {
	if len(c.Args) != 2 {
		return nil, fmt.Errorf("it has %d arguments, and needs 2", len(c.Args))
	}
	name, _ := Text(c.Args[1])
	v, _ := field(c.Args[0], name)
	return v, nil
}

// noFunction handles arguments after a name that is not a function. A value is
// written, with a warning, as Handlebars does; for any other name there is nothing to write.
func (r *renderer) noFunction(c call, s *scope) (any, error) {
	if isBlock(c.name()) {
		return nil, errorAt(c.line, "%s is a block", c.text).withHint("write {{#%s ...}} ... {{/%s}}", c.text, c.text)
	}
	v, _ := s.lookup(c.path)
	if _, isText := v.(string); isText && len(c.args) > 0 {
		r.warn(c.key(), errorAt(c.line, "the arguments of %s have no effect: it is a value", c.text).
			withHint("for a part of it, write {{substr 0 7 %s}}", c.text))
		return v, nil
	}
	return nil, r.unknown(c.path, "function")
}

// unknown is the error about an unknown function or block.
func (r *renderer) unknown(p path, what string) error {
	known := slices.Sorted(maps.Keys(r.functions))
	if what == "block" {
		known = []string{"if", "unless", "each", "with", "equal"}
	}
	err := errorAt(p.line, "unknown %s %.60q", what, p.text)
	if near := suggest.Closest(p.text, known); near != "" {
		return err.withHint("did you mean %s?", near)
	}
	return err.withHint("the %ss are %s", what, strings.Join(known, ", "))
}

// warnUnknown warns of a name that the data does not have.
func (r *renderer) warnUnknown(p path, s *scope) {
	err := errorAt(p.line, "unknown value %.60q, it is empty", p.text)
	if near := suggest.Closest(p.text, s.root().names("")); near != "" {
		err = err.withHint("did you mean %s?", near)
	}
	r.warn(p.key(), err)
}

// warn adds a warning, once for each key.
func (r *renderer) warn(key string, err *Error) {
	if !r.warned[key] {
		r.warned[key] = true
		r.warnings = append(r.warnings, err)
	}
}

func (s *scope) root() *scope {
	for s.outer != nil {
		s = s.outer
	}
	return s
}

// names lists the names of the values in the data.
func (s *scope) names(prefix string) []string {
	of := reflect.ValueOf(s.value)
	if of.Kind() != reflect.Struct {
		return []string{strings.TrimSuffix(prefix, ".")}
	}
	var all []string
	for i := range of.NumField() {
		name := of.Type().Field(i).Name
		inner := &scope{value: of.Field(i).Interface()}
		all = append(all, inner.names(prefix+strings.ToLower(name[:1])+name[1:]+".")...)
	}
	return all
}
