package handlebars

import "strings"

// node is a part of a parsed template: a text, an output or a block.
type node interface{}

type text string

// output is a tag whose value is written.
type output struct{ value expression }

// block is a block with its two branches.
type block struct {
	// name is that of the opening tag, as it is written.
	name string
	head expression
	// inverse is set for {{^x}}: the branches are exchanged.
	inverse     bool
	body, other []node
	line        int
}

// parser makes nodes of tokens.
type parser struct {
	tokens []token
	next   int
}

// nodes parses up to the end, or to a tag that ends a branch, which it returns.
func (p *parser) nodes(depth int) ([]node, *token, error) {
	var all []node
	for p.next < len(p.tokens) {
		t := p.tokens[p.next]
		p.next++
		switch t.kind {
		case textToken:
			all = append(all, text(t.body))
		case commentToken:
		case outputToken:
			value, err := parseCall(t.body, t.line)
			if err != nil {
				return nil, nil, err
			}
			all = append(all, output{value})
		case openToken, inverseToken:
			b, err := p.block(t, depth+1)
			if err != nil {
				return nil, nil, err
			}
			all = append(all, b)
		default:
			return all, &t, nil
		}
	}
	return all, nil, nil
}

// block parses a block whose opening tag was taken.
func (p *parser) block(open token, depth int) (block, error) {
	b, err := p.head(open, depth)
	if err != nil {
		return b, err
	}
	end, err := p.branches(&b, depth)
	if err != nil {
		return b, err
	}
	if name := strings.TrimSpace(end.body); name != b.name {
		return b, errorAt(end.line, "{{/%s}} closes the block %s, which is opened on line %d", name, b.name, b.line)
	}
	return b, nil
}

// head parses the opening tag of a block.
func (p *parser) head(open token, depth int) (block, error) {
	b := block{line: open.line, inverse: open.kind == inverseToken}
	if depth > maxDepth {
		return b, errorAt(open.line, "more than %d blocks are nested", maxDepth)
	}
	var err error
	if b.head, err = parseCall(open.body, open.line); err != nil {
		return b, err
	}
	switch head := b.head.(type) {
	case path:
		b.name = head.text
	case call:
		b.name = head.text
	default:
		return b, errorAt(open.line, "a block needs a name")
	}
	return b, nil
}

// branches parses what is in a block, and returns the tag that closes it.
func (p *parser) branches(b *block, depth int) (*token, error) {
	body, end, err := p.nodes(depth)
	b.body = body
	if err != nil {
		return nil, err
	}
	if end != nil && end.kind == elseToken {
		if end, err = p.otherwise(b, *end, depth); err != nil {
			return nil, err
		}
	}
	switch {
	case end == nil:
		return nil, errorAt(b.line, "the block %s is not closed: {{/%s}} is missing", b.name, b.name)
	case end.kind == elseToken:
		return nil, errorAt(end.line, "a second {{else}} in the block %s of line %d", b.name, b.line)
	}
	return end, nil
}

// otherwise parses the second branch of a block. {{else if x}} begins a block in it
// that is closed with the outer one.
func (p *parser) otherwise(b *block, tag token, depth int) (*token, error) {
	if strings.TrimSpace(tag.body) == "" {
		other, end, err := p.nodes(depth)
		b.other = other
		return end, err
	}
	inner, err := p.head(token{kind: openToken, body: tag.body, line: tag.line}, depth+1)
	if err != nil {
		return nil, err
	}
	end, err := p.branches(&inner, depth+1)
	b.other = []node{inner}
	return end, err
}

// unexpectedEnd is the error about a tag that ends a block outside of one.
func unexpectedEnd(t *token) error {
	if t.kind == elseToken {
		return errorAt(t.line, "{{else}} outside of a block")
	}
	return errorAt(t.line, "{{/%s}} closes no block", strings.TrimSpace(t.body))
}
