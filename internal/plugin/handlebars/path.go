package handlebars

import "strings"

// delimiters are the characters that a name cannot have. Source: the rule ID of
// Handlebars' grammar.
const delimiters = whitespace + "!\"#%&'()*+,./;<=>@[\\]^`{|}~"

// path parses a path.
func (p *expressionParser) path() (expression, error) {
	out, before := path{line: p.line}, p.rest
	if strings.HasPrefix(p.rest, "@") {
		out.data = true
		p.rest = p.rest[1:]
	}
	for {
		part, ok := p.segment()
		if !ok {
			return nil, p.unexpected()
		}
		switch part {
		case "..":
			out.up++
			out.here = true
		case ".", "this":
			out.here = true
		default:
			out.parts = append(out.parts, strings.TrimSuffix(strings.TrimPrefix(part, "["), "]"))
		}
		if p.rest == "" || p.rest[0] != '.' && p.rest[0] != '/' {
			break
		}
		p.rest = p.rest[1:]
	}
	if out.data && len(out.parts) == 0 {
		return nil, errorAt(p.line, "a name is missing after @")
	}
	if strings.HasPrefix(p.rest, "=") {
		return nil, errorAt(p.line, "named arguments, %s=, are not supported", before[:len(before)-len(p.rest)])
	}
	out.text = before[:len(before)-len(p.rest)]
	return out, nil
}

// segment takes a part of a path: a name, [any text], this, . or ..
func (p *expressionParser) segment() (string, bool) {
	n := 0
	switch {
	case strings.HasPrefix(p.rest, ".."):
		n = 2
	case strings.HasPrefix(p.rest, "."):
		n = 1
	case strings.HasPrefix(p.rest, "["):
		n = strings.IndexByte(p.rest, ']') + 1
	default:
		if n = strings.IndexAny(p.rest, delimiters); n < 0 {
			n = len(p.rest)
		}
	}
	part := p.rest[:n]
	if part == "." && n < len(p.rest) && !strings.ContainsRune(delimiters, rune(p.rest[n])) {
		return "", false // .name
	}
	p.rest = p.rest[n:]
	return part, n > 0
}

// unexpected is the error about the character that the rest begins with.
func (p *expressionParser) unexpected() error {
	if p.rest == "" {
		return errorAt(p.line, "a name or a value is missing")
	}
	err := errorAt(p.line, "unexpected %q", []rune(p.rest)[0])
	switch p.rest[0] {
	case '|':
		return err.withHint("Handlebars has no pipes: write {{lower (trimPrefix \"v\" build.tag)}}")
	case '=':
		return err.withHint("Handlebars has no operators: write {{#equal build.branch \"main\"}} ... {{/equal}}")
	case '.':
		return err.withHint("names begin without a dot: write {{build.tag}}")
	}
	return err
}
