package handlebars

import (
	"errors"
	"testing"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ template, message, hint string }{
		{"a\n\n{{#if build.tag}}", "line 3: the block if is not closed: {{/if}} is missing", ""},
		{"{{#if build.tag}}\n{{/unless}}", "line 2: {{/unless}} closes the block if, which is opened on line 1", ""},
		{"x\n{{/if}}", "line 2: {{/if}} closes no block", ""},
		{"{{else}}", "line 1: {{else}} outside of a block", ""},
		{"{{#if build.tag}}{{else}}{{else}}{{/if}}", "line 1: a second {{else}} in the block if of line 1", ""},
		{"a\n{{build.tag", "line 2: a tag is not closed: }} is missing", ""},
		{"{{{build.tag}}", "line 1: a tag is not closed: }}} is missing", ""},
		{"{{!-- a }}", "line 1: a tag is not closed: --}} is missing", ""},
		{"{{}}", "line 1: an empty tag", ""},
		{"{{ }}", "line 1: a name or a value is missing", ""},
		{"{{upper (upper build.tag}}", "line 1: a parenthesis is not closed", ""},
		{"{{upper build.tag)}}", "line 1: unexpected ')'", ""},
		{"{{upper \"a}}", "line 1: a tag is not closed: }} is missing", ""},
		{"{{build.}}", "line 1: a name or a value is missing", ""},
		{"{{@this}}", "line 1: a name is missing after @", ""},
		{"{{#each build.tags}}{{@..}}{{/each}}", "line 1: a name is missing after @", ""},
		{"{{build.tag | upper}}", "line 1: unexpected '|'", `Handlebars has no pipes: write {{lower (trimPrefix "v" build.tag)}}`},
		{"{{upper .Build.Tag}}", "line 1: unexpected '.'", "names begin without a dot: write {{build.tag}}"},
		{`{{#if build.branch == "main"}}x{{/if}}`, "line 1: unexpected '='", `Handlebars has no operators: write {{#equal build.branch "main"}} ... {{/equal}}`},
		{"{{upper x=1}}", "line 1: named arguments, x=, are not supported", ""},
		{"{{> part}}", "line 1: partials, {{> }}, are not supported", ""},
		{"{{#> part}}{{/part}}", "line 1: decorators and partial blocks are not supported", ""},
		{"{{{{raw}}}}x{{{{/raw}}}}", "line 1: raw blocks, {{{{ }}}}, are not supported", ""},
		{"{{#\"x\"}}{{/x}}", "line 1: a block needs a name", ""},
		{"{{\"x\" 1}}", "line 1: arguments after something that is not a function", ""},
		{"x\n{{uper build.tag}}", `line 2: unknown function "uper"`, "did you mean upper?"},
		{"{{zzzzzzz build.tag}}", `line 1: unknown function "zzzzzzz"`, "the functions are contains, fail, hasPrefix, replace, substr, trimPrefix, upper"},
		{"{{upper (nothing)}}", `line 1: unknown function "nothing"`, "the functions are contains, fail, hasPrefix, replace, substr, trimPrefix, upper"},
		{"{{#ecah build.tags}}{{/ecah}}", `line 1: unknown block "ecah"`, "did you mean each?"},
		{"{{#contains \"v\" build.tag}}x{{/contains}}", "line 1: contains is a function, not a block", "write {{#if (contains ...)}}"},
		{"{{#if contains \"v\" build.tag}}x{{/if}}", "line 1: the block if has 3 arguments, and needs 1", "write the function in parentheses: {{#if (contains ...)}}"},
		{"{{#if}}x{{/if}}", "line 1: the block if has 0 arguments, and needs 1", ""},
		{"{{#equal build.tag}}x{{/equal}}", "line 1: the block equal has 1 arguments, and needs 2", ""},
		{"{{if build.tag}}", "line 1: if is a block", "write {{#if ...}} ... {{/if}}"},
		{"{{unless}}", "line 1: unless is a block", "write {{#unless ...}} ... {{/unless}}"},
		{"{{build}}", "line 1: build is a group of values, not a value", ""},
		{"a\n{{fail}}", "line 2: fail: it fails", ""},
		{"{{lookup build.tags}}", "line 1: lookup: it has 1 arguments, and needs 2", ""},
	} {
		_, _, err := render(c.template)
		var at *Error
		if !errors.As(err, &at) || err.Error() != c.message || at.Hint() != c.hint {
			t.Errorf("%q: %v, hint %q", c.template, err, at.Hint())
		}
	}
}

// FuzzRender holds that no template is fatal, and that every error has a line.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{"{{#if build.tag}}\n{{trimPrefix \"v\" build.tag}}\n{{/if}}", "{{!-- --~}}", `\\{{{a}}}`, "{{~^~}}", "{{@root.x}}{{..}}", "{{@.}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, template string) {
		parsed, err := Parse(template)
		if err == nil {
			_, _, err = parsed.Render(testData(), map[string]Function{"fail": testFunctions()["fail"]})
		}
		var at *Error
		if err != nil && (!errors.As(err, &at) || at.Line < 1) {
			t.Errorf("%q: %v", template, err)
		}
	})
}
