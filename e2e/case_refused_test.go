//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"testing"
)

// TestARefusedPutIsSentAgainWhole refuses one PUT of each kind as if its token
// had just run out: the body is sent again from its beginning.
func TestARefusedPutIsSentAgainWhole(t *testing.T) {
	t.Parallel()
	server := newTokenServer(t)
	sources, targets := startOpen(t), startTokenAuth(t, server)
	images := newImageSet(t, ociMedia(), "app")
	sources.putImages(t, "src/app", images)
	children := int64(len(images))
	tests := map[string]fault{
		"blob":  {method: http.MethodPut, kind: "upload", nth: 2},
		"child": {method: http.MethodPut, kind: "manifest", nth: 1},
		"tag":   {method: http.MethodPut, kind: "manifest", nth: children + 1},
	}
	for name, one := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &recordingProxy{backend: targets, tokens: server}
			one.does = func(w http.ResponseWriter, r *http.Request) bool {
				asks := fmt.Sprintf(`Bearer realm="http://%s/token",service=%q`, f.host, tokenService)
				return refuse(http.StatusUnauthorized, "WWW-Authenticate", asks)(w, r)
			}
			f.intercept = script(one)
			f.open(t)
			source := (&recordingProxy{backend: sources}).open(t)
			// A second repository to read on the target's host gives the run a
			// token for more than one PUT needs.
			targets.putImagesApart(t, "more/"+name, images[:1])
			spec := images[1:].spec(f.host+"/"+name+":all", source.host+"/src/app:%s") +
				fmt.Sprintf("  - image: %s/more/%s-%s:1.0\n", f.host, name, images[0].tag)
			done := login(t, f.host).manifestTool(t, "push", "from-spec", specFile(t, f.host, spec))
			append(images[1:len(images):len(images)], images[0]).wantPushed(t, done, repository{targets, name})
			if again := f.seen.count(http.MethodPut, one.kind, http.StatusUnauthorized); again != 1 {
				t.Errorf("%d PUTs were refused, want 1", again)
			}
		})
	}
}

// TestReadingIsFreeAndWritingIsNot has a registry ask for a password only when
// something is written: the first to learn of it are the PUTs of the tags.
func TestReadingIsFreeAndWritingIsNot(t *testing.T) {
	t.Parallel()
	backend := startPassword(t)
	images := newImageSet(t, ociMedia(), "app")
	backend.putImages(t, "app", images)
	f := (&recordingProxy{backend: backend, intercept: func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			backend.authorize(r)
		}
		return false
	}}).open(t)
	spec := specFile(t, f.host, "tags: [one, two]\n"+images.spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	done := login(t, f.host).manifestTool(t, "push", "from-spec", spec)
	images.wantPushed(t, done, repository{backend, "app"})
	f.seen.wantCount(t, 3, http.MethodPut, "manifest", http.StatusCreated)
	if refused := f.seen.count(http.MethodPut, "manifest", http.StatusUnauthorized); refused < 1 || refused > 3 {
		t.Errorf("%d PUTs were refused, want one for each tag at most", refused)
	}
	for _, r := range f.seen.matching(func(r request) bool { return !r.writes() }) {
		if r.header.Get("Authorization") != "" {
			t.Errorf("%s %s carried a password that nobody asked for", r.method, r.path)
		}
	}
}
