//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestAPublicRegistryIsSpokenToInTLS is the main job by such a name.
func TestAPublicRegistryIsSpokenToInTLS(t *testing.T) {
	t.Parallel()
	c := startPublic(t, recordingProxy{})
	c.images.wantPushed(t, c.push(t), repository{c.backend, "app"})
	c.tunnel.wantNothingPlain(t)
}

// TestPlainHTTPIsAskedFor shows that the tunnel sees what goes out in plain
// HTTP, or the tests around this one could not fail.
func TestPlainHTTPIsAskedFor(t *testing.T) {
	t.Parallel()
	c := startPublic(t, recordingProxy{})
	c.push(t, "--plain-http").wantCode(t, 1)
	if len(c.tunnel.plain) == 0 {
		t.Error("nothing went out in plain HTTP")
	}
}

// TestNothingGoesOutInPlainHTTP has a registry lead its clients from https to
// http in every way it can.
func TestNothingGoesOutInPlainHTTP(t *testing.T) {
	t.Parallel()
	const plainly = "http://storage.example.net" // the scheme of a registry's own name is settled
	redirect := func(w http.ResponseWriter, r *http.Request) bool {
		_, kind, _ := splitPath(r.URL.Path)
		return kind == "blob" && refuse(http.StatusTemporaryRedirect, "Location", plainly+r.URL.Path)(w, r)
	}
	tests := map[string]recordingProxy{
		"by a redirect": {intercept: redirect},
		"by the token server's address": {rewrite: func(resp *http.Response) {
			for i, asked := range resp.Header.Values("WWW-Authenticate") {
				resp.Header["Www-Authenticate"][i] = strings.Replace(asked, "https://", "http://", 1)
			}
		}},
		"by a redirect of the token server": {intercept: script(fault{
			kind: "token", does: refuse(http.StatusTemporaryRedirect, "Location", plainly+"/token"),
		})},
		"by the address of an upload": {intercept: mountFrom(""), rewrite: func(resp *http.Response) {
			if at := resp.Header.Get("Location"); resp.StatusCode == http.StatusAccepted {
				resp.Header.Set("Location", strings.Replace(at, "https://", "http://", 1))
			}
		}},
	}
	for name, settings := range tests {
		for _, flags := range [][]string{nil, {"--insecure"}} {
			t.Run(fmt.Sprint(name, flags), func(t *testing.T) {
				t.Parallel()
				c := startPublic(t, settings)
				done := c.push(t, flags...)
				done.wantCode(t, 1)
				wantNoSecret(t, done, userPassword)
				c.tunnel.wantNothingPlain(t)
				c.backend.wantAbsent(t, "app", "all")
				if len(c.front.seen.all()) == 0 {
					t.Error("the registry was never asked")
				}
			})
		}
	}
}

// TestAPublicRegistryWithoutTLS answers in plain HTTP where TLS is expected,
// or cannot be connected to: no other way is tried.
func TestAPublicRegistryWithoutTLS(t *testing.T) {
	t.Parallel()
	open := (&recordingProxy{backend: startOpen(t)}).open(t)
	for name, leads := range map[string]map[string]string{
		"plain HTTP":    {publicName + ":443": open.host},
		"no connection": {},
	} {
		for _, flags := range [][]string{nil, {"--insecure"}} {
			t.Run(fmt.Sprint(name, flags), func(t *testing.T) {
				t.Parallel()
				p := startTunnel(t, open.host)
				p.leads = leads
				s := login(t, publicName)
				s.env = append(s.env, p.env()...)
				s.manifestTool(t, append(flags, "inspect", publicName+"/app:all")...).wantCode(t, 1)
				p.wantNothingPlain(t)
				open.seen.wantNoWrites(t)
				if p.connected() == 0 {
					t.Error("no connection was asked for")
				}
			})
		}
	}
}
