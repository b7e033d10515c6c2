//go:build e2e

package login

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestOpenPingWithPrivateRepositories has a registry that lets everyone read
// some repositories: neither an open /v2/ nor an open repository says anything
// about the others.
func TestOpenPingWithPrivateRepositories(t *testing.T) {
	t.Parallel()
	server := registrytest.NewTokenServer(t)
	backend := registrytest.StartTokenAuth(t, server)
	f := &registrytest.RecordingProxy{Backend: backend, Tokens: server}
	f.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		switch repo, kind, _ := registrytest.SplitPath(r.URL.Path); {
		case kind == "ping":
			w.WriteHeader(http.StatusOK)
			return true
		case strings.HasPrefix(repo, "public/") && r.Method == http.MethodGet:
			backend.Authorize(r)
		}
		return false
	}
	f.Open(t)
	images := fixture.NewLargeImageSet(t, 10)
	gated, public := images[:3], images[3:]
	backend.PutImagesApart(t, "gated/app", gated)
	backend.PutImagesApart(t, "public/app", public)

	// The public ones come first in the spec, so that their answers do too.
	spec := public.Spec(f.Host+"/gated/all:1", f.Host+"/public/app-%s:1.0")
	for _, one := range gated {
		spec += fmt.Sprintf("  - image: %s/gated/app-%s:1.0\n", f.Host, one.Tag)
	}
	done := registrytest.WithLogin(t, f.Host).Run(t, "push", "from-spec", clitest.WriteSpec(t, f.Host, spec))
	append(public[:len(public):len(public)], gated...).WantPushed(t, done, backend.Repository("gated/all"))
	f.Seen.WantCount(t, 0, http.MethodGet, "ping", 0)
	for _, r := range f.Seen.Matching(func(r registrytest.Request) bool { return r.Kind == "token" && r.Status != http.StatusOK }) {
		t.Errorf("the token server responded with %d for %v", r.Status, r.Query["scope"])
	}
}

// TestBearerAndBasicChallenges offers both. The password goes to the token
// server and nowhere else.
func TestBearerAndBasicChallenges(t *testing.T) {
	t.Parallel()
	server := registrytest.NewTokenServer(t)
	backend := registrytest.StartTokenAuth(t, server)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	backend.PutImagesApart(t, "src/app", images)
	const basic = `Basic realm="registry"`
	offers := map[string]func(bearer string) []string{
		"in one header, Bearer first": func(bearer string) []string { return []string{bearer + ", " + basic} },
		"in one header, Basic first":  func(bearer string) []string { return []string{basic + ", " + bearer} },
		"in two headers":              func(bearer string) []string { return []string{basic, bearer} },
		"beside a third":              func(bearer string) []string { return []string{"Negotiate YIIJvwYGKw==", basic, bearer} },
	}
	for name, offer := range offers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := (&registrytest.RecordingProxy{Backend: backend, Tokens: server, Rewrite: func(resp *http.Response) {
				if bearer := resp.Header.Get("WWW-Authenticate"); bearer != "" {
					resp.Header["Www-Authenticate"] = offer(bearer)
				}
			}}).Open(t)
			repo := strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(name))
			spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/"+repo+":all", "REGISTRY/src/app-%s:1.0"))
			done := registrytest.WithLogin(t, f.Host).Run(t, "push", "from-spec", spec)
			images.WantPushed(t, done, backend.Repository(repo))
			for _, r := range f.Seen.All() {
				if given := r.Header.Get("Authorization"); strings.HasPrefix(given, "Basic") != (r.Kind == "token") {
					t.Errorf("%s %s carried %.6s", r.Method, r.Path, given)
				}
			}
		})
	}
}

// TestOneForbiddenSource holds that a 403 is no missing image and that nothing
// is written.
func TestOneForbiddenSource(t *testing.T) {
	t.Parallel()
	server := registrytest.NewTokenServer(t)
	backend := registrytest.StartTokenAuth(t, server)
	images := fixture.NewLargeImageSet(t, 10)
	backend.PutImagesApart(t, "src/app", images)
	f := (&registrytest.RecordingProxy{Backend: backend, Tokens: server, Intercept: registrytest.Script(
		registrytest.Rule{Repo: "src/app-" + images[6].Tag, Then: registrytest.Refuse(http.StatusForbidden)},
	)}).Open(t)
	spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
	for _, flags := range [][]string{{"push"}, {"push", "--ignore-missing"}} {
		done := registrytest.WithLogin(t, f.Host).Run(t, append(flags, "from-spec", spec)...)
		done.WantCode(t, 1)
		done.WantStderr(t, f.Host+"/"+"src/app-"+images[6].Tag+":1.0", "denied")
		f.Seen.WantNoWrites(t)
		backend.WantAbsent(t, "app", "all")
	}
}

// TestManyLongScopes holds that no header outgrows the 8 kB that servers
// commonly accept, with 51 repositories of a hundred characters.
func TestManyLongScopes(t *testing.T) {
	t.Parallel()
	server := registrytest.NewTokenServer(t)
	backend := registrytest.StartTokenAuth(t, server)
	f := (&registrytest.RecordingProxy{Backend: backend, Tokens: server}).Open(t)
	images := fixture.NewLargeImageSet(t, 50)
	long := strings.Repeat("long/name/", 8) + "of-an-application" // and "-i00" of PutImagesApart
	if n := len(long + "-i00"); n < 100 {
		long += strings.Repeat("x", 100-n)
	}
	backend.PutImagesApart(t, long, images)
	target := strings.Repeat("target/", 14) + "ab" // 100
	spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/"+target+":all", "REGISTRY/"+long+"-%s:1.0"))
	done := registrytest.WithLogin(t, f.Host).Run(t, "push", "from-spec", spec)
	images.WantPushed(t, done, backend.Repository(target))
	f.Seen.WantCount(t, 3, http.MethodGet, "token", http.StatusOK)
	longest := 0
	for _, r := range f.Seen.All() {
		longest = max(longest, len("Authorization: \r\n")+len(r.Header.Get("Authorization")))
	}
	// Half of it would say that the test has no long headers to look at.
	if longest >= 8000 || longest < 4000 {
		t.Errorf("the longest Authorization header has %d bytes, want less than 8000", longest)
	}
}
