package plugin

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	template "github.com/DataDog/datadog-agent/pkg/template/text"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/plugin/handlebars"
)

// inlineName is how messages name a template in the settings.
const inlineName = "PLUGIN_SPEC"

// render renders the template and parses the result.
func (r *Run) render(e Environment, data Data) error {
	name, text, err := e.template(r.Settings.Spec)
	if err != nil {
		return err
	}
	var warnings []*manifest.InputError
	if isGoTemplate(text) {
		r.Rendered, err = renderGo(name, text, data)
	} else {
		r.Rendered, warnings, err = renderHandlebars(name, text, data)
	}
	if err != nil {
		return err
	}
	r.Rendered = strings.Trim(r.Rendered, " \n") // as the plugin does: templates begin with a blank
	r.Specs, err = spec.Parse(name+" (rendered)", []byte(r.Rendered))
	r.redact()
	if err != nil {
		return errtext.WithHint(err, cmp.Or(errtext.Hint(err), r.renderedHint(warnings)))
	}
	warnings = append(warnings, unusedSettings(r.Settings, text)...)
	r.Specs[0].Warnings = append(warnings, r.Specs[0].Warnings...)
	return nil
}

// renderedHint says why a rendered template is not a spec: the first warning of the
// template if there is one, such as a value that does not exist.
func (r *Run) renderedHint(warnings []*manifest.InputError) string {
	switch {
	case len(warnings) == 0 && r.Settings.Dump:
		return ""
	case len(warnings) == 0:
		return "the setting dump prints the rendered template"
	}
	hint := warnings[0].Error()
	if meant := errtext.Hint(warnings[0]); meant != "" {
		hint += " (" + meant + ")"
	}
	return hint
}

// template returns the template of the setting spec, and its name in messages.
func (e Environment) template(value string) (name, text string, err error) {
	if strings.Contains(value, "\n") || strings.Contains(value, ": ") {
		return inlineName, value, nil
	}
	content, err := e.ReadFile(value)
	if err != nil {
		return "", "", inputError("spec is a path from the working directory, or a template itself if it has a line break or a colon followed by a blank",
			"reading the template %q of PLUGIN_SPEC: %w", value, errtext.WithoutPath(err))
	}
	return value, string(content), nil
}

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// redact removes the password from what is dumped. Templates cannot read it, but it
// may be written in one.
func (r *Run) redact() {
	if password := r.Settings.Password.Value; len(password) >= minSecret {
		r.Rendered = strings.ReplaceAll(r.Rendered, password, "REDACTED")
	}
}

// minSecret is the length of the shortest password that is redacted: a shorter one is
// part of other words.
const minSecret = 4

func renderHandlebars(name, text string, data Data) (string, []*manifest.InputError, error) {
	parsed, err := handlebars.Parse(text)
	if err != nil {
		return "", nil, inFile(name, err)
	}
	rendered, found, err := parsed.Render(data, functions())
	if err != nil {
		return "", nil, inFile(name, err)
	}
	var warnings []*manifest.InputError
	for _, w := range found {
		warnings = append(warnings, inFile(name, w))
	}
	return rendered, warnings, nil
}

// inFile returns an error of a template as bad input, with file and line.
func inFile(name string, err error) *manifest.InputError {
	var at *handlebars.Error
	if errors.As(err, &at) {
		err = fmt.Errorf("%s:%d: %w", name, at.Line, at.Err)
		return &manifest.InputError{Err: err, HintText: at.HintText}
	}
	return &manifest.InputError{Err: fmt.Errorf("%s: %w", name, err)}
}

// renderGo renders a template in the syntax of text/template, with the same data and
// functions. A name that the data does not have is an error there.
func renderGo(name, text string, data Data) (string, error) {
	parsed, err := template.New(name).Funcs(goFunctions()).Parse(text)
	var out bytes.Buffer
	if err == nil {
		err = parsed.Execute(&limitedBuffer{&out}, data)
	}
	if err != nil {
		return "", &manifest.InputError{Err: plainGoError(name, err)}
	}
	return out.String(), nil
}

// limitedBuffer fails instead of growing beyond a spec.
type limitedBuffer struct{ *bytes.Buffer }

// Write implements io.Writer.
func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxRendered {
		return 0, fmt.Errorf("the result is larger than %d bytes", maxRendered)
	}
	return b.Buffer.Write(p)
}

const maxRendered = 4 << 20
