package handlebars

import (
	"errors"
	"fmt"
	"strings"

	"manifest-tool/internal/errtext"
)

// renderer evaluates a template.
type renderer struct {
	functions map[string]Function
	out       strings.Builder
	steps     int
	warnings  []*Error
	warned    map[string]bool
}

// scope is what names are looked up in, and what is around it.
type scope struct {
	value any
	// index, first and last are set in each.
	index       any
	first, last any
	outer       *scope
}

// Render evaluates the template with the data, a struct whose fields are structs or
// values, and the functions. Names of fields may begin with a lower-case letter.
// warnings are about names that the data does not have, which are empty, and about
// arguments that have no effect. An error is an *Error.
func (t *Template) Render(data any, functions map[string]Function) (result string, warnings []*Error, err error) {
	r := &renderer{functions: functions, warned: map[string]bool{}}
	if err := r.nodes(t.nodes, &scope{value: data}); err != nil {
		return "", nil, err
	}
	return r.out.String(), r.warnings, nil
}

func (r *renderer) nodes(all []node, s *scope) error {
	for _, n := range all {
		if r.steps++; r.steps > maxSteps || r.out.Len() > maxOutput {
			return errorAt(1, "the result is larger than %d bytes or takes more than %d steps", maxOutput, maxSteps)
		}
		var err error
		switch n := n.(type) {
		case text:
			r.out.WriteString(string(n))
		case output:
			err = r.output(n, s)
		case block:
			err = r.block(n, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *renderer) output(o output, s *scope) error {
	v, err := r.evaluate(o.value, s)
	if err != nil {
		return err
	}
	written, ok := Text(v)
	if !ok {
		p, _ := o.value.(path)
		return errorAt(o.value.at(), "%s is a group of values, not a value", p.text)
	}
	r.out.WriteString(written)
	return nil
}

// evaluate returns the value of an expression.
func (r *renderer) evaluate(e expression, s *scope) (any, error) {
	switch e := e.(type) {
	case literal:
		return e.value, nil
	case call:
		return r.call(e, s)
	case path:
		if _, ok := r.function(e.name()); ok || isBlock(e.name()) {
			return r.call(call{path: e}, s)
		}
		v, found := s.lookup(e)
		if !found {
			r.warnUnknown(e, s)
		}
		return v, nil
	}
	return nil, nil
}

// call returns the result of a function.
func (r *renderer) call(c call, s *scope) (any, error) {
	f, ok := r.function(c.name())
	if !ok {
		return r.noFunction(c, s)
	}
	made := Call{Warn: func(message, hint string) {
		r.warn(message, &Error{Line: c.line, Err: errors.New(message), HintText: hint})
	}}
	for _, e := range c.args {
		v, err := r.evaluate(e, s)
		if err != nil {
			return nil, err
		}
		_, isLiteral := e.(literal)
		made.Args, made.Literal = append(made.Args, v), append(made.Literal, isLiteral)
	}
	v, err := f(made)
	if err != nil {
		return nil, &Error{Line: c.line, Err: fmt.Errorf("%s: %w", c.text, err), HintText: errtext.Hint(err)}
	}
	return v, nil
}
