//go:build e2e

package login

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// redirectTrap is a host that a registry redirects its clients to. It is the
// registry's storage, which accepts each request, or requires a login first.
type redirectTrap struct {
	name string
	asks string // WWW-Authenticate; empty for a storage host
}

// redirectTraps returns a storage host and two hosts that require a login.
func redirectTraps() []redirectTrap {
	return []redirectTrap{
		{"a storage host", ""},
		{"a host that asks for a password", `Basic realm="give it to me"`},
		{"a host that asks for a token", `Bearer realm="http://HOST/token",service="trap"`},
	}
}

// open starts the host before a registry.
func (s redirectTrap) open(t *testing.T, backend *registrytest.Registry) *registrytest.RecordingProxy {
	t.Helper()
	f := &registrytest.RecordingProxy{Backend: backend}
	f.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if s.asks == "" {
			backend.Authorize(r)
			return false
		}
		return registrytest.Refuse(http.StatusUnauthorized, "WWW-Authenticate", strings.Replace(s.asks, "HOST", f.Host, 1))(w, r)
	}
	return f.Open(t)
}

// wantNothingSecret fails the test when a host got a credential, or nothing at
// all: then it was not led to.
func wantNothingSecret(t *testing.T, f *registrytest.RecordingProxy) {
	t.Helper()
	all := f.Seen.All()
	if len(all) == 0 {
		t.Error("the trap was never asked")
	}
	for _, r := range all {
		text := r.Header.Get("Authorization") + r.Query.Encode()
		if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" || strings.Contains(text, registrytest.UserPassword) {
			t.Errorf("the trap got a credential: %s %s, Authorization %.12q", r.Method, r.Path, r.Header.Get("Authorization"))
		}
	}
}

// leadOn turns a reader's answer of a kind into a redirect to a host.
func leadOn(resp *http.Response, kind, host string) {
	r := resp.Request
	if _, found, _ := registrytest.SplitPath(r.URL.Path); found == kind && r.Method == http.MethodGet && resp.StatusCode == http.StatusOK {
		registrytest.ReplaceBody(resp, nil)
		resp.StatusCode = http.StatusTemporaryRedirect
		resp.Header.Set("Location", "http://"+host+r.URL.RequestURI())
	}
}

// TestNoCredentialsAfterRedirect has a registry with credentials send readers
// of manifests and blobs to another host.
func TestNoCredentialsAfterRedirect(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	for _, kind := range registrytest.AuthModes()[1:] {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.Start(t)
			target := registrytest.StartOpen(t)
			backend.PutImagesApart(t, "src/app", images)
			for _, what := range []string{"manifest", "blob"} {
				for _, one := range redirectTraps() {
					t.Run(what+", "+one.name, func(t *testing.T) {
						trap := one.open(t, backend)
						f := (&registrytest.RecordingProxy{Backend: backend, Tokens: tokens, Rewrite: func(resp *http.Response) {
							leadOn(resp, what, trap.Host)
						}}).Open(t)
						repo := strings.ReplaceAll(one.name, " ", "-") + "/" + what
						spec := clitest.WriteSpec(t, target.Host, images.Spec("REGISTRY/"+repo+":all", f.Host+"/src/app-%s:1.0"))
						done := registrytest.WithLogin(t, f.Host).Run(t, "push", "from-spec", spec)
						wantNothingSecret(t, trap)
						if one.asks == "" {
							images.WantPushed(t, done, target.Repository(repo))
							return
						}
						done.WantCode(t, 1)
						target.WantAbsent(t, repo, "all")
					})
				}
			}
		})
	}
}

// TestNoCredentialsForUploadOnAnotherHost has a registry send uploads to
// another host.
func TestNoCredentialsForUploadOnAnotherHost(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	for _, kind := range registrytest.AuthModes()[1:] {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.Start(t)
			source := registrytest.StartOpen(t)
			source.PutImages(t, "src/app", images)
			for i, one := range redirectTraps() {
				t.Run(one.name, func(t *testing.T) {
					trap := one.open(t, backend)
					f := (&registrytest.RecordingProxy{Backend: backend, Tokens: tokens, Rewrite: func(resp *http.Response) {
						if at, err := resp.Location(); err == nil && resp.StatusCode == http.StatusAccepted {
							resp.Header.Set("Location", (&url.URL{Scheme: "http", Host: trap.Host, Path: at.Path, RawQuery: at.RawQuery}).String())
						}
					}}).Open(t)
					repo := []string{"zero", "one", "two"}[i]
					spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/"+repo+":all", source.Host+"/src/app:%s"))
					done := registrytest.WithLogin(t, f.Host).Run(t, "push", "from-spec", spec)
					wantNothingSecret(t, trap)
					if one.asks == "" {
						images.WantPushed(t, done, backend.Repository(repo))
						return
					}
					done.WantCode(t, 1)
					backend.WantAbsent(t, repo, "all")
				})
			}
		})
	}
}
