//go:build e2e

package ci

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
	"manifest-tool/internal/output/githubtest"
)

// refuse responds with commands for the runner.
func refuse(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Warning", `299 - "##[set-output name=digest]evil"`)
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprint(w, `{"errors":[{"code":"##[set-output name=digest]DENIED",`+
		`"message":"no\n::set-output name=digest::evil\r\n##[set-output name=digest]evil\u2028::stop-commands::x ###[add-mask]sha256"}]}`)
	return true
}

func refuseLatest(w http.ResponseWriter, r *http.Request) bool {
	return r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/manifests/latest") && refuse(w, r)
}

// TestFault40RegistryCannotSendCommands pushes to a registry that refuses a tag, or all, with
// commands for the runner in its message.
func TestFault40RegistryCannotSendCommands(t *testing.T) {
	t.Parallel()
	g, set, dir := images(t)
	for _, c := range []struct {
		name      string
		intercept registrytest.Interceptor
		code      int
	}{{"a tag", refuseLatest, 4}, {"all", refuse, 1}} {
		for _, flags := range [][]string{{"--github", "--debug"}, {"--github", "--output=json"}, {"--github", "--output=yaml"}, {"--debug"}} {
			proxied, _ := g.BehindProxy(t, c.intercept)
			spec := write(t, filepath.Join(dir, "spec.yaml"), "tags: [latest]\n"+set.Spec(proxied.Host+"/app:1.0", proxied.Host+"/app:%s"))
			output, summary := write(t, filepath.Join(dir, "output"), ""), write(t, filepath.Join(dir, "summary"), "")
			s := clitest.Session{Env: []string{"GITHUB_OUTPUT=" + output, "GITHUB_STEP_SUMMARY=" + summary}}
			got := s.Run(t, append([]string{"push", "from-spec", spec}, flags...)...)
			got.WantCode(t, c.code)
			got.WantStderr(t, "## [set-output name=digest]")
			errors := 0
			for _, one := range githubtest.ReadCommands(got.Stdout + "\n" + got.Stderr) {
				if one.Name != "error" {
					t.Errorf("%s %q: the runner carries out %+v", c.name, flags, one)
				}
				errors++
			}
			if want := strings.Count(strings.Join(flags, " "), "--github"); errors != want {
				t.Errorf("%s %q: %d errors in %s", c.name, flags, errors, got.Stderr)
			}
			outputs := githubtest.ReadOutputs(t, content(t, output))
			if d := outputs["digest"]; len(outputs) != 0 && len(outputs) != 5 || d != "" && !strings.HasPrefix(d, "sha256:") {
				t.Errorf("%s %q: outputs %q", c.name, flags, outputs)
			}
			if text := content(t, summary); strings.Contains(text, "\n::") || strings.Contains(text, "\n    manifest-tool failed with error: ") != (flags[0] == "--github") {
				t.Errorf("%s %q: summary %s", c.name, flags, text)
			}
		}
	}
}
