// Package handlebars renders the subset of Handlebars templates that spec templates
// of the Drone and Woodpecker plugin use: values, functions, subexpressions, the
// blocks if, unless, each, with and equal, sections, comments and whitespace control.
// The language is that of handlebarsjs.com; in two things it is stricter, because the
// result is the name of an image: an unknown function is an error, not empty text, and
// values are written as they are, not escaped for HTML.
//
// Partials, raw blocks, decorators, named arguments and block parameters are errors.
package handlebars

import "fmt"

// Limits of a template. They are far above what a template needs, and protect from
// one that never ends.
const (
	maxTemplate = 1 << 20 // bytes of the template
	maxOutput   = 4 << 20 // bytes of the result
	maxDepth    = 100     // blocks in blocks, and parentheses in parentheses
	maxSteps    = 200_000 // tags and texts that are evaluated
)

// Template is a template that was parsed.
type Template struct{ nodes []node }

// Function is a function of templates. Its arguments and its result have the types of
// the data: string, int, bool, []string or nil.
type Function func(c Call) (any, error)

// Call is the call of a function.
type Call struct {
	Args []any
	// Literal reports for each argument whether it is written in the template itself.
	Literal []bool
	// Warn adds a warning about the line of the call, once for each message; it may be nil.
	Warn func(message, hint string)
}

// Error is an error, or a warning, about a line of a template.
type Error struct {
	// Line is counted from 1.
	Line int
	Err  error
	// HintText, if set, says what to do about it.
	HintText string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Hint returns HintText.
func (e *Error) Hint() string { return e.HintText }

func errorAt(line int, format string, args ...any) *Error {
	return &Error{Line: line, Err: fmt.Errorf(format, args...)}
}

// withHint returns the error with a hint.
func (e *Error) withHint(format string, args ...any) *Error {
	e.HintText = fmt.Sprintf(format, args...)
	return e
}

// Parse parses a template. An error is an *Error.
func Parse(text string) (*Template, error) {
	if len(text) > maxTemplate {
		return nil, errorAt(1, "the template is larger than %d bytes", maxTemplate)
	}
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	stripWhitespace(tokens)
	p := parser{tokens: tokens}
	nodes, end, err := p.nodes(0)
	if err != nil {
		return nil, err
	}
	if end != nil {
		return nil, unexpectedEnd(end)
	}
	return &Template{nodes}, nil
}
