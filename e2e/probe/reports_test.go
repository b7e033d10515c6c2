//go:build e2e

package probe

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFormats writes the report of the embedded registry in every format.
func TestFormats(t *testing.T) {
	t.Parallel()
	run := func(format string) string {
		done := clitest.Run(t, "test-registry", "-o", format)
		done.WantCode(t, 0)
		return done.Stdout
	}
	written := run("json")
	clitest.WantSchema(t, "test-registry", written)
	var report struct {
		Summary struct{ Passed, Failed, Errors, Skipped int }
		Results []struct{ Name, Status string }
	}
	clitest.Must(t, json.Unmarshal([]byte(written), &report))
	page, text, yaml := run("html"), run("text"), run("yaml")
	for _, one := range report.Results {
		if !strings.Contains(text, fmt.Sprintf("  %-5s  %s", one.Status, one.Name)) || !strings.Contains(yaml, "name: "+one.Name+"\n") ||
			!strings.Contains(page, fmt.Sprintf(`<span class="status">%s</span> <code>%s</code>`, one.Status, one.Name)) {
			t.Errorf("%s is not in every format, with the status %s", one.Name, one.Status)
		}
	}
	clitest.WantText(t, "template", "yes works with manifest-tool: yes\n", run("template={{.Verdict.Works}} {{index .Verdict.Sentences 0}}"))
	compareJUnit(t, run("junit"), fmt.Sprint(len(report.Results)), fmt.Sprint(report.Summary.Failed), fmt.Sprint(report.Summary.Skipped))
}

// compareJUnit has a report read by junitparser, which counts its cases again.
func compareJUnit(t *testing.T, written, tests, failures, skipped string) {
	t.Helper()
	dir := t.TempDir()
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "in.xml"), []byte(written), 0o600))
	clitest.Session{}.MustRunTool(t, "junitparser", "merge", filepath.Join(dir, "in.xml"), filepath.Join(dir, "out.xml"))
	raw, err := os.ReadFile(filepath.Join(dir, "out.xml"))
	clitest.Must(t, err)
	var read struct {
		Tests    string `xml:"tests,attr"`
		Failures string `xml:"failures,attr"`
		Errors   string `xml:"errors,attr"`
		Skipped  string `xml:"skipped,attr"`
	}
	clitest.Must(t, xml.Unmarshal(raw, &read))
	if read.Tests != tests || read.Failures != failures || read.Errors != "0" || read.Skipped != skipped {
		t.Errorf("junitparser counts %+v, want %s tests, %s failures, %s skipped", read, tests, failures, skipped)
	}
}

// TestExitCodes: what decides is what a push of a multi-platform image needs.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	open, closed := g.Host, registrytest.ClosedPort(t)
	noIndexes, noLists := refusing(t, g, "oci.image.index"), refusing(t, g, "manifest.list")
	for name, tt := range map[string]struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		"supported":            {[]string{open + "/a"}, 0, "works with manifest-tool: yes; ", ""},
		"optional missing":     {[]string{noLists + "/b"}, 0, "Docker lists no (415)", ""},
		"required missing":     {[]string{noIndexes + "/c"}, 3, "OCI indexes no (415)", "does not support what a push of a multi-platform image needs: index-oci, "},
		"a section of it":      {[]string{"--only", "listing", noIndexes + "/d"}, 0, "works with manifest-tool: unknown (not everything", ""},
		"no registry":          {[]string{closed + "/e"}, 1, "not tested: OCI indexes, Docker lists, ", "could not be tested completely: connection-api: "},
		"nothing of a section": {[]string{"--only", "listing", closed + "/e"}, 1, "not tested: pages of tags", "could not be tested completely: tags-list: "},
		"an unknown section":   {[]string{"--only", "list", open + "/f"}, 2, "", `--only: unknown value "list"`},
		"a tag":                {[]string{open + "/f:1"}, 2, "", "is not HOST/REPOSITORY"},
		"no host":              {[]string{"oci-layout://f"}, 2, "", "is not HOST/REPOSITORY"},
		"an unknown field":     {[]string{"-o", "template={{.Foo}}", open + "/f"}, 2, "", "there is no field Foo"},
		"another format":       {[]string{"-o", "sarif", open + "/f"}, 2, "", "it is text, json, yaml, junit, html or template=TEXT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := clitest.Run(t, append([]string{"test-registry"}, tt.args...)...)
			done.WantCode(t, tt.code)
			done.WantStderr(t, tt.stderr)
			if !strings.Contains(done.Stdout, tt.stdout) || tt.stdout == "" && done.Stdout != "" {
				t.Errorf("%q is not on stdout: %s", tt.stdout, done.Stdout)
			}
		})
	}
}

// refusing returns a registry through a proxy that refuses manifests whose media
// type has a part.
func refusing(t *testing.T, g *registrytest.Registry, part string) string {
	t.Helper()
	proxied, _ := g.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodPut && strings.Contains(r.Header.Get("Content-Type"), part) &&
			registrytest.Refuse(http.StatusUnsupportedMediaType)(w, r)
	})
	return proxied.Host
}

// TestKeep leaves what was written, which the report lists.
func TestKeep(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	done := clitest.Run(t, "test-registry", "--keep", "--only", "tags", g.Host+"/team/kept")
	done.WantCode(t, 0)
	var tags struct{ Tags []string }
	get(t, g, "/v2/team/kept/tags/list", &tags)
	if len(tags.Tags) == 0 {
		t.Fatal("no tag was left")
	}
	for _, tag := range tags.Tags {
		if !strings.Contains(done.Stdout, "\n  "+g.Host+"/team/kept:"+tag+"\n") {
			t.Errorf("%s is not in the report: %s", tag, done.Stdout)
		}
	}
}

// TestSettingsOfReport uses the settings of one report in the next run, in place of the
// flags.
func TestSettingsOfReport(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	login := []string{"--only", "connection", "--username", registrytest.UserName, "--password-stdin", g.Host + "/team/scratch"}
	args := append([]string{"test-registry", "-o", "template={{json .Settings}}", "--ca-file", g.CAFile, "--jobs", "7"}, login...)
	done := clitest.Session{Stdin: registrytest.UserPassword + "\n"}.Run(t, args...)
	done.WantCode(t, 0)
	var text string
	clitest.Must(t, json.Unmarshal([]byte(done.Stdout), &text))
	s := clitest.WithSettings(t, text)
	clitest.WantText(t, "settings", "registries:\n  - name: "+g.Host+"\n    ca-file: "+g.CAFile+"\n    jobs: 7\n", text)
	s.Stdin = registrytest.UserPassword + "\n"
	s.Run(t, append([]string{"test-registry"}, login...)...).WantCode(t, 0)
	without := clitest.Session{Stdin: registrytest.UserPassword + "\n"}.Run(t, append([]string{"test-registry"}, login...)...)
	without.WantCode(t, 1)
	if !strings.Contains(without.Stdout, "    # ca-file: ca.pem # the certificate is of a CA") {
		t.Errorf("no setting for the certificate is suggested: %s", without.Stdout)
	}
}
