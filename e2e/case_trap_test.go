//go:build e2e

package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// snare is a host that a registry leads clients to. It takes every request,
// with the rights of the stage where it stands for the registry's own storage,
// or asks for a password first.
type snare struct {
	name string
	asks string // WWW-Authenticate; empty for a storage host
}

func snares() []snare {
	return []snare{
		{"a storage host", ""},
		{"a host that asks for a password", `Basic realm="give it to me"`},
		{"a host that asks for a token", `Bearer realm="http://HOST/token",service="trap"`},
	}
}

// open starts the host before a registry.
func (s snare) open(t *testing.T, backend *registry) *recordingProxy {
	t.Helper()
	f := &recordingProxy{backend: backend}
	f.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if s.asks == "" {
			backend.authorize(r)
			return false
		}
		return refuse(http.StatusUnauthorized, "WWW-Authenticate", strings.Replace(s.asks, "HOST", f.host, 1))(w, r)
	}
	return f.open(t)
}

// wantNothingSecret fails the test when a host got a credential, or nothing at
// all: then it was not led to.
func wantNothingSecret(t *testing.T, f *recordingProxy) {
	t.Helper()
	all := f.seen.all()
	if len(all) == 0 {
		t.Error("the trap was never asked")
	}
	for _, r := range all {
		text := r.header.Get("Authorization") + r.query.Encode()
		if r.header.Get("Authorization") != "" || r.header.Get("Cookie") != "" || strings.Contains(text, userPassword) {
			t.Errorf("the trap got a credential: %s %s, Authorization %.12q", r.method, r.path, r.header.Get("Authorization"))
		}
	}
}

// leadOn turns a reader's answer of a kind into a redirect to a host.
func leadOn(resp *http.Response, kind, host string) {
	r := resp.Request
	if _, found, _ := splitPath(r.URL.Path); found == kind && r.Method == http.MethodGet && resp.StatusCode == http.StatusOK {
		replaceBody(resp, nil)
		resp.StatusCode = http.StatusTemporaryRedirect
		resp.Header.Set("Location", "http://"+host+r.URL.RequestURI())
	}
}

// TestNoCredentialsBehindARedirect has a registry with credentials send
// readers of manifests and blobs to another host.
func TestNoCredentialsBehindARedirect(t *testing.T) {
	t.Parallel()
	images := newImageSet(t, ociMedia(), "app")
	for _, kind := range authModes()[1:] {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.start(t)
			target := startOpen(t)
			backend.putImagesApart(t, "src/app", images)
			for _, what := range []string{"manifest", "blob"} {
				for _, one := range snares() {
					t.Run(what+", "+one.name, func(t *testing.T) {
						trap := one.open(t, backend)
						f := (&recordingProxy{backend: backend, tokens: tokens, rewrite: func(resp *http.Response) {
							leadOn(resp, what, trap.host)
						}}).open(t)
						repo := strings.ReplaceAll(one.name, " ", "-") + "/" + what
						spec := specFile(t, target.host, images.spec("REGISTRY/"+repo+":all", f.host+"/src/app-%s:1.0"))
						done := login(t, f.host).manifestTool(t, "push", "from-spec", spec)
						wantNothingSecret(t, trap)
						if one.asks == "" {
							images.wantPushed(t, done, repository{target, repo})
							return
						}
						done.wantCode(t, 1)
						target.wantAbsent(t, repo, "all")
					})
				}
			}
		})
	}
}

// TestNoCredentialsForAnUploadElsewhere has a registry send uploads to another
// host.
func TestNoCredentialsForAnUploadElsewhere(t *testing.T) {
	t.Parallel()
	images := newImageSet(t, ociMedia(), "app")
	for _, kind := range authModes()[1:] {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.start(t)
			source := startOpen(t)
			source.putImages(t, "src/app", images)
			for i, one := range snares() {
				t.Run(one.name, func(t *testing.T) {
					trap := one.open(t, backend)
					f := (&recordingProxy{backend: backend, tokens: tokens, rewrite: func(resp *http.Response) {
						if at, err := resp.Location(); err == nil && resp.StatusCode == http.StatusAccepted {
							resp.Header.Set("Location", (&url.URL{Scheme: "http", Host: trap.host, Path: at.Path, RawQuery: at.RawQuery}).String())
						}
					}}).open(t)
					repo := []string{"zero", "one", "two"}[i]
					spec := specFile(t, f.host, images.spec("REGISTRY/"+repo+":all", source.host+"/src/app:%s"))
					done := login(t, f.host).manifestTool(t, "push", "from-spec", spec)
					wantNothingSecret(t, trap)
					if one.asks == "" {
						images.wantPushed(t, done, repository{backend, repo})
						return
					}
					done.wantCode(t, 1)
					backend.wantAbsent(t, repo, "all")
				})
			}
		})
	}
}
