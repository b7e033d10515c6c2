//go:build e2e

package login

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// canaryRun is one run of the tool against a parrot.
type canaryRun struct {
	name   string
	args   string
	config string // Docker config; none logs in with --password-stdin
	asks   string
	fails  func(*http.Request) int
	code   int
	hears  string // a kind of secret that must have been sent
}

// failing answers requests of a method whose URL holds a text with a status.
func failing(method, text string, status int) func(*http.Request) int {
	return func(r *http.Request) int {
		if r.Method == method && strings.Contains(r.URL.String(), text) {
			return status
		}
		return 0
	}
}

func canaryRuns() []canaryRun {
	const push, look = "push from-spec SPEC", "inspect registry.test/src:amd64"
	never := failing("", "", 0)
	auth := func(field, value string) string {
		return fmt.Sprintf(`{"auths":{"registry.test":{%q:%q}}}`, field, value)
	}
	basic := auth("auth", base64.StdEncoding.EncodeToString([]byte(registrytest.UserName+":"+registrytest.Secret("password"))))
	var all []canaryRun
	for name, config := range map[string]string{
		"stdin": "", "config": basic, "identity": auth("identitytoken", registrytest.Secret("identity")), "registry token": auth("registrytoken", registrytest.Secret("registrytoken")),
		"helper": `{"credsStore":"canary"}`,
	} {
		hears := map[string]string{"identity": "identity", "registry token": "registrytoken"}[name]
		if hears == "" {
			hears = "password"
		}
		all = append(all,
			canaryRun{"push " + name, push, config, "Bearer", never, 0, hears},
			canaryRun{"inspect " + name, look, config, "Bearer", never, 0, hears},
			canaryRun{"refused " + name, look, config, "Bearer", failing("GET", "/manifests/", 403), 1, hears},
			canaryRun{"no token " + name, look, config, "Bearer", failing("GET", "/token", 403), 1, ""},
			canaryRun{"no token by post " + name, look, config, "Bearer", func(r *http.Request) int {
				if r.URL.Path == "/token" {
					return http.StatusBadRequest
				}
				return 0
			}, 1, ""})
	}
	all = append(all,
		canaryRun{"login", "login registry.test", "", "Bearer", never, 0, "password"},
		canaryRun{"login refused", "login registry.test", "", "Bearer", failing("GET", "/v2/", 403), 1, "refresh"},
		canaryRun{"login without a token", "login registry.test", "", "Bearer", failing("GET", "/token", 401), 1, ""},
		canaryRun{"login by password", "login registry.test", "", "Basic", failing("GET", "/v2/", 401), 1, "password"},
		canaryRun{"explain", "auth explain registry.test/src", basic, "Basic", never, 0, ""},
		canaryRun{"explain a helper", "auth explain registry.test/src", `{"credsStore":"canary"}`, "Basic", never, 0, ""},
		canaryRun{"explain a token", "auth explain registry.test/src -o json", auth("identitytoken", registrytest.Secret("identity")), "Basic", never, 0, ""})
	// A registry token needs no token server, so it is let in all the same.
	for i, r := range all {
		if strings.HasPrefix(r.name, "no token") && strings.HasSuffix(r.name, "registry token") ||
			r.name == "no token identity" {
			all[i].code = 0
		}
	}
	return append(all, []canaryRun{
		{"storage", look, basic, "Basic", failing("GET", "storage.test", 403), 1, "presigned"},
		{"storage fails", look, basic, "Basic", failing("GET", "storage.test", 500), 1, "presigned"},
		{"a page", look, basic, "Basic", failing("GET", "/manifests/", http.StatusTeapot), 1, "password"},
		{"not found", look, basic, "Basic", failing("GET", "/manifests/", 404), 1, "password"},
		{"unauthorized", look, basic, "Basic", func(*http.Request) int { return 401 }, 1, ""},
		{"busy", look, basic, "Basic", failing("GET", "/manifests/", 429), 1, "password"},
		{"no upload", push, basic, "Basic", failing("POST", "/uploads/", 403), 1, "password"},
		{"upload refused", push, basic, "Basic", failing("PUT", "/uploads/", 403), 1, "state"},
		{"upload fails", push, basic, "Basic", failing("PUT", "/uploads/", 400), 1, "state"},
		{"upload moved", push, basic, "Basic", failing("PUT", "/uploads/", 404), 1, "state"},
		{"child refused", push, basic, "Basic", failing("PUT", "/manifests/sha256", 400), 1, "password"},
		{"tag refused", push, basic, "Basic", failing("PUT", "/manifests/all", 409), 1, "password"},
		{"query", "query -o json registry.test/src:amd64 registry.test/src:arm64", basic, "Basic", failing("GET", "/manifests/", 403), 1, "password"},
		{"resolve", "resolve registry.test/src:amd64", basic, "Bearer", failing("GET", "/manifests/", 403), 1, "password"},
		{"diff", "diff registry.test/src:amd64 registry.test/src:arm64", basic, "Basic", failing("GET", "/blobs/", 403), 1, "password"},
		{"tags", "tags --platforms registry.test/src", basic, "Bearer", never, 0, "password"},
		{"tags refused", "tags registry.test/src", basic, "Bearer", failing("GET", "/tags/", 403), 1, "password"},
		{"referrers refused", look + " --referrers", basic, "Bearer", failing("GET", "/referrers/", 403), 1, "password"},
		{"push as json", push + " -o json", basic, "Bearer", failing("PUT", "/manifests/all", 409), 1, "password"},
		{"by https", "inspect registry.test/src:amd64 --plain-http=false", basic, "Basic", never, 1, "proxy"},
	}...)
}

// TestNoSecretInOutput runs the tool with a secret of each kind against servers
// that repeat all of them, with --debug, and looks for them in all that comes
// out, and in the arguments of the helper it starts.
func TestNoSecretInOutput(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	open.PutImages(t, "src", fixture.NewImageSet(t, fixture.Docker(), "canary"))
	for _, run := range canaryRuns() {
		t.Run(run.name, func(t *testing.T) {
			t.Parallel()
			p := open.StartEchoServer(t, run.asks, run.fails)
			home, bin := t.TempDir(), t.TempDir()
			argv := filepath.Join(bin, "argv")
			script := fmt.Sprintf("#!/bin/sh\ncat >>%s /proc/$$/cmdline\ncat >/dev/null\necho '{\"Username\":%q,\"Secret\":%q}'\n", argv, registrytest.UserName, registrytest.Secret("password"))
			clitest.WriteScript(t, filepath.Join(bin, "docker-credential-canary"), script)
			spec := clitest.WriteSpec(t, registrytest.EchoHost, newFleetSpec(run.name))
			args := strings.Fields(strings.ReplaceAll(run.args, "SPEC", spec))
			s := clitest.Session{Home: home, Env: append(p.Env(), "PATH="+bin+":/usr/bin:/bin"), Stdin: registrytest.Secret("password") + "\n"}
			if run.config == "" {
				args = append(args, "--username", registrytest.UserName, "--password-stdin")
			} else {
				args = append(args, "--docker-cfg", filepath.Join(home, "config.json"))
				clitest.Must(t, os.WriteFile(filepath.Join(home, "config.json"), []byte(run.config), 0o600))
			}
			if !strings.Contains(run.args, "--plain-http") {
				args = append(args, "--plain-http")
			}
			done := s.Run(t, append(args, "--debug")...)
			said, _ := os.ReadFile(argv)
			done.WantCode(t, run.code)
			p.WantNoSecrets(t, done.Stdout+done.Stderr+string(said))
			if run.hears != "" && !p.HasSeen(run.hears) {
				t.Errorf("no %s was sent: the run shows nothing", run.hears)
			}
			if strings.Contains(run.config, "credsStore") && len(said) == 0 {
				t.Error("the helper was not run")
			}
		})
	}
}

// newFleetSpec pushes to a repository of the run's own, so that every run has
// blobs to upload.
func newFleetSpec(name string) string {
	return "image: REGISTRY/dst-" + strings.ReplaceAll(name, " ", "-") + ":all\nmanifests:\n  - image: REGISTRY/src:amd64\n  - image: REGISTRY/src:arm64\n"
}
