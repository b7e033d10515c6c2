package verify

import (
	"fmt"
	"slices"
	"strings"

	"manifest-tool/internal/manifest"
)

// Severity is how bad a finding is.
type Severity string

// The severities: an error makes an image fail somewhere, a warning may, an
// info is worth knowing.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// rank orders severities, the worst last.
func (s Severity) rank() int {
	return slices.Index([]Severity{SeverityInfo, SeverityWarning, SeverityError}, s)
}

// ParseSeverity reads the value of --severity; others than the three are an
// InputError.
func ParseSeverity(s string) (Severity, error) {
	return manifest.ParseEnum("--severity", s, SeverityError, SeverityWarning, SeverityInfo)
}

// findings collects the findings of one entry, or of an index.
type findings []Finding

// add notes a finding, with what the code leaves open.
func (f *findings) add(code Code, one Finding) {
	one.Code = code
	if one.Severity == "" {
		one.Severity = severityOf(code)
	}
	if one.Message == "" {
		one.Message = one.defaultMessage()
	}
	*f = append(*f, one)
}

// defaultMessage says a finding in words.
func (f Finding) defaultMessage() string {
	s := titleOf(f.Code)
	if d := f.Details(); d != "" {
		s += ": " + d
	}
	return s
}

func titleOf(c Code) string {
	i := slices.IndexFunc(AllCodes(), func(r CodeInfo) bool { return r.Code == c })
	return AllCodes()[i].Title
}

// Details returns subject, field, and expected and actual value of a finding,
// joined by colons.
func (f Finding) Details() string {
	var parts []string
	for _, s := range []string{f.Subject, f.Field} {
		if s != "" && (f.Entry == nil || s != f.Entry.Digest.String()) {
			parts = append(parts, s)
		}
	}
	switch {
	case f.Expected != "" && f.Actual != "":
		parts = append(parts, "expected "+f.Expected+", got "+f.Actual)
	case f.Actual != "":
		parts = append(parts, f.Actual)
	case f.Expected != "":
		parts = append(parts, "expected "+f.Expected)
	}
	return strings.Join(parts, ": ")
}

// OneLine is a finding in one line, for the error stream.
func (f Finding) OneLine() string {
	s := string(f.Code) + ": "
	if f.Entry != nil {
		s += fmt.Sprintf("%s %s: ", f.Entry.Platform, f.Entry.Digest)
	}
	return s + f.Message
}
