package handlebars

import "strings"

// tokenKind is the kind of a piece of a template.
type tokenKind int

const (
	textToken    tokenKind = iota
	commentToken           // {{! }}
	outputToken            // {{x}}, {{{x}}} and {{&x}}
	openToken              // {{#x}}
	inverseToken           // {{^x}}
	elseToken              // {{else}}, {{^}} and {{else x}}
	closeToken             // {{/x}}
)

// token is a text or a tag of a template.
type token struct {
	kind tokenKind
	// body is the text, or the inside of the tag without its marks.
	body string
	line int
	// stripBefore and stripAfter are the marks ~ of a tag.
	stripBefore, stripAfter bool
}

// scanner splits a template into tokens.
type scanner struct {
	rest   string
	line   int
	tokens []token
}

func scan(text string) ([]token, error) {
	s := &scanner{rest: text, line: 1}
	for s.rest != "" {
		open := strings.Index(s.rest, "{{")
		switch {
		case open < 0:
			s.text(len(s.rest))
			return s.tokens, nil
		case open >= 2 && s.rest[open-2:open] == `\\`: // a backslash, and a tag
			s.text(open - 1)
			s.skip(1)
		case open >= 1 && s.rest[open-1] == '\\': // braces of the text
			s.text(open - 1)
			s.skip(1)
			s.text(len(s.rest) - len(strings.TrimLeft(s.rest, "{")))
			continue
		default:
			s.text(open)
		}
		if err := s.tag(); err != nil {
			return nil, err
		}
	}
	return s.tokens, nil
}

// skip leaves out n bytes.
func (s *scanner) skip(n int) string {
	skipped := s.rest[:n]
	s.line += strings.Count(skipped, "\n")
	s.rest = s.rest[n:]
	return skipped
}

// text takes n bytes as text. Adjacent texts become one token.
func (s *scanner) text(n int) {
	if n == 0 {
		return
	}
	if last := len(s.tokens) - 1; last >= 0 && s.tokens[last].kind == textToken {
		s.tokens[last].body += s.skip(n)
		return
	}
	line := s.line
	s.tokens = append(s.tokens, token{kind: textToken, body: s.skip(n), line: line})
}

// tag takes the tag that the rest begins with.
func (s *scanner) tag() error {
	t := token{kind: outputToken, line: s.line}
	s.skip(len("{{"))
	closing := "}}"
	if strings.HasPrefix(s.rest, "~") {
		t.stripBefore = true
		s.skip(1)
	}
	if strings.HasPrefix(s.rest, "{") {
		closing = "}}}"
		s.skip(1)
	}
	end := tagEnd(s.rest, &closing)
	if end < 0 {
		return errorAt(t.line, "a tag is not closed: %s is missing", closing)
	}
	t.body = s.rest[:end]
	s.skip(end + len(closing))
	if rest, ok := strings.CutSuffix(t.body, "~"); ok {
		t.body, t.stripAfter = rest, true
	}
	if err := t.classify(closing); err != nil {
		return err
	}
	s.tokens = append(s.tokens, t)
	return nil
}

// tagEnd returns the position of the closing braces; -1 if there are none. It
// completes them for a comment with dashes, which may contain braces.
func tagEnd(text string, closing *string) int {
	switch comment := *closing == "}}"; {
	case comment && strings.HasPrefix(text, "!--"):
		return commentEnd(text, closing)
	case comment && strings.HasPrefix(text, "!"):
		return strings.Index(text, *closing)
	}
	var quote byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			quote = ']'
		case strings.HasPrefix(text[i:], *closing):
			return i
		}
	}
	return -1
}

// commentEnd returns the position of the end of a comment with dashes, -1 if there is
// none.
func commentEnd(text string, closing *string) int {
	at := strings.Index(text, "--}}")
	if mark := strings.Index(text, "--~}}"); mark >= 0 && (at < 0 || mark < at) {
		*closing = "}}"
		return mark + len("--~")
	}
	*closing = "--}}"
	return at
}

// classify sets the kind of a tag by its first mark, and takes the mark off.
func (t *token) classify(closing string) error {
	if closing == "}}}" {
		if strings.HasPrefix(t.body, "{") {
			return errorAt(t.line, "raw blocks, {{{{ }}}}, are not supported")
		}
		return nil
	}
	if t.body == "" {
		return errorAt(t.line, "an empty tag")
	}
	mark, rest := t.body[0], t.body[1:]
	words := strings.Fields(t.body)
	switch {
	case mark == '!':
		t.kind = commentToken
		return nil
	case mark == '#' && (strings.HasPrefix(rest, ">") || strings.HasPrefix(rest, "*")), mark == '*':
		return errorAt(t.line, "decorators and partial blocks are not supported")
	case mark == '#':
		t.kind = openToken
	case mark == '/':
		t.kind = closeToken
	case mark == '^' && strings.TrimSpace(rest) == "":
		t.kind = elseToken
	case mark == '^':
		t.kind = inverseToken
	case mark == '>':
		return errorAt(t.line, "partials, {{> }}, are not supported")
	case mark == '&':
	case len(words) > 0 && words[0] == "else":
		t.kind = elseToken
		rest = strings.TrimPrefix(strings.TrimSpace(t.body), "else")
	default:
		return nil
	}
	t.body = rest
	return nil
}
