package output

import (
	"errors"
	"testing"

	"manifest-tool/internal/manifest/inspect"
)

// TestCheckFields has templates that fail for every result, and those that depend on
// the values of one.
func TestCheckFields(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"{{.Digest}}": "", "{{(index .Entries 0).Digest}}": "", "{{(index .Entries 3).Digest}}": "",
		"{{range .Entries}}{{.Digest}}{{with .Platform}}{{.OS}}{{end}}{{platform .Platform}}{{end}}": "",
		"{{.Annotations.title}}":                  "",
		"{{index .Annotations \"a\"}}":            "",
		"{{len .Entries}} {{slice .Digest 0 19}}": "",
		"{{.Foo}}":                                       "line 1 of the template: at <.Foo>: there is no field Foo",
		"\n{{range .Entries}}{{.Foo}}{{end}}":            "line 2 of the template: at <.Foo>: there is no field Foo",
		"{{if not .Entries}}{{.Foo}}{{end}}":             "line 1 of the template: at <.Foo>: there is no field Foo",
		"{{range .Entries}}{{.Platform.Foo}}{{end}}":     "line 1 of the template: at <.Platform.Foo>: there is no field Foo",
		"{{range .Entries}}{{else}}{{.Nothing}}{{end}}x": "line 1 of the template: at <.Nothing>: there is no field Nothing",
	} {
		f, err := ParseFormat("template=" + template)
		if err != nil {
			t.Fatal(err)
		}
		err = f.WithOrigin("config.yaml:3").CheckFields(inspect.Result{})
		var wrong *TemplateError
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", template, err)
		case want != "" && (!errors.As(err, &wrong) || err.Error() != "config.yaml:3: "+want || wrong.ExitCode() != 2):
			t.Errorf("%q: %v, want %s", template, err, want)
		}
	}
	if err := (Format{kind: asJSON}).CheckFields(inspect.Result{}); err != nil {
		t.Error(err)
	}
}
