package output

import (
	"fmt"
	"strings"
	"time"

	"manifest-tool/internal/probe"
)

// registryJUnit writes a test suite for each section and a test case for each check.
func (p Printer) registryJUnit(r probe.Report) error {
	all := junitSuites{}
	for _, section := range sectionsOf(r) {
		s := junitSuite{Name: string(section.Name), Timestamp: r.Started.Format("2006-01-02T15:04:05"), Host: fitForXML(r.Registry)}
		var took time.Duration
		for _, one := range section.Results {
			s.add(registryCase(fitForXML(r.Registry+"/"+r.Repository), one))
			took += one.Took
		}
		s.Time = seconds(took)
		all.add(s)
	}
	return p.xml(all)
}

func registryCase(class string, one probe.Result) junitCase {
	c := junitCase{Class: class + "." + string(one.Section), Name: fitForXML(one.Name), Time: seconds(one.Took)}
	reason := junitFailure{Type: string(one.Status), Message: fitForXML(one.Detail), Text: escapeLines(caseText(one))}
	switch one.Status {
	case probe.StatusFail:
		c.Failures = []junitFailure{reason}
	case probe.StatusSkip:
		c.Skipped = &junitSkipped{Message: reason.Message}
	case probe.StatusError:
		c.Error = &reason
	}
	return c
}

// caseText explains a check that did not pass: what was expected, and the requests.
func caseText(one probe.Result) string {
	lines := []string{"expected: " + one.Title, "source: " + one.Spec}
	for _, e := range one.Exchanges {
		lines = append(lines, e.Method+" "+e.URL+": "+exchangeResult(e))
	}
	return strings.Join(lines, "\n")
}

// exchangeResult returns the status of a response, or why there was none.
func exchangeResult(e probe.Exchange) string {
	if e.Error != "" {
		return e.Error
	}
	return fmt.Sprint(e.Status)
}

// seconds returns a duration as JUnit has it.
func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
