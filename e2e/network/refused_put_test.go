//go:build e2e

package network

import (
	"fmt"
	"net/http"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestRefusedPutIsRetried refuses one PUT of each kind as if its token had just
// run out: the body is sent again from its beginning.
func TestRefusedPutIsRetried(t *testing.T) {
	t.Parallel()
	server := registrytest.NewTokenServer(t)
	sources, targets := registrytest.StartOpen(t), registrytest.StartTokenAuth(t, server)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	sources.PutImages(t, "src/app", images)
	children := int64(len(images))
	tests := map[string]registrytest.Rule{
		"blob":  {Method: http.MethodPut, Kind: "upload", Nth: 2},
		"child": {Method: http.MethodPut, Kind: "manifest", Nth: 1},
		"tag":   {Method: http.MethodPut, Kind: "manifest", Nth: children + 1},
	}
	for name, one := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &registrytest.RecordingProxy{Backend: targets, Tokens: server}
			one.Then = func(w http.ResponseWriter, r *http.Request) bool {
				asks := fmt.Sprintf(`Bearer realm="http://%s/token",service=%q`, f.Host, registrytest.TokenService)
				return registrytest.Refuse(http.StatusUnauthorized, "WWW-Authenticate", asks)(w, r)
			}
			f.Intercept = registrytest.Script(one)
			f.Open(t)
			source := (&registrytest.RecordingProxy{Backend: sources}).Open(t)
			// A second repository to read on the target's host gives the run a
			// token for more than one PUT needs.
			targets.PutImagesApart(t, "more/"+name, images[:1])
			spec := images[1:].Spec(f.Host+"/"+name+":all", source.Host+"/src/app:%s") +
				fmt.Sprintf("  - image: %s/more/%s-%s:1.0\n", f.Host, name, images[0].Tag)
			done := registrytest.WithLogin(t, f.Host).Run(t, "push", "from-spec", clitest.WriteSpec(t, f.Host, spec))
			append(images[1:len(images):len(images)], images[0]).WantPushed(t, done, targets.Repository(name))
			if again := f.Seen.Count(http.MethodPut, one.Kind, http.StatusUnauthorized); again != 1 {
				t.Errorf("%d PUTs were refused, want 1", again)
			}
		})
	}
}

// TestLoginForWritesOnly has a registry ask for a password only when something
// is written: the first to learn of it are the PUTs of the tags.
func TestLoginForWritesOnly(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartBasic(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	backend.PutImages(t, "app", images)
	f := (&registrytest.RecordingProxy{Backend: backend, Intercept: func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			backend.Authorize(r)
		}
		return false
	}}).Open(t)
	spec := clitest.WriteSpec(t, f.Host, "tags: [one, two]\n"+images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	done := registrytest.WithLogin(t, f.Host).Run(t, "push", "from-spec", spec)
	images.WantPushed(t, done, backend.Repository("app"))
	f.Seen.WantCount(t, 3, http.MethodPut, "manifest", http.StatusCreated)
	if refused := f.Seen.Count(http.MethodPut, "manifest", http.StatusUnauthorized); refused < 1 || refused > 3 {
		t.Errorf("%d PUTs were refused, want one for each tag at most", refused)
	}
	for _, r := range f.Seen.Matching(func(r registrytest.Request) bool { return !r.IsWrite() }) {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("%s %s carried a password that nobody asked for", r.Method, r.Path)
		}
	}
}
