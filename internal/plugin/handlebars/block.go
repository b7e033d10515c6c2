package handlebars

// isBlock reports whether a name is that of a block of the language.
func isBlock(name string) bool {
	switch name {
	case "if", "unless", "each", "with", "equal":
		return true
	}
	return false
}

// block evaluates a block: one of the language, or a section of a value.
func (r *renderer) block(b block, s *scope) error {
	var args []expression
	name := ""
	switch head := b.head.(type) {
	case path:
		name = head.name()
	case call:
		name, args = head.name(), head.args
	}
	if !isBlock(name) {
		return r.section(b, s)
	}
	want := 1
	if name == "equal" {
		want = 2
	}
	if len(args) != want {
		return r.wrongCount(b, name, args, want)
	}
	values := make([]any, want)
	for i, e := range args {
		v, err := r.evaluate(e, s)
		if err != nil {
			return err
		}
		values[i] = v
	}
	return r.builtin(b, name, values, s)
}

// wrongCount is the error about a block with too many or too few arguments.
func (r *renderer) wrongCount(b block, name string, args []expression, want int) error {
	err := errorAt(b.line, "the block %s has %d arguments, and needs %d", name, len(args), want)
	if len(args) < 2 {
		return err
	}
	if p, ok := args[0].(path); ok {
		if _, ok := r.function(p.name()); ok {
			return err.withHint("write the function in parentheses: {{#%s (%s ...)}}", name, p.text)
		}
	}
	return err
}

// builtin evaluates a block of the language.
func (r *renderer) builtin(b block, name string, values []any, s *scope) error {
	switch name {
	case "each":
		return r.each(b, values[0], s)
	case "with":
		if IsTrue(values[0]) != b.inverse {
			return r.nodes(b.body, &scope{value: values[0], outer: s})
		}
		return r.nodes(b.other, s)
	}
	on := IsTrue(values[0])
	switch name {
	case "unless":
		on = !on
	case "equal":
		first, _ := Text(values[0])
		second, _ := Text(values[1])
		on = first == second
	}
	return r.branch(b, on, s)
}

func (r *renderer) branch(b block, on bool, s *scope) error {
	if on != b.inverse {
		return r.nodes(b.body, s)
	}
	return r.nodes(b.other, s)
}

// each evaluates a block for each item of a list.
func (r *renderer) each(b block, list any, s *scope) error {
	items, _ := list.([]string)
	if len(items) == 0 || b.inverse {
		return r.branch(b, false, s)
	}
	for i, item := range items {
		inner := &scope{value: item, index: i, first: i == 0, last: i == len(items)-1, outer: s}
		if err := r.nodes(b.body, inner); err != nil {
			return err
		}
	}
	return nil
}

// section evaluates {{#x}} for a value: once for each item of a list, once for any
// other value that is not empty.
func (r *renderer) section(b block, s *scope) error {
	head, isPath := b.head.(path)
	if c, ok := b.head.(call); ok {
		head = c.path
	}
	if _, ok := r.function(head.name()); ok {
		return errorAt(b.line, "%s is a function, not a block", head.text).
			withHint("write {{#if (%s ...)}}", head.text)
	}
	v, found := s.lookup(head)
	switch {
	case !found && !isPath:
		return r.unknown(head, "block")
	case !found:
		r.warnUnknown(head, s)
	case !isPath:
		r.warn(head.key(), errorAt(b.line, "the arguments of %s have no effect: it is a value", head.text))
	}
	if _, isList := v.([]string); isList {
		return r.each(b, v, s)
	}
	if IsTrue(v) == b.inverse {
		return r.nodes(b.other, s)
	}
	return r.nodes(b.body, &scope{value: v, outer: s})
}
