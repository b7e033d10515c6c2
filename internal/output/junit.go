package output

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"net/url"
	"strings"

	"manifest-tool/internal/manifest/verify"
)

// The parts of a JUnit report that CI systems read. There is no standard; the
// shape is the one of Jenkins' junit plugin.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr,omitempty"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr,omitempty"`
		Time      string      `xml:"time,attr,omitempty"`      // in seconds
		Timestamp string      `xml:"timestamp,attr,omitempty"` // without a zone
		Host      string      `xml:"hostname,attr,omitempty"`
		Cases     []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class    string         `xml:"classname,attr"`
		Name     string         `xml:"name,attr"`
		Time     string         `xml:"time,attr,omitempty"` // in seconds
		Skipped  *junitSkipped  `xml:"skipped"`
		Failures []junitFailure `xml:"failure"`
		Error    *junitFailure  `xml:"error"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit writes a test suite for each image and a test case for each entry, and
// one for the index itself.
func (p Printer) junit(v verify.Result) error {
	all := junitSuites{}
	for _, image := range v.Images {
		all.add(junitOf(image))
	}
	return p.xml(all)
}

// xml writes a JUnit report.
func (p Printer) xml(all junitSuites) error {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	b.WriteString("\n")
	return p.write(b.Bytes())
}

// add adds a test suite, and counts its cases.
func (all *junitSuites) add(s junitSuite) {
	all.Suites = append(all.Suites, s)
	all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors, all.Skipped+s.Skipped
}

// add adds a test case and counts it by its result.
func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case len(c.Failures) > 0:
		s.Failures++
	case c.Skipped != nil:
		s.Skipped++
	}
	if c.Error != nil {
		s.Errors++
	}
}

func junitOf(image verify.Image) junitSuite {
	s := junitSuite{Name: fitForXML(image.Name)}
	own := junitCase{Class: s.Name, Name: "index"}
	if image.Error != "" {
		own.Error = &junitFailure{Type: "unreadable", Message: fitForXML(image.Error)}
	}
	byEntry := map[verify.EntryRef][]junitFailure{}
	for _, f := range image.Findings {
		failure := junitFailure{Type: string(f.Code), Message: fitForXML(f.Message), Text: fitForXML(string(f.Severity) + ", found by: " + f.Evidence)}
		if f.Entry == nil {
			own.Failures = append(own.Failures, failure)
			continue
		}
		byEntry[*f.Entry] = append(byEntry[*f.Entry], failure)
	}
	s.add(own)
	for _, e := range image.Entries {
		name := e.Name()
		s.add(junitCase{
			Class: s.Name, Name: fitForXML(strings.TrimSpace(name.Platform + " " + name.Digest.String())), Failures: byEntry[name],
		})
		delete(byEntry, name) // an entry that is listed twice fails once
	}
	return s
}

// fitForXML escapes control characters, which XML does not allow.
func fitForXML(s string) string { return Escape(s) }

// fingerprint returns a hash that is the same for a finding in every run.
func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// uriOf returns a reference as a valid URI, with its kind as scheme.
func uriOf(name string) string {
	if kind, rest, ok := strings.Cut(name, "://"); ok {
		return kind + ":" + (&url.URL{Path: rest}).EscapedPath()
	}
	return "docker:" + (&url.URL{Path: name}).EscapedPath()
}
