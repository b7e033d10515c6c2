package plugin

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"manifest-tool/internal/plugin/handlebars"
)

// function is a function of templates. params has a letter for each argument: s for a
// text, n for a number, l for a list, v for any value.
type function struct {
	params string
	call   func(a arguments) (any, error)
}

// arguments are arguments of the kinds that a function has.
type arguments []any

func (a arguments) text(i int) string   { s, _ := a[i].(string); return s }
func (a arguments) number(i int) int    { n, _ := a[i].(int); return n }
func (a arguments) list(i int) []string { l, _ := a[i].([]string); return l }

// table returns the functions by name. Names and the order of arguments are those of
// github.com/drone/drone-template-lib and of github.com/Masterminds/sprig, which it uses.
func table() map[string]function {
	lower := function{"s", func(a arguments) (any, error) { return strings.ToLower(a.text(0)), nil }}
	upper := function{"s", func(a arguments) (any, error) { return strings.ToUpper(a.text(0)), nil }}
	return map[string]function{
		"lower": lower, "lowercase": lower, "upper": upper, "uppercase": upper,
		"uppercasefirst": {"s", func(a arguments) (any, error) {
			first, rest := firstRune(a.text(0))
			return strings.ToUpper(first) + rest, nil
		}},
		"trim":            {"s", func(a arguments) (any, error) { return strings.TrimSpace(a.text(0)), nil }},
		"trimAll":         {"ss", func(a arguments) (any, error) { return strings.Trim(a.text(1), a.text(0)), nil }},
		"trimPrefix":      {"ss", func(a arguments) (any, error) { return strings.TrimPrefix(a.text(1), a.text(0)), nil }},
		"trimSuffix":      {"ss", func(a arguments) (any, error) { return strings.TrimSuffix(a.text(1), a.text(0)), nil }},
		"hasPrefix":       {"ss", func(a arguments) (any, error) { return strings.HasPrefix(a.text(1), a.text(0)), nil }},
		"hasSuffix":       {"ss", func(a arguments) (any, error) { return strings.HasSuffix(a.text(1), a.text(0)), nil }},
		"contains":        {"ss", func(a arguments) (any, error) { return strings.Contains(a.text(1), a.text(0)), nil }},
		"replace":         {"sss", replace},
		"regexReplace":    {"sss", func(a arguments) (any, error) { return regexReplace(a.text(0), a.text(1), a.text(2)) }},
		"regexReplaceAll": {"sss", func(a arguments) (any, error) { return regexReplace(a.text(0), a.text(1), a.text(2)) }},
		"regexMatch":      {"ss", regexMatch},
		"substr":          {"nns", func(a arguments) (any, error) { return substr(a.number(0), a.number(1), a.text(2)), nil }},
		"trunc":           {"ns", func(a arguments) (any, error) { return trunc(a.number(0), a.text(1)), nil }},
		"truncate":        {"sn", func(a arguments) (any, error) { return truncate(a.text(0), a.number(1)), nil }},
		"default":         {"vv", func(a arguments) (any, error) { return choose(handlebars.IsTrue(a[1]), a[1], a[0]), nil }},
		"ternary":         {"vvv", func(a arguments) (any, error) { return choose(handlebars.IsTrue(a[2]), a[0], a[1]), nil }},
		"splitList":       {"ss", func(a arguments) (any, error) { return strings.Split(a.text(1), a.text(0)), nil }},
		"join":            {"sl", join},
		"first":           {"l", func(a arguments) (any, error) { return item(a.list(0), 0), nil }},
		"last":            {"l", func(a arguments) (any, error) { return item(a.list(0), len(a.list(0))-1), nil }},
		"datetime":        {"nss", func(a arguments) (any, error) { return datetime(a.number(0), a.text(1), a.text(2)) }},
	}
}

// functions returns the functions of Handlebars templates.
func functions() map[string]handlebars.Function {
	all := map[string]handlebars.Function{}
	for name, f := range table() {
		all[name] = func(c handlebars.Call) (any, error) {
			if name == "trimPrefix" {
				c = inOrder(c)
			}
			return f.run(c.Args)
		}
	}
	return all
}

// inOrder exchanges the arguments of trimPrefix where the text is first, as in the
// plugin's versions before 1.1. A prefix that is a value, of a text that is written in
// the template, makes no sense.
func inOrder(c handlebars.Call) handlebars.Call {
	if len(c.Args) != 2 || c.Literal[0] || !c.Literal[1] {
		return c
	}
	prefix, _ := handlebars.Text(c.Args[1])
	c.Warn("trimPrefix has the text first, as in old versions of the plugin, and is read so", fmt.Sprintf("write the prefix first: trimPrefix %q TEXT", prefix))
	c.Args = []any{c.Args[1], c.Args[0]}
	return c
}

// run calls a function with arguments that it checks and converts.
func (f function) run(args []any) (any, error) {
	if len(args) != len(f.params) {
		return nil, fmt.Errorf("it has %d arguments, and needs %d", len(args), len(f.params))
	}
	converted := make(arguments, len(args))
	for i, arg := range args {
		v, err := convert(f.params[i], arg)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		converted[i] = v
	}
	return f.call(converted)
}

func convert(kind byte, v any) (any, error) {
	if kind == 'v' {
		return v, nil
	}
	if list, ok := v.([]string); ok && kind == 'l' {
		return list, nil
	}
	text, ok := handlebars.Text(v)
	switch {
	case !ok:
		return nil, fmt.Errorf("it is a group of values, not a value")
	case kind == 'n':
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("%.60q is not a number", text)
		}
		return n, nil
	case kind == 'l':
		return nil, fmt.Errorf("%.60q is not a list", text)
	}
	return text, nil
}

// datetime formats a time in seconds since 1970. Source: drone-template-lib.
func datetime(seconds int, layout, zone string) (string, error) {
	at, err := time.LoadLocation(zone)
	if err != nil {
		return "", fmt.Errorf("%.60q is not a time zone", zone)
	}
	return time.Unix(int64(seconds), 0).In(at).Format(layout), nil
}
