package plugin

import (
	"strings"
	"testing"
)

// TestFunctions has results that were recorded from sprig 3.1.0 and drone-template-lib
// 1.0.0, but for default, which fails there.
func TestFunctions(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		`{{substr 0 7 "0123456789"}}`:                       "0123456",
		`{{substr 2 5 "0123456789"}}`:                       "234",
		`{{substr 2 -1 "0123456789"}}`:                      "23456789",
		`{{substr 3 99 "0123456789"}}`:                      "3456789",
		`{{substr -1 4 "0123456789"}}`:                      "0123",
		`{{substr 99 7 "0123"}}`:                            "",
		`{{trunc 4 "0123456789"}}`:                          "0123",
		`{{trunc -4 "0123456789"}}`:                         "6789",
		`{{trunc -20 "0123"}}`:                              "0123",
		`{{truncate "äöü0123" 2}}`:                          "äö",
		`{{truncate "äöü0123" -2}}`:                         "ü0123",
		`{{truncate "ab" 9}}`:                               "ab",
		`{{replace "/" "-" "a/b/c"}}`:                       "a-b-c",
		`{{regexReplace "[^a-z]+" "Ab/c" "-"}}`:             "-b-c",
		`{{regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W"}}`:  "-W-xxW-",
		`{{regexMatch "^v[0-9]" "v1"}}`:                     "true",
		`{{trim "  a "}}`:                                   "a",
		`{{trimAll "-" "--a-"}}`:                            "a",
		`{{trimPrefix "v" "v1"}}`:                           "1",
		`{{trimSuffix "-x" "a-x"}}`:                         "a",
		`{{hasPrefix "a" "ab"}} {{hasSuffix "b" "ab"}}`:     "true true",
		`{{contains "b" "abc"}}`:                            "true",
		`{{ternary "a" "b" true}}{{ternary "a" "b" false}}`: "ab",
		`{{join "," (splitList "." "1.2.3")}}`:              "1,2,3",
		`{{first (splitList "." "1.2.3")}}`:                 "1",
		`{{last (splitList "." "1.2.3")}}`:                  "3",
		`{{lower "AB"}}{{lowercase "AB"}}`:                  "abab",
		`{{upper "ab"}}{{uppercase "ab"}}`:                  "ABAB",
		`{{uppercasefirst "äb"}}{{uppercasefirst ""}}`:      "Äb",
		`{{datetime 86400 "20060102" "UTC"}}`:               "19700102",
		`{{default "x" ""}}{{default "x" "y"}}`:             "xy",
		`{{first config.platforms}}`:                        "",
		`{{trimPrefix "v" build.tag}}`:                      "1.2.3",
		`{{trimPrefix build.ref build.tag}}`:                "v1.2.3",
	} {
		got, _, err := renderHandlebars("x.tmpl", template, Data{Build: Build{Tag: "v1.2.3", Ref: "refs/tags/v1.2.3"}})
		if err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", template, got, err, want)
		}
	}
}

func TestFunctions_TextFirst(t *testing.T) {
	t.Parallel()
	got, warnings, err := renderHandlebars("x.tmpl", "\n{{trimPrefix build.tag \"v\"}}\n{{trimPrefix build.tag \"v\"}}", Data{Build: Build{Tag: "v1.2.3"}})
	if err != nil || got != "\n1.2.3\n1.2.3" || len(warnings) != 1 {
		t.Fatalf("%q %v %v", got, warnings, err)
	}
	if warnings[0].Error() != "x.tmpl:2: trimPrefix has the text first, as in old versions of the plugin, and is read so" || warnings[0].HintText != `write the prefix first: trimPrefix "v" TEXT` {
		t.Errorf("%s (%s)", warnings[0], warnings[0].HintText)
	}
}

func TestFunctions_Errors(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxArgument+1)
	for template, want := range map[string]string{
		`{{trimPrefix "v"}}`:                           "x.tmpl:1: trimPrefix: it has 1 arguments, and needs 2",
		`{{substr 0 "seven" build.tag}}`:               `x.tmpl:1: substr: argument 2: "seven" is not a number`,
		"\n{{join \",\" build.tag}}":                   `x.tmpl:2: join: argument 2: "v1.2.3" is not a list`,
		`{{lower build}}`:                              "x.tmpl:1: lower: argument 1: it is a group of values, not a value",
		`{{regexReplace "(" build.tag ""}}`:            `x.tmpl:1: regexReplace: "(" is not a regular expression`,
		`{{regexMatch "(" build.tag}}`:                 `x.tmpl:1: regexMatch: "(" is not a regular expression`,
		`{{datetime 0 "2006" "Nowhere"}}`:              `x.tmpl:1: datetime: "Nowhere" is not a time zone`,
		`{{replace "" "` + long + `" build.tag}}`:      "x.tmpl:1: replace: an argument is longer than 4096 bytes",
		`{{regexReplace "" build.tag "` + long + `"}}`: "x.tmpl:1: regexReplace: an argument is longer than 4096 bytes",
		`{{join "` + long + `" build.tags}}`:           "x.tmpl:1: join: an argument is longer than 4096 bytes",
		`{{regexReplace ".*" "` + long[1:] + `" "` + strings.Repeat("$0", 2000) + `"}}`: "x.tmpl:1: regexReplace: the result is too long",
		`{{env "HOME"}}`: `x.tmpl:1: unknown function "env"`,
	} {
		_, _, err := renderHandlebars("x.tmpl", template, Data{Build: Build{Tag: "v1.2.3"}})
		if err == nil || err.Error() != want {
			t.Errorf("%.60s: %v, want %s", template, err, want)
		}
	}
}

func TestIsGoTemplate(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]bool{
		"{{.Build.Tag}}": true, "{{ .Build.Tag }}": true, "{{- .Build.Tag -}}": true, "{{ if .Build.Tag }}x{{ end }}": true,
		`{{trimPrefix "v" .Build.Tag}}`: true, `{{if (eq .Build.Event "tag")}}x{{end}}`: true, "{{range $i := .Build.Tags}}{{end}}": true,
		"{{build.tag}}": false, "{{Build.Tag}}": false, "{{this}}{{.}}{{./x}}{{../build.tag}}": false, "{{this.x}}": false, "{{[a].b}}": false,
		`{{replace " .x" ".y" build.tag}}`: false, "{{! .Build.Tag }}": false, "x .Build.Tag {": false, "": false, "{{#if build.tag}}.x{{/if}}": false,
	} {
		if got := isGoTemplate(template); got != want {
			t.Errorf("%s: %t", template, got)
		}
	}
}

func TestRenderGo_Errors(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"\n{{.Build.Tagg}}":  "x.tmpl:2: there is no field Tagg",
		"{{if .Build.Tag}}":  "x.tmpl:1: unexpected EOF",
		"{{foo .Build.Tag}}": `x.tmpl:1: function "foo" not defined`,
		"{{range .Build.Tags}}" + strings.Repeat("x", 1<<16) + "{{end}}": "x.tmpl: the result is larger than 4194304 bytes",
	} {
		_, err := renderGo("x.tmpl", template, Data{Build: Build{Tags: make([]string, 100)}})
		if err == nil || err.Error() != want {
			t.Errorf("%.40s: %v, want %s", template, err, want)
		}
	}
	if got, err := renderGo("x.tmpl", `{{trimPrefix "v" .Build.Tag}} {{substr 0 2 .Build.Tag}}`, Data{Build: Build{Tag: "v1.2"}}); err != nil || got != "1.2 v1" {
		t.Errorf("%q %v", got, err)
	}
}
