//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// mirrorCase is a registry with a password and its mirrors, all of which note
// what they are asked.
type mirrorCase struct {
	backend, store *registry // what is behind the registry, and behind the mirrors
	registry       *recordingProxy
	session        session
	images         imageSet
}

// startMirrored starts a registry that has the images, and its mirrors with
// the settings given, before a store that has what put puts there as hub/app.
func startMirrored(t *testing.T, put func(*testing.T, mirrorCase), mirrors ...*recordingProxy) mirrorCase {
	t.Helper()
	c := mirrorCase{backend: startPassword(t), store: startOpen(t), images: newImageSet(t, ociMedia(), "app")}
	c.backend.putImages(t, "app", c.images)
	c.backend.put(t, "app", "all", newIndex(t, ociMedia(), c.images.images()...))
	if put != nil {
		put(t, c)
	}
	c.registry = (&recordingProxy{backend: c.backend}).open(t)
	var names []string
	for _, m := range mirrors {
		m.backend = c.store
		names = append(names, m.open(t).host+"/hub")
	}
	c.session = c.user(t, names)
	return c
}

// user is one who is logged in at the registry and has the mirrors in their
// settings.
func (c mirrorCase) user(t *testing.T, mirrors []string) session {
	t.Helper()
	s := settings(t, fmt.Sprintf("registries:\n  - name: %s\n    mirror: [%s]\n", c.registry.host, strings.Join(mirrors, ", ")))
	s.env = login(t, c.registry.host).env
	return s
}

// sameImages puts what the registry has into the store.
func sameImages(t *testing.T, c mirrorCase) {
	t.Helper()
	c.store.putImages(t, "hub/app", c.images)
	c.store.put(t, "hub/app", "all", newIndex(t, ociMedia(), c.images.images()...))
}

// wantHarmless fails the test when a mirror was written to, or was shown a
// credential.
func wantHarmless(t *testing.T, mirrors ...*recordingProxy) {
	t.Helper()
	for _, m := range mirrors {
		m.seen.wantNoWrites(t)
		for _, r := range m.seen.all() {
			if r.header.Get("Authorization") != "" || r.header.Get("Cookie") != "" {
				t.Errorf("the mirror got a credential: %s %s", r.method, r.path)
			}
			if r.method != http.MethodGet {
				t.Errorf("the mirror was asked %s %s", r.method, r.path)
			}
		}
	}
}

func TestAMirrorThatHasTheImageIsReadInPlaceOfTheRegistry(t *testing.T) {
	t.Parallel()
	m := &recordingProxy{}
	c := startMirrored(t, sameImages, m)
	got := c.session.manifestTool(t, "inspect", c.registry.host+"/app:all")
	got.wantCode(t, 0)
	if asked := c.registry.seen.all(); len(asked) > 0 {
		t.Errorf("the registry was asked too: %d requests", len(asked))
	}
	m.seen.wantCount(t, 4, http.MethodGet, "manifest", http.StatusOK)
	wantHarmless(t, m)
}

// TestAMirrorOfNoUseIsPassedBy has the mirror fail in every way.
func TestAMirrorOfNoUseIsPassedBy(t *testing.T) {
	t.Parallel()
	page := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>welcome</html>")
		return true
	}
	const warning = "is not used: "
	for name, one := range map[string]struct {
		put  func(*testing.T, mirrorCase)
		does interceptor
		// asked is how often the mirror is asked in all.
		asked   int
		warning string
	}{
		"it lacks the image": {nil, nil, 1, ""},
		"it lacks a child": {func(t *testing.T, c mirrorCase) {
			sameImages(t, c)
			c.store.deleteManifest(t, "hub/app", c.images[0].image.digest())
		}, nil, 4, ""},
		"it answers 401":           {sameImages, refuse(http.StatusUnauthorized), 1, ""},
		"it wants a password":      {sameImages, refuse(http.StatusUnauthorized, "WWW-Authenticate", `Basic realm="give it to me"`), 1, ""},
		"it answers 403":           {sameImages, refuse(http.StatusForbidden), 1, ""},
		"it answers 500":           {sameImages, refuse(http.StatusInternalServerError), 1, warning},
		"it answers 503":           {sameImages, refuse(http.StatusServiceUnavailable, "Retry-After", "30"), 1, warning},
		"it answers 429":           {sameImages, refuse(http.StatusTooManyRequests), 1, warning},
		"it is a login page":       {sameImages, page, 1, warning},
		"it breaks the connection": {sameImages, func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, 1, warning},
		"it leads to a loop": {sameImages, func(w http.ResponseWriter, r *http.Request) bool {
			return refuse(http.StatusTemporaryRedirect, "Location", r.URL.Path)(w, r)
		}, 6, warning},
		"it sends another manifest": {sameImages, script(fault{kind: "manifest", nth: 2, does: func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", ociMedia().manifest)
			fmt.Fprint(w, `{"schemaVersion":2,"config":{},"layers":[]}`)
			return true
		}}), 0, warning},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &recordingProxy{intercept: one.does}
			c := startMirrored(t, one.put, m)
			direct := login(t, c.registry.host).manifestTool(t, "inspect", c.registry.host+"/app:all")
			direct.wantCode(t, 0)
			done := c.session.manifestTool(t, "inspect", c.registry.host+"/app:all")
			done.wantCode(t, 0)
			wantText(t, "the inspection", direct.stdout, done.stdout)
			wantHarmless(t, m)
			if n := len(m.seen.all()); one.asked > 0 && n > one.asked || n == 0 {
				t.Errorf("the mirror was asked %d times, want %d", n, one.asked)
			}
			if got := strings.Count(done.stderr, "warning: mirror "+m.host+"/hub "+one.warning); one.warning != "" && got != 1 || one.warning == "" && done.stderr != "" {
				t.Errorf("stderr, want the warning %q once:\n%s", one.warning, done.stderr)
			}
		})
	}
}

// TestMirrorsAreReadInTheirOrder has one that is down, one that lacks the
// image, one that has it, and one that is not needed.
func TestMirrorsAreReadInTheirOrder(t *testing.T) {
	t.Parallel()
	lacks, has, spare := &recordingProxy{intercept: refuse(http.StatusNotFound)}, &recordingProxy{}, &recordingProxy{}
	c := startMirrored(t, sameImages, lacks, has, spare)
	gone := listen(t)
	must(t, gone.Close())
	s := c.user(t, []string{gone.Addr().String(), lacks.host + "/hub", has.host + "/hub", spare.host + "/hub"})
	done := s.manifestTool(t, "inspect", c.registry.host+"/app:all")
	done.wantCode(t, 0)
	done.wantStderr(t, "warning: mirror "+gone.Addr().String()+" is not used: ", "connection refused")
	for name, f := range map[string]struct {
		front *recordingProxy
		want  int
	}{"the one that lacks it": {lacks, 1}, "the one that has it": {has, 4}, "the spare one": {spare, 0}, "the registry": {c.registry, 0}} {
		if got := len(f.front.seen.all()); got != f.want {
			t.Errorf("%s was asked %d times, want %d", name, got, f.want)
		}
	}
	wantHarmless(t, lacks, has, spare)
}

// TestAPushCopiesFromAMirrorWhatItKnowsByDigest has a mirror whose tags are
// behind: the push takes its sources' digests from the registry.
func TestAPushCopiesFromAMirrorWhatItKnowsByDigest(t *testing.T) {
	t.Parallel()
	m := &recordingProxy{}
	c := startMirrored(t, func(t *testing.T, c mirrorCase) {
		for _, one := range c.images {
			c.store.put(t, "hub/app", "", one.image)
		}
		c.store.putImages(t, "hub/app", newImageSet(t, ociMedia(), "old app"))
	}, m)
	target := startOpen(t)
	spec := specFile(t, target.host, c.images.spec("REGISTRY/copy:all", c.registry.host+"/app:%s"))
	c.images.wantPushed(t, c.session.manifestTool(t, "push", "from-spec", spec), repository{target, "copy"})
	wantHarmless(t, m)
	c.registry.seen.wantNoWrites(t)
	if tags := m.seen.matching(func(r request) bool { return r.kind == "manifest" && !strings.Contains(r.ref, ":") }); len(tags) > 0 {
		t.Errorf("the mirror was asked for tags: %v", tags)
	}
	fromMirror := m.seen.matching(func(r request) bool { return r.kind == "blob" })
	fromRegistry := c.registry.seen.matching(func(r request) bool { return r.kind == "blob" })
	if len(fromMirror) == 0 || len(fromRegistry) != 0 {
		t.Errorf("%d blobs came from the mirror, %d from the registry", len(fromMirror), len(fromRegistry))
	}
}

// TestAPushToAMirroredRegistryLooksAtTheRegistry pushes into the repository
// that the mirror says it has, with other images under its tags.
func TestAPushToAMirroredRegistryLooksAtTheRegistry(t *testing.T) {
	t.Parallel()
	m := &recordingProxy{}
	c := startMirrored(t, func(t *testing.T, c mirrorCase) {
		c.store.putImages(t, "hub/app", newImageSet(t, ociMedia(), "old app"))
	}, m)
	present, _ := c.backend.manifest(t, "app", "all")
	spec := specFile(t, c.registry.host, c.images.spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	done := c.session.manifestTool(t, "push", "--expect", present.Digest.String(), "--confirm", "from-spec", spec)
	c.images.wantPushed(t, done, repository{c.backend, "app"})
	if asked := m.seen.all(); len(asked) > 0 {
		t.Errorf("the mirror was asked: %v", asked)
	}
}

// TestAMirrorThatLiesAboutABlobIsNamed flips a byte of every layer.
func TestAMirrorThatLiesAboutABlobIsNamed(t *testing.T) {
	t.Parallel()
	m := &recordingProxy{rewrite: func(resp *http.Response) {
		if _, kind, _ := splitPath(resp.Request.URL.Path); kind == "blob" && resp.StatusCode == http.StatusOK {
			replaceBody(resp, slices.Repeat([]byte("x"), int(resp.ContentLength)))
		}
	}}
	c := startMirrored(t, sameImages, m)
	target := startOpen(t)
	spec := specFile(t, target.host, c.images.spec("REGISTRY/copy:all", c.registry.host+"/app:%s"))
	done := c.session.manifestTool(t, "push", "from-spec", spec)
	done.wantCode(t, 1)
	done.wantStderr(t, "the bytes received from "+m.host+" have another digest")
	target.wantAbsent(t, "copy", "all")
}
