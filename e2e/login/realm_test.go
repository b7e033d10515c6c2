//go:build e2e

package login

import (
	"net/http"
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
	for name, named := range map[string]bool{"unknown": false, "allowed": true} {
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
			if named {
				args = append(args, "--realm-host", tokens.Host)
			}
			done := registrytest.WithLogin(t, f.Host).Run(t, args...)
			registrytest.WantNoSecret(t, done, registrytest.UserPassword)
			if named {
				images.WantPushed(t, done, backend.Repository("app"))
				return
			}
			done.WantCode(t, 1)
			if want := "is not sent there (--realm-host " + tokens.Host + " allows it)"; !strings.Contains(done.Stderr, want) {
				t.Errorf("stderr %q, want %q in it", done.Stderr, want)
			}
			backend.WantAbsent(t, "app", name)
			wantNothingSecret(t, tokens)
		})
	}
}
