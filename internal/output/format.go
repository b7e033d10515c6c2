package output

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	template "github.com/DataDog/datadog-agent/pkg/template/text"
)

// Format is how a result is written: as text for people, or as data for
// programs. The zero value is text.
type Format struct {
	kind     kind
	template *template.Template
	place    string // "" is --output
}

// WithOrigin returns the format with its location in the settings, such as
// PATH:LINE, which errors about its template name instead of --output.
func (f Format) WithOrigin(place string) Format {
	f.place = place
	return f
}

type kind int

const (
	asText kind = iota
	asJSON
	asYAML
	asTemplate
	asSARIF
	asJUnit
	asHTML
)

const templatePrefix = "template="

// ParseFormat reads the value of --output: text, json, yaml, template=TEXT, where
// TEXT is a Go template over the result (docs/output.md), sarif for PrintVerification,
// html for PrintRegistryReport, or junit for both. Any other value, and a template that
// cannot be parsed, is an error.
func ParseFormat(s string) (Format, error) {
	switch s {
	case "", "text":
		return Format{}, nil
	case "json":
		return Format{kind: asJSON}, nil
	case "yaml":
		return Format{kind: asYAML}, nil
	case "sarif":
		return Format{kind: asSARIF}, nil
	case "junit":
		return Format{kind: asJUnit}, nil
	case "html":
		return Format{kind: asHTML}, nil
	}
	text, ok := strings.CutPrefix(s, templatePrefix)
	if !ok {
		return Format{}, fmt.Errorf("--output: unknown value %.60q: it is text, json, yaml or %sTEXT", s, templatePrefix)
	}
	t, err := parseTemplate(text)
	if err != nil {
		return Format{}, fmt.Errorf("--output: %w", err)
	}
	return Format{kind: asTemplate, template: t}, nil
}

// CheckTemplate reports whether the TEXT of template=TEXT can be parsed. CheckFields
// reports whether its fields exist.
func CheckTemplate(text string) error {
	_, err := parseTemplate(text)
	return err
}

func parseTemplate(text string) (*template.Template, error) {
	t, err := template.New("output").Funcs(functions()).Parse(text)
	if err != nil {
		return nil, plainTemplateError(err)
	}
	return t, nil
}

// plainTemplateError rewords an error of the template engine: it keeps the line, and
// leaves out the name of the template and of Go types.
func plainTemplateError(err error) error {
	place := regexp.MustCompile(`^template: output:(\d+)(?::\d+)?: (?:executing "output" )?(?s)(.*)$`)
	m := place.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	field := regexp.MustCompile(`can't evaluate field (\S+) in type \S+`)
	message := field.ReplaceAllString(m[2], "there is no field $1")
	return fmt.Errorf("line %s of the template: %s", m[1], strings.ReplaceAll(message, "started at output:", "started on line "))
}

// IsText reports whether the format is text.
func (f Format) IsText() bool { return f.kind == asText }

// TemplateError is a template that does not match the result, such as one that
// names an unknown field. Nothing was printed.
type TemplateError struct {
	// Place is the origin of the template: --output, a variable, or a line of the
	// settings file.
	Place string
	Err   error
}

func (e *TemplateError) Error() string { return fmt.Sprintf("%s: %v", e.Place, e.Err) }

// Unwrap returns the error of the template engine.
func (e *TemplateError) Unwrap() error { return e.Err }

// Hint says what the user can do.
func (e *TemplateError) Hint() string {
	return "-o json shows the fields and their values, docs/output.md names those of every result"
}

// ExitCode is that of bad input.
func (e *TemplateError) ExitCode() int { return 2 }

// render writes a result in the printer's format. Text is written by words; all
// other formats are made from the value's JSON.
func (p Printer) render(value any, words func(*text)) error {
	var data []byte
	var err error
	switch p.Format.kind {
	case asJSON:
		data, err = encode(value)
	case asYAML:
		data, err = encodeYAML(value)
		if p.Multiple {
			data = append([]byte("---\n"), data...)
		}
	case asTemplate:
		data, err = p.Format.execute(value)
	default:
		t := &text{paint: palette{on: p.Color}, columns: p.Columns}
		words(t)
		data = t.b.Bytes()
	}
	if err != nil {
		return err
	}
	return p.write(data)
}

// execute executes the template and ends its output with a newline. Values are
// escaped as in text, including line ends: the output may go to a terminal, or to
// a program that reads lines.
func (f Format) execute(value any) ([]byte, error) {
	var b bytes.Buffer
	if err := f.template.Execute(&b, tagged(value)); err != nil {
		return nil, f.templateError(untag(err.Error()))
	}
	return []byte(strings.TrimSuffix(escapeLines(untag(b.String())), "\n") + "\n"), nil
}
