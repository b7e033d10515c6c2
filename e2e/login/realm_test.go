//go:build e2e

package login

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestNoCredentialsForForeignTokenServer has a registry name another host as
// its token server: the password does not go there.
func TestNoCredentialsForForeignTokenServer(t *testing.T) {
	t.Parallel()
	server := registrytest.NewTokenServer(t)
	backend := registrytest.StartTokenAuth(t, server)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	backend.PutImages(t, "app", images)
	traps := map[string]*registrytest.RecordingProxy{
		"that hands out tokens": {Backend: backend, Tokens: server},
		"that asks who it is": {Backend: backend, Intercept: registrytest.Refuse(http.StatusUnauthorized,
			"WWW-Authenticate", `Basic realm="who are you?"`)},
		"that leads on": {Backend: backend, Intercept: registrytest.Refuse(http.StatusTemporaryRedirect, "Location", "/token?again=yes")},
	}
	for name, trap := range traps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trap.Open(t)
			f := &registrytest.RecordingProxy{Backend: backend}
			f.Rewrite = func(resp *http.Response) {
				for i, asked := range resp.Header.Values("WWW-Authenticate") {
					resp.Header["Www-Authenticate"][i] = strings.Replace(asked, f.Host, trap.Host, 1)
				}
			}
			f.Open(t)
			tag := strings.ReplaceAll(name, " ", "-")
			spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/app:"+tag, "REGISTRY/app:%s"))
			done := registrytest.WithLogin(t, f.Host).Run(t, "push", "from-spec", spec)
			done.WantCode(t, 1)
			registrytest.WantNoSecret(t, done, registrytest.UserPassword)
			backend.WantAbsent(t, "app", tag)
			for _, r := range append(trap.Seen.All(), f.Seen.All()...) {
				if strings.HasPrefix(r.Header.Get("Authorization"), "Basic") || r.Method == http.MethodPost {
					t.Errorf("a password was sent: %s %s", r.Method, r.Path)
				}
			}
		})
	}
}

// TestTokenServerOnAnotherHost is asked, as many registries have theirs under
// another name, but gets the password only where the user says so.
func TestTokenServerOnAnotherHost(t *testing.T) {
	t.Parallel()
	const stranger = "login.example.net"
	for name, flags := range map[string][]string{"unknown": nil, "allowed": {"--realm-host", stranger}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := registrytest.StartPublic(t, registrytest.RecordingProxy{Rewrite: func(resp *http.Response) {
				for i, asked := range resp.Header.Values("WWW-Authenticate") {
					resp.Header["Www-Authenticate"][i] = strings.Replace(asked, registrytest.PublicName+"/token", stranger+"/token", 1)
				}
			}})
			f := (&registrytest.RecordingProxy{Backend: c.Backend, Tokens: c.Tokens, TLS: c.CA.ServerCertificate(t, stranger)}).Open(t)
			c.Proxy.Routes[stranger+":443"] = f.Host
			done := c.Push(t, flags...)
			c.Proxy.WantNoPlainHTTP(t)
			if flags != nil {
				c.Images.WantPushed(t, done, c.Backend.Repository("app"))
				return
			}
			done.WantCode(t, 1)
			wantNothingSecret(t, f)
			c.Backend.WantAbsent(t, "app", "all")
		})
	}
}

// TestTokenServerOnLoopback is on another port than its registry, in plain http
// as that one: it is asked, and gets the password where the user says so.
func TestTokenServerOnLoopback(t *testing.T) {
	t.Parallel()
	server := registrytest.NewTokenServer(t)
	backend := registrytest.StartTokenAuth(t, server)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	backend.PutImages(t, "app", images)
	// GitLab's pipelines name the token server of their registry.
	pipeline := func(registry, server string) []string {
		host, port, _ := strings.Cut(server, ":")
		return []string{"CI_REGISTRY=" + registry, "CI_SERVER_HOST=" + host, "CI_SERVER_PORT=" + port}
	}
	none := func(_, _ string) []string { return nil }
	for name, tt := range map[string]struct {
		named, flag bool
		variables   func(registry, server string) []string
	}{
		"unknown": {false, false, none}, "allowed": {true, true, none}, "pipeline": {true, false, pipeline},
		"pipeline-of-another": {false, false, func(_, server string) []string { return pipeline("other.example", server) }},
		"pipeline-of-none":    {false, false, func(_, server string) []string { return pipeline("", server) }},
	} {
		named, variables := tt.named, tt.variables
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tokens := (&registrytest.RecordingProxy{Backend: backend, Tokens: server}).Open(t)
			f := &registrytest.RecordingProxy{Backend: backend}
			f.Rewrite = func(resp *http.Response) {
				for i, asked := range resp.Header.Values("WWW-Authenticate") {
					resp.Header["Www-Authenticate"][i] = strings.Replace(asked, f.Host, tokens.Host, 1)
				}
			}
			f.Open(t)
			args := []string{"push", "from-spec", clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/app:"+name, "REGISTRY/app:%s"))}
			if tt.flag {
				args = append(args, "--realm-host", tokens.Host)
			}
			s := registrytest.WithLogin(t, f.Host)
			s.Env = append(s.Env, variables(f.Host, tokens.Host)...)
			done := s.Run(t, args...)
			registrytest.WantNoSecret(t, done, registrytest.UserPassword)
			if named {
				images.WantPushed(t, done, backend.Repository("app"))
				return
			}
			done.WantCode(t, 1)
			if want := "is not sent there (--realm-host " + tokens.Host + " allows it)"; !strings.Contains(done.Stderr, want) {
				t.Errorf("stderr %q, want %q in it", done.Stderr, want)
			}
			done.WantStderr(t, "hint: the login was not sent", "--realm-host "+tokens.Host, "realm-hosts in the settings")
			backend.WantAbsent(t, "app", name)
			wantNothingSecret(t, tokens)
		})
	}
}

// TestLoginAsksForTheTokenServer has someone at a terminal agree that a token server on
// another host gets the password. The answer is stored.
func TestLoginAsksForTheTokenServer(t *testing.T) {
	t.Parallel()
	server := registrytest.NewTokenServer(t)
	backend := registrytest.StartTokenAuth(t, server)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	backend.PutImages(t, "app", images)
	tokens := (&registrytest.RecordingProxy{Backend: backend, Tokens: server}).Open(t)
	f := &registrytest.RecordingProxy{Backend: backend}
	f.Rewrite = func(resp *http.Response) {
		for i, asked := range resp.Header.Values("WWW-Authenticate") {
			resp.Header["Www-Authenticate"][i] = strings.Replace(asked, f.Host, tokens.Host, 1)
		}
	}
	f.Open(t)
	settings := filepath.Join(t.TempDir(), "config.yaml")
	const before = "jobs: 4 # four\n"
	clitest.Must(t, os.WriteFile(settings, []byte(before), 0o600))
	s := clitest.Session{Env: []string{"DOCKER_CONFIG=" + t.TempDir(), "MANIFEST_TOOL_CONFIG=" + settings}}
	s.Stdin = registrytest.UserPassword + "\nyes\n"
	done := s.RunProgram(t, clitest.FindTool(t, "script"), "-qec", clitest.Binary()+" login -u "+registrytest.UserName+" "+f.Host, "/dev/null")
	done.WantCode(t, 0)
	if !strings.Contains(done.Stdout, f.Host+" names "+tokens.Host+" as its token server") || !strings.Contains(done.Stdout, "Send it there?") {
		t.Errorf("login printed %q", done.Stdout)
	}
	after, err := os.ReadFile(settings)
	clitest.Must(t, err)
	clitest.WantText(t, "settings", before+"registries:\n  - name: "+f.Host+"\n    realm-hosts: ["+tokens.Host+"]\n", string(after))
	s.Stdin = ""
	spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	images.WantPushed(t, s.Run(t, "push", "from-spec", spec), backend.Repository("app"))
	for _, r := range f.Seen.All() {
		if strings.HasPrefix(r.Header.Get("Authorization"), "Basic") {
			t.Errorf("the registry got the password: %s %s", r.Method, r.Path)
		}
	}
}
