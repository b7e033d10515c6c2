package output

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"manifest-tool/internal/probe"
)

// registryReport has results of every status in two sections.
func registryReport() probe.Report {
	exchange := probe.Exchange{
		Method: "PUT", URL: "http://reg.example/v2/team/scratch/manifests/1", RequestHeaders: map[string]string{"Content-Type": "application/json"}, RequestBytes: 578,
		Status: 415, Headers: map[string]string{"Content-Type": "application/json", "Content-Length": "26"}, Body: `{"errors":[{"code":"X"}]}`,
	}
	return probe.Report{
		Schema: probe.Schema, Registry: "reg.example", Repository: "team/scratch", Server: "nginx", Started: today(), Took: 1234567 * time.Microsecond, Requests: 12,
		Results: []probe.Result{
			{Name: "index-oci", Section: "indexes", Title: "an OCI index is stored and returned unchanged", Spec: `image-spec, "OCI Image Index"`, Required: true, Status: probe.StatusPass, Detail: "pushed and pulled unchanged", Took: time.Millisecond},
			{Name: "index-docker-list", Section: "indexes", Title: "a Docker list is stored and returned unchanged", Spec: `Docker image manifest v2, "Manifest List"`, Status: probe.StatusFail, Detail: "the response to PUT is 415 Unsupported Media Type", Facts: map[string]string{"put": "415"}, Took: 2 * time.Millisecond, Exchanges: []probe.Exchange{exchange}},
			{Name: "tag-push", Section: "tags", Title: "a tag can be read after it was pushed", Spec: "distribution-spec", Status: probe.StatusError, Detail: "connection reset", Exchanges: []probe.Exchange{{Method: "GET", URL: "http://reg.example/", Error: "connection reset"}}},
			{Name: "tag-params", Section: "tags", Title: "several tags are set in one request", Spec: "distribution-spec", Status: probe.StatusSkip, Detail: "the tags in the query are ignored"},
		},
		Summary:  probe.Summary{Passed: 1, Failed: 1, Errors: 1, Skipped: 1},
		Verdict:  probe.Verdict{Works: probe.WorksYes, Sentences: []string{"works with manifest-tool: yes", "OCI indexes yes", "Docker lists no (415)"}},
		Settings: "registries:\n  - name: reg.example\n    plain-http: true # the registry does not use TLS\n",
		Left:     []string{"reg.example/team/scratch:1", "reg.example/team/scratch@sha256:1"},
	}
}

// hostileReport has a hostile value where a registry chooses it.
func hostileReport() probe.Report {
	r := registryReport()
	r.Registry, r.Repository, r.Server, r.Settings, r.Left = hostile, hostile, hostile, hostile, []string{hostile}
	for i := range r.Results {
		one := &r.Results[i]
		one.Detail, one.Facts = hostile, map[string]string{hostile: hostile}
		one.Exchanges = []probe.Exchange{{Method: "GET", URL: hostile, RequestHeaders: map[string]string{hostile: hostile}, Headers: map[string]string{hostile: hostile}, Body: hostile, Error: hostile}}
	}
	r.Verdict.Sentences = []string{hostile, hostile}
	return r
}

func registryResults() []result {
	embedded := registryReport()
	embedded.Embedded, embedded.Server, embedded.Settings, embedded.Left = true, "", "", nil
	return []result{
		{"test-registry", "some", registryReport()},
		{"test-registry", "embedded", embedded},
		{"test-registry", "hostile", hostileReport()},
	}
}

func TestRegistryReportGoldens(t *testing.T) {
	for name, p := range map[string]Printer{
		"text": {}, "color": {Color: true}, "60-columns": {Columns: 60}, "160-columns": {Columns: 160},
		"junit.xml": {Format: Format{kind: asJUnit}}, "html": {Format: Format{kind: asHTML}},
	} {
		var out bytes.Buffer
		p.Out = &out
		if err := p.PrintRegistryReport(registryReport()); err != nil {
			t.Fatal(err)
		}
		checkGoldenOf(t, "test-registry", name, out.Bytes())
	}
}

// TestRegistryReportFitsTheTerminal has widths from the narrowest to wide ones, with a
// word that is longer than a line.
func TestRegistryReportFitsTheTerminal(t *testing.T) {
	r := registryReport()
	r.Results[0].Detail = "stored as sha256:" + strings.Repeat("0", 64) + " and then " + strings.Repeat("word ", 30)
	r.Left, r.Settings = nil, ""
	for columns := 60; columns <= 160; columns += 4 {
		var out bytes.Buffer
		if err := (Printer{Out: &out, Columns: columns}).PrintRegistryReport(r); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > columns {
				t.Errorf("%d columns: a line has %d: %s", columns, n, line)
			}
		}
	}
}

func TestRegistryReportStaysVisibleText(t *testing.T) {
	for _, f := range []Format{{}, {kind: asJSON}, {kind: asYAML}, {kind: asJUnit}, {kind: asHTML}} {
		t.Run(fmt.Sprint(f.kind), func(t *testing.T) {
			var out bytes.Buffer
			if err := (Printer{Out: &out, Format: f}).PrintRegistryReport(hostileReport()); err != nil {
				t.Fatal(err)
			}
			text := out.String()
			if f.kind == asHTML && strings.Contains(text, "🚀<&>") {
				t.Error("a value is markup")
			}
			for _, c := range text {
				if c != '\n' && c != '\t' && isUnsafe(c) {
					t.Errorf("output holds %U", c)
				}
			}
		})
	}
}

// TestRegistryPageNeedsNothingElse holds that the page is one file: no script, no
// address that a browser would load, and a policy that forbids it.
func TestRegistryPageNeedsNothingElse(t *testing.T) {
	page := result{"test-registry", "some", registryReport()}.in(t, "html")
	loading := regexp.MustCompile(`(?i)<(script|link|img|iframe|object|embed|form|base)\b|\b(src|href|srcset|action)\s*=|url\(|@import`)
	if at := loading.FindString(page); at != "" {
		t.Errorf("the page has %s", at)
	}
	if !strings.Contains(page, `http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"`) {
		t.Error("the page has no policy")
	}
}

// TestRegistryPageFailsToBeWritten holds that nothing is lost silently.
func TestRegistryPageFailsToBeWritten(t *testing.T) {
	for _, f := range []Format{{kind: asJUnit}, {kind: asHTML}} {
		if err := (Printer{Out: fullDisk{}, Format: f}).PrintRegistryReport(registryReport()); err == nil {
			t.Error("no error")
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "out", Err: errors.New("no space left")}
}

// TestErrorsOfOneCause: checks of a section with the same error share a line.
func TestErrorsOfOneCause(t *testing.T) {
	r := registryReport()
	for n := range r.Results {
		r.Results[n].Section, r.Results[n].Status, r.Results[n].Detail = "tags", probe.StatusError, "EOF"
	}
	r.Results[1].Detail = "reset"
	var out bytes.Buffer
	if err := (Printer{Out: &out}).PrintRegistryReport(r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"error  index-oci          EOF (also tag-push, tag-params)\n", "error  index-docker-list  reset\n"} {
		if !strings.Contains(out.String(), want) || strings.Count(out.String(), "error  ") != 2 {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
