package handlebars

import "strings"

// stripWhitespace removes the lines that hold nothing but a tag of a block or a
// comment, and the whitespace at the marks ~. Source: "Whitespace Control" of
// handlebarsjs.com.
func stripWhitespace(tokens []token) {
	type cut struct{ from, to int }
	cuts := make([]cut, len(tokens))
	for i, t := range tokens {
		cuts[i] = cut{0, len(t.body)}
	}
	for i, t := range tokens {
		if t.kind == textToken {
			continue
		}
		alone := t.kind != outputToken && endsLine(tokens, i-1) && startsLine(tokens, i+1)
		if before := i - 1; before >= 0 && tokens[before].kind == textToken {
			body := tokens[before].body
			switch {
			case t.stripBefore:
				cuts[before].to = len(strings.TrimRight(body, whitespace))
			case alone:
				cuts[before].to = strings.LastIndexByte(body, '\n') + 1
			}
		}
		if after := i + 1; after < len(tokens) && tokens[after].kind == textToken {
			body := tokens[after].body
			switch end := strings.IndexByte(body, '\n'); {
			case t.stripAfter:
				cuts[after].from = len(body) - len(strings.TrimLeft(body, whitespace))
			case alone && end < 0:
				cuts[after].from = len(body)
			case alone:
				cuts[after].from = end + 1
			}
		}
	}
	for i, c := range cuts {
		if tokens[i].kind == textToken {
			tokens[i].line += strings.Count(tokens[i].body[:c.from], "\n")
			tokens[i].body = tokens[i].body[c.from:max(c.from, c.to)]
		}
	}
}

const whitespace = " \t\r\n\f\v"

// endsLine reports whether token i is text that ends with an empty start of a line,
// or the start of the template.
func endsLine(tokens []token, i int) bool {
	if i < 0 {
		return true
	}
	if tokens[i].kind != textToken {
		return false
	}
	body := tokens[i].body
	end := strings.LastIndexByte(body, '\n')
	return (end >= 0 || i == 0) && strings.TrimLeft(body[end+1:], whitespace) == ""
}

// startsLine reports whether token i is text that begins with an empty rest of a
// line, or the end of the template.
func startsLine(tokens []token, i int) bool {
	if i == len(tokens) {
		return true
	}
	if tokens[i].kind != textToken {
		return false
	}
	body := tokens[i].body
	end := strings.IndexByte(body, '\n')
	if end < 0 {
		return i == len(tokens)-1 && strings.TrimLeft(body, whitespace) == ""
	}
	return strings.TrimLeft(body[:end], whitespace) == ""
}
