//go:build e2e

package network

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/registrytest"
)

// TestPublicRegistryUsesTLS is the main job by such a name.
func TestPublicRegistryUsesTLS(t *testing.T) {
	t.Parallel()
	c := registrytest.StartPublic(t, registrytest.RecordingProxy{})
	c.Images.WantPushed(t, c.Push(t), c.Backend.Repository("app"))
	c.Proxy.WantNoPlainHTTP(t)
}

// TestPlainHTTPFlag shows that the tunnel sees what goes out in plain HTTP, or
// the tests around this one could not fail.
func TestPlainHTTPFlag(t *testing.T) {
	t.Parallel()
	c := registrytest.StartPublic(t, registrytest.RecordingProxy{})
	c.Push(t, "--plain-http").WantCode(t, 1)
	if len(c.Proxy.Plain) == 0 {
		t.Error("nothing went out in plain HTTP")
	}
}

// TestNoPlainHTTP has a registry lead its clients from https to http in every
// way it can.
func TestNoPlainHTTP(t *testing.T) {
	t.Parallel()
	const plainly = "http://storage.example.net" // the scheme of a registry's own name is settled
	redirect := func(w http.ResponseWriter, r *http.Request) bool {
		_, kind, _ := registrytest.SplitPath(r.URL.Path)
		return kind == "blob" && registrytest.Refuse(http.StatusTemporaryRedirect, "Location", plainly+r.URL.Path)(w, r)
	}
	tests := map[string]registrytest.RecordingProxy{
		"by a redirect": {Intercept: redirect},
		"by the token server's address": {Rewrite: func(resp *http.Response) {
			for i, asked := range resp.Header.Values("WWW-Authenticate") {
				resp.Header["Www-Authenticate"][i] = strings.Replace(asked, "https://", "http://", 1)
			}
		}},
		"by a redirect of the token server": {Intercept: registrytest.Script(registrytest.Rule{
			Kind: "token", Then: registrytest.Refuse(http.StatusTemporaryRedirect, "Location", plainly+"/token"),
		})},
		"by the address of an upload": {Intercept: mountFrom(""), Rewrite: func(resp *http.Response) {
			if at := resp.Header.Get("Location"); resp.StatusCode == http.StatusAccepted {
				resp.Header.Set("Location", strings.Replace(at, "https://", "http://", 1))
			}
		}},
	}
	for name, settings := range tests {
		for _, flags := range [][]string{nil, {"--insecure"}} {
			t.Run(fmt.Sprint(name, flags), func(t *testing.T) {
				t.Parallel()
				c := registrytest.StartPublic(t, settings)
				done := c.Push(t, flags...)
				done.WantCode(t, 1)
				registrytest.WantNoSecret(t, done, registrytest.UserPassword)
				c.Proxy.WantNoPlainHTTP(t)
				c.Backend.WantAbsent(t, "app", "all")
				if len(c.Front.Seen.All()) == 0 {
					t.Error("the registry was never asked")
				}
			})
		}
	}
}

// TestPublicRegistryWithoutTLS answers in plain HTTP where TLS is expected, or
// cannot be connected to: no other way is tried.
func TestPublicRegistryWithoutTLS(t *testing.T) {
	t.Parallel()
	open := (&registrytest.RecordingProxy{Backend: registrytest.StartOpen(t)}).Open(t)
	for name, leads := range map[string]map[string]string{
		"plain HTTP":    {registrytest.PublicName + ":443": open.Host},
		"no connection": {},
	} {
		for _, flags := range [][]string{nil, {"--insecure"}} {
			t.Run(fmt.Sprint(name, flags), func(t *testing.T) {
				t.Parallel()
				p := registrytest.StartForwardProxy(t, open.Host)
				p.Routes = leads
				s := registrytest.WithLogin(t, registrytest.PublicName)
				s.Env = append(s.Env, p.Env()...)
				s.Run(t, append(flags, "inspect", registrytest.PublicName+"/app:all")...).WantCode(t, 1)
				p.WantNoPlainHTTP(t)
				open.Seen.WantNoWrites(t)
				if p.Connections() == 0 {
					t.Error("no connection was asked for")
				}
			})
		}
	}
}
