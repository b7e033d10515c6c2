//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestAnOpenPingWithGatedRepositories has a registry that lets everyone read
// some repositories: neither an open /v2/ nor an open repository says anything
// about the others.
func TestAnOpenPingWithGatedRepositories(t *testing.T) {
	t.Parallel()
	server := newTokenServer(t)
	backend := startTokenAuth(t, server)
	f := &recordingProxy{backend: backend, tokens: server}
	f.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		switch repo, kind, _ := splitPath(r.URL.Path); {
		case kind == "ping":
			w.WriteHeader(http.StatusOK)
			return true
		case strings.HasPrefix(repo, "public/") && r.Method == http.MethodGet:
			backend.authorize(r)
		}
		return false
	}
	f.open(t)
	images := newLargeImageSet(t, 10)
	gated, public := images[:3], images[3:]
	gated.putApart(t, backend, "gated/app")
	public.putApart(t, backend, "public/app")

	// The public ones come first in the spec, so that their answers do too.
	spec := public.spec(f.host+"/gated/all:1", f.host+"/public/app-%s:1.0")
	for _, one := range gated {
		spec += fmt.Sprintf("  - image: %s/gated/app-%s:1.0\n", f.host, one.tag)
	}
	done := login(t, f.host).manifestTool(t, "push", "from-spec", specFile(t, f.host, spec))
	append(public[:len(public):len(public)], gated...).wantPushed(t, done, repository{backend, "gated/all"})
	f.seen.wantCount(t, 0, http.MethodGet, "ping", 0)
	for _, r := range f.seen.matching(func(r request) bool { return r.kind == "token" && r.status != http.StatusOK }) {
		t.Errorf("the token server responded with %d for %v", r.status, r.query["scope"])
	}
}

// TestBearerAndBasicTogether offers both. The password goes to the token
// server and nowhere else.
func TestBearerAndBasicTogether(t *testing.T) {
	t.Parallel()
	server := newTokenServer(t)
	backend := startTokenAuth(t, server)
	images := newImageSet(t, ociMedia(), "app")
	images.putApart(t, backend, "src/app")
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
			f := (&recordingProxy{backend: backend, tokens: server, rewrite: func(resp *http.Response) {
				if bearer := resp.Header.Get("WWW-Authenticate"); bearer != "" {
					resp.Header["Www-Authenticate"] = offer(bearer)
				}
			}}).open(t)
			repo := strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(name))
			spec := specFile(t, f.host, images.spec("REGISTRY/"+repo+":all", "REGISTRY/src/app-%s:1.0"))
			done := login(t, f.host).manifestTool(t, "push", "from-spec", spec)
			images.wantPushed(t, done, repository{backend, repo})
			for _, r := range f.seen.all() {
				if given := r.header.Get("Authorization"); strings.HasPrefix(given, "Basic") != (r.kind == "token") {
					t.Errorf("%s %s carried %.6s", r.method, r.path, given)
				}
			}
		})
	}
}

// TestOneOfManySourcesIsForbidden holds that a 403 is no missing image and
// that nothing is written.
func TestOneOfManySourcesIsForbidden(t *testing.T) {
	t.Parallel()
	server := newTokenServer(t)
	backend := startTokenAuth(t, server)
	images := newLargeImageSet(t, 10)
	images.putApart(t, backend, "src/app")
	f := (&recordingProxy{backend: backend, tokens: server, intercept: script(
		fault{repo: sourceRepo(images[6]), does: refuse(http.StatusForbidden)},
	)}).open(t)
	spec := specFile(t, f.host, images.spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
	for _, flags := range [][]string{{"push"}, {"push", "--ignore-missing"}} {
		done := login(t, f.host).manifestTool(t, append(flags, "from-spec", spec)...)
		done.wantCode(t, 1)
		done.wantStderr(t, f.host+"/"+sourceRepo(images[6])+":1.0", "denied")
		f.seen.wantNoWrites(t)
		backend.wantAbsent(t, "app", "all")
	}
}

// TestManySourcesWithLongNames holds that no header outgrows the 8 kB that
// servers commonly accept, with 51 repositories of a hundred characters.
func TestManySourcesWithLongNames(t *testing.T) {
	t.Parallel()
	server := newTokenServer(t)
	backend := startTokenAuth(t, server)
	f := (&recordingProxy{backend: backend, tokens: server}).open(t)
	images := newLargeImageSet(t, 50)
	long := strings.Repeat("long/name/", 8) + "of-an-application" // and "-i00" of putApart
	if n := len(long + "-i00"); n < 100 {
		long += strings.Repeat("x", 100-n)
	}
	images.putApart(t, backend, long)
	target := strings.Repeat("target/", 14) + "ab" // 100
	spec := specFile(t, f.host, images.spec("REGISTRY/"+target+":all", "REGISTRY/"+long+"-%s:1.0"))
	done := login(t, f.host).manifestTool(t, "push", "from-spec", spec)
	images.wantPushed(t, done, repository{backend, target})
	f.seen.wantCount(t, 3, http.MethodGet, "token", http.StatusOK)
	longest := 0
	for _, r := range f.seen.all() {
		longest = max(longest, len("Authorization: \r\n")+len(r.header.Get("Authorization")))
	}
	// Half of it would say that the test has no long headers to look at.
	if longest >= 8000 || longest < 4000 {
		t.Errorf("the longest Authorization header has %d bytes, want less than 8000", longest)
	}
}
