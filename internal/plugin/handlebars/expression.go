package handlebars

import (
	"strconv"
	"strings"
)

// expression is a literal, a path or a call.
type expression interface{ at() int }

type literal struct {
	value any
	line  int
}

// path names a value: build.tag, this, ../x, @index, list.[0].
type path struct {
	text string
	// up is the number of ../, and data is set for a name with @.
	up   int
	data bool
	// here is set for a path that begins with this, . or ..: it names no function.
	here  bool
	parts []string
	line  int
}

// call is a path with arguments: a function, or a block.
type call struct {
	path
	args []expression
}

func (l literal) at() int { return l.line }
func (p path) at() int    { return p.line }

// key identifies a path at its line.
func (p path) key() string { return strconv.Itoa(p.line) + " " + p.text }

// name returns the name that a path without dots has, "" for any other.
func (p path) name() string {
	if p.data || p.here || len(p.parts) != 1 {
		return ""
	}
	return p.parts[0]
}

// expressionParser parses the inside of a tag.
type expressionParser struct {
	rest string
	line int
}

// parseCall parses the inside of a tag: a value with arguments.
func parseCall(body string, line int) (expression, error) {
	p := &expressionParser{rest: body, line: line}
	found, err := p.call(0)
	if err != nil {
		return nil, err
	}
	if p.rest != "" {
		return nil, p.unexpected()
	}
	return found, nil
}

// call parses a path or literal and its arguments, to a closing parenthesis or the
// end.
func (p *expressionParser) call(depth int) (expression, error) {
	first, err := p.value(depth)
	if err != nil {
		return nil, err
	}
	c := call{}
	for p.space(); p.rest != "" && p.rest[0] != ')'; p.space() {
		arg, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
	}
	if c.args == nil {
		return first, nil
	}
	named, ok := first.(path)
	if !ok {
		return nil, errorAt(p.line, "arguments after something that is not a function")
	}
	c.path = named
	return c, nil
}

func (p *expressionParser) space() {
	trimmed := strings.TrimLeft(p.rest, whitespace)
	p.line += strings.Count(p.rest[:len(p.rest)-len(trimmed)], "\n")
	p.rest = trimmed
}

func (p *expressionParser) value(depth int) (expression, error) {
	if depth > maxDepth {
		return nil, errorAt(p.line, "more than %d parentheses are nested", maxDepth)
	}
	p.space()
	switch {
	case p.rest == "":
		return nil, errorAt(p.line, "a name or a value is missing")
	case p.rest[0] == '"', p.rest[0] == '\'':
		return p.quoted()
	case p.rest[0] == '(':
		return p.parenthesis(depth)
	}
	if word := p.word(); word != "" {
		if v, ok := constant(word); ok {
			p.rest = p.rest[len(word):]
			return literal{v, p.line}, nil
		}
	}
	return p.path()
}

// word returns what is there up to the next delimiter of a literal.
func (p *expressionParser) word() string {
	if end := strings.IndexAny(p.rest, whitespace+")("); end >= 0 {
		return p.rest[:end]
	}
	return p.rest
}

// constant returns the value of true, false, a number, null or undefined.
func constant(word string) (any, bool) {
	switch word {
	case "true", "false":
		return word == "true", true
	case "null", "undefined":
		return nil, true
	}
	n, err := strconv.Atoi(word)
	return n, err == nil && word[0] != '+'
}

func (p *expressionParser) quoted() (expression, error) {
	quote := p.rest[0]
	var text strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == quote:
			l := literal{text.String(), p.line}
			p.line += strings.Count(p.rest[:i], "\n")
			p.rest = p.rest[i+1:]
			return l, nil
		case c == '\\' && i+1 < len(p.rest) && p.rest[i+1] == quote:
			i++
			text.WriteByte(quote)
		default:
			text.WriteByte(c)
		}
	}
	return nil, errorAt(p.line, "a quote %c is not closed", quote)
}

func (p *expressionParser) parenthesis(depth int) (expression, error) {
	p.rest = p.rest[1:]
	found, err := p.call(depth + 1)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(p.rest, ")") {
		return nil, errorAt(p.line, "a parenthesis is not closed")
	}
	p.rest = p.rest[1:]
	if named, ok := found.(path); ok {
		return call{path: named}, nil // a function without arguments
	}
	return found, nil
}
