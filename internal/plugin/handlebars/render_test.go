package handlebars

import (
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"":                              "",
		"{{build.tags}}":                "11.21.2.3",
		"{{build.tags.[1]}}":            "1.2",
		"{{lookup build.tags 2}}":       "1.2.3",
		"{{build.tags.7}}":              "",
		"{{Build.Tag}} {{build/tag}}":   "v1.2.3 v1.2.3",
		"{{{build.tag}}}{{&build.tag}}": "v1.2.3v1.2.3",
		// Values are not escaped: the result is not HTML.
		`{{upper "a&b<c>"}}`: "A&B<C>",
		`{{"text"}} {{12}}`:  "text 12",
		"{{#each build.tags}}{{@index}}{{#if @first}}f{{/if}}{{#if @last}}l{{/if}} {{/each}}": "0f 1 2l ",
		"{{#each build.none}}x{{else}}none{{/each}}":                                          "none",
		"{{#each build.tags}}{{build.tag}}-{{this}} {{/each}}":                                "v1.2.3-1 v1.2.3-1.2 v1.2.3-1.2.3 ",
		"{{#with build}}{{tag}} {{../repo.name}}{{/with}}":                                    "v1.2.3 app",
		"{{#equal build.number 7}}y{{else}}n{{/equal}}":                                       "y",
		"{{#equal build.branch \"main\"}}y{{else}}n{{/equal}}":                                "n",
		"{{#if build.empty}}a{{else if build.tag}}b{{else}}c{{/if}}":                          "b",
		"{{^build.empty}}x{{/build.empty}}{{^build.tag}}y{{/build.tag}}":                      "x",
		"a\n{{#if build.tag}}\nb\n{{else}}\nc\n{{/if}}\nd":                                    "a\nb\nd",
		"a\r\n  {{#if build.tag}}  \r\nb\r\n{{/if}}\r\nd":                                     "a\r\nb\r\nd",
		"a {{~#if build.tag~}} b {{~/if~}} c":                                                 "abc",
		"x{{!-- {{build.tag}} --}}y{{! a note }}z":                                            "xyz",
		"x {{~!-- a --~}} y":                                  "xy",
		`\{{build.tag}} \\{{build.tag}}`:                      `{{build.tag}} \v1.2.3`,
		"{{upper\n(trimPrefix 'v'\nbuild.branch)}}":           "RELEASE/2.0",
		"{ build.tag } }} {":                                  "{ build.tag } }} {",
		`{{#if (hasPrefix "}}" build.tag)}}x{{else}}y{{/if}}`: "y",
		"{{#if true}}{{#unless false}}x{{/unless}}{{/if}}{{#if 0}}y{{/if}}{{#if null}}z{{/if}}":          "x",
		"{{#build.tags}}[{{.}}]{{/build.tags}}{{#repo}}{{name}}{{/repo}}{{#build.none}}x{{/build.none}}": "[1][1.2][1.2.3]app",
	} {
		got, warnings, err := render(template)
		if err != nil || got != want || len(warnings) > 0 {
			t.Errorf("%q: %q %v %v, want %q", template, got, warnings, err, want)
		}
	}
}

func TestRender_Warnings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ template, result, warning, hint string }{
		{"a\n{{project}}", "a\n", `line 2: unknown value "project", it is empty`, ""},
		{"{{build.tagg}}", "", `line 1: unknown value "build.tagg", it is empty`, "did you mean build.tag?"},
		{"{{#if build.brnch}}x{{/if}}", "", `line 1: unknown value "build.brnch", it is empty`, "did you mean build.branch?"},
		{"{{#project}}x{{/project}}", "", `line 1: unknown value "project", it is empty`, ""},
		{"{{../build.tag}}", "", `line 1: unknown value "../build.tag", it is empty`, ""},
		{"{{ build.commit[0:8] }}", "0123456789abcdef", "line 1: the arguments of build.commit have no effect: it is a value", "for a part of it, write {{substr 0 7 build.commit}}"},
	} {
		got, warnings, err := render(c.template)
		if err != nil || got != c.result || len(warnings) != 1 {
			t.Errorf("%q: %q %v %v", c.template, got, warnings, err)
			continue
		}
		if warnings[0].Error() != c.warning || warnings[0].HintText != c.hint {
			t.Errorf("%q: %q, %q", c.template, warnings[0], warnings[0].HintText)
		}
	}
	if _, warnings, _ := render("{{#each build.tags}}{{x}}{{x}}{{/each}}"); len(warnings) != 1 {
		t.Errorf("a line is reported %d times", len(warnings))
	}
}

func TestFault113ATemplateIsRenderedWithinLimits(t *testing.T) {
	t.Parallel()
	nested := func(open, end string, n int) string {
		return strings.Repeat(open, n) + strings.Repeat(end, n)
	}
	for name, c := range map[string]struct{ template, want string }{
		"size":        {strings.Repeat("x", maxTemplate+1), "larger than"},
		"blocks":      {nested("{{#if build.tag}}", "{{/if}}", maxDepth+1), "blocks are nested"},
		"else_if":     {"{{#if build.empty}}" + strings.Repeat("{{else if build.empty}}", maxDepth+1) + "{{/if}}", "blocks are nested"},
		"parentheses": {"{{upper " + nested("(upper ", ")", maxDepth+2) + "}}", "parentheses are nested"},
		"steps":       {nested("{{#each build.tags}}", "x{{/each}}", 40), "takes more than"},
		"output":      {strings.Repeat("{{#each build.tags}}", 5) + strings.Repeat("x", 1<<16) + strings.Repeat("{{/each}}", 5), "takes more than"},
	} {
		if _, _, err := render(c.template); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, _, err := render(nested("{{#if build.tag}}", "{{/if}}", maxDepth)); err != nil {
		t.Error(err)
	}
}
