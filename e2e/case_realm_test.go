//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestNoCredentialsForAForeignTokenServer has a registry name another host as
// its token server: the password does not go there.
func TestNoCredentialsForAForeignTokenServer(t *testing.T) {
	t.Parallel()
	server := newTokenServer(t)
	backend := startTokenAuth(t, server)
	images := newImageSet(t, ociMedia(), "app")
	backend.putImages(t, "app", images)
	traps := map[string]*recordingProxy{
		"that hands out tokens": {backend: backend, tokens: server},
		"that asks who it is": {backend: backend, intercept: refuse(http.StatusUnauthorized,
			"WWW-Authenticate", `Basic realm="who are you?"`)},
		"that leads on": {backend: backend, intercept: refuse(http.StatusTemporaryRedirect, "Location", "/token?again=yes")},
	}
	for name, trap := range traps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trap.open(t)
			f := &recordingProxy{backend: backend}
			f.rewrite = func(resp *http.Response) {
				for i, asked := range resp.Header.Values("WWW-Authenticate") {
					resp.Header["Www-Authenticate"][i] = strings.Replace(asked, f.host, trap.host, 1)
				}
			}
			f.open(t)
			tag := strings.ReplaceAll(name, " ", "-")
			spec := specFile(t, f.host, images.spec("REGISTRY/app:"+tag, "REGISTRY/app:%s"))
			done := login(t, f.host).manifestTool(t, "push", "from-spec", spec)
			done.wantCode(t, 1)
			wantNoSecret(t, done, userPassword)
			backend.wantAbsent(t, "app", tag)
			for _, r := range append(trap.seen.all(), f.seen.all()...) {
				if strings.HasPrefix(r.header.Get("Authorization"), "Basic") || r.method == http.MethodPost {
					t.Errorf("a password was sent: %s %s", r.method, r.path)
				}
			}
		})
	}
}

// TestAPublicTokenServerOfAnotherName is asked, as many registries have theirs
// under another name, but gets the password only where the user says so.
func TestAPublicTokenServerOfAnotherName(t *testing.T) {
	t.Parallel()
	const stranger = "login.example.net"
	for name, flags := range map[string][]string{"unknown": nil, "allowed": {"--realm-host", stranger}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startPublic(t, recordingProxy{rewrite: func(resp *http.Response) {
				for i, asked := range resp.Header.Values("WWW-Authenticate") {
					resp.Header["Www-Authenticate"][i] = strings.Replace(asked, publicName+"/token", stranger+"/token", 1)
				}
			}})
			f := (&recordingProxy{backend: c.backend, tokens: c.tokens, tls: c.ca.certificate(t, stranger)}).open(t)
			c.tunnel.leads[stranger+":443"] = f.host
			done := c.push(t, flags...)
			c.tunnel.wantNothingPlain(t)
			if flags != nil {
				c.images.wantPushed(t, done, repository{c.backend, "app"})
				return
			}
			done.wantCode(t, 1)
			wantNothingSecret(t, f)
			c.backend.wantAbsent(t, "app", "all")
		})
	}
}

// TestATokenServerOfThisMachine is on another port than its registry, in plain
// http as that one: it is asked, and gets the password where the user says so.
func TestATokenServerOfThisMachine(t *testing.T) {
	t.Parallel()
	server := newTokenServer(t)
	backend := startTokenAuth(t, server)
	images := newImageSet(t, ociMedia(), "app")
	backend.putImages(t, "app", images)
	for name, named := range map[string]bool{"unknown": false, "allowed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tokens := (&recordingProxy{backend: backend, tokens: server}).open(t)
			f := &recordingProxy{backend: backend}
			f.rewrite = func(resp *http.Response) {
				for i, asked := range resp.Header.Values("WWW-Authenticate") {
					resp.Header["Www-Authenticate"][i] = strings.Replace(asked, f.host, tokens.host, 1)
				}
			}
			f.open(t)
			args := []string{"push", "from-spec", specFile(t, f.host, images.spec("REGISTRY/app:"+name, "REGISTRY/app:%s"))}
			if named {
				args = append(args, "--realm-host", tokens.host)
			}
			done := login(t, f.host).manifestTool(t, args...)
			wantNoSecret(t, done, userPassword)
			if named {
				images.wantPushed(t, done, repository{backend, "app"})
				return
			}
			done.wantCode(t, 1)
			if want := "is not sent there (--realm-host " + tokens.host + " allows it)"; !strings.Contains(done.stderr, want) {
				t.Errorf("stderr %q, want %q in it", done.stderr, want)
			}
			backend.wantAbsent(t, "app", name)
			wantNothingSecret(t, tokens)
		})
	}
}
