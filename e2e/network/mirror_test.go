//go:build e2e

package network

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// mirrorCase is a registry with a password and its mirrors, all of which note
// what they are asked.
type mirrorCase struct {
	backend, store *registrytest.Registry // what is behind the registry, and behind the mirrors
	registry       *registrytest.RecordingProxy
	session        clitest.Session
	images         fixture.ImageSet
}

// startMirrored starts a registry that has the images, and its mirrors with
// the settings given, before a store that has what put puts there as hub/app.
func startMirrored(t *testing.T, put func(*testing.T, mirrorCase), mirrors ...*registrytest.RecordingProxy) mirrorCase {
	t.Helper()
	c := mirrorCase{backend: registrytest.StartBasic(t), store: registrytest.StartOpen(t), images: fixture.NewImageSet(t, fixture.OCI(), "app")}
	c.backend.PutImages(t, "app", c.images)
	c.backend.Put(t, "app", "all", fixture.NewIndex(t, fixture.OCI(), c.images.Objects()...))
	if put != nil {
		put(t, c)
	}
	c.registry = (&registrytest.RecordingProxy{Backend: c.backend}).Open(t)
	var names []string
	for _, m := range mirrors {
		m.Backend = c.store
		names = append(names, m.Open(t).Host+"/hub")
	}
	c.session = c.user(t, names)
	return c
}

// user is one who is logged in at the registry and has the mirrors in their
// settings.
func (c mirrorCase) user(t *testing.T, mirrors []string) clitest.Session {
	t.Helper()
	s := clitest.WithSettings(t, fmt.Sprintf("registries:\n  - name: %s\n    mirror: [%s]\n", c.registry.Host, strings.Join(mirrors, ", ")))
	s.Env = registrytest.WithLogin(t, c.registry.Host).Env
	return s
}

// sameImages puts what the registry has into the store.
func sameImages(t *testing.T, c mirrorCase) {
	t.Helper()
	c.store.PutImages(t, "hub/app", c.images)
	c.store.Put(t, "hub/app", "all", fixture.NewIndex(t, fixture.OCI(), c.images.Objects()...))
}

// wantHarmless fails the test when a mirror was written to, or was shown a
// credential.
func wantHarmless(t *testing.T, mirrors ...*registrytest.RecordingProxy) {
	t.Helper()
	for _, m := range mirrors {
		m.Seen.WantNoWrites(t)
		for _, r := range m.Seen.All() {
			if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" {
				t.Errorf("the mirror got a credential: %s %s", r.Method, r.Path)
			}
			if r.Method != http.MethodGet {
				t.Errorf("the mirror was asked %s %s", r.Method, r.Path)
			}
		}
	}
}

func TestMirrorIsUsed(t *testing.T) {
	t.Parallel()
	m := &registrytest.RecordingProxy{}
	c := startMirrored(t, sameImages, m)
	got := c.session.Run(t, "inspect", c.registry.Host+"/app:all")
	got.WantCode(t, 0)
	if asked := c.registry.Seen.All(); len(asked) > 0 {
		t.Errorf("the registry was asked too: %d requests", len(asked))
	}
	m.Seen.WantCount(t, 4, http.MethodGet, "manifest", http.StatusOK)
	wantHarmless(t, m)
}

// TestUnusableMirror has the mirror fail in every way.
func TestUnusableMirror(t *testing.T) {
	t.Parallel()
	page := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>welcome</html>")
		return true
	}
	const warning = "is not used: "
	for name, one := range map[string]struct {
		put  func(*testing.T, mirrorCase)
		does registrytest.Interceptor
		// asked is how often the mirror is asked in all.
		asked   int
		warning string
	}{
		"it lacks the image": {nil, nil, 1, ""},
		"it lacks a child": {func(t *testing.T, c mirrorCase) {
			sameImages(t, c)
			c.store.DeleteManifest(t, "hub/app", c.images[0].Image.Digest())
		}, nil, 4, ""},
		"it answers 401":           {sameImages, registrytest.Refuse(http.StatusUnauthorized), 1, ""},
		"it wants a password":      {sameImages, registrytest.Refuse(http.StatusUnauthorized, "WWW-Authenticate", `Basic realm="give it to me"`), 1, ""},
		"it answers 403":           {sameImages, registrytest.Refuse(http.StatusForbidden), 1, ""},
		"it answers 500":           {sameImages, registrytest.Refuse(http.StatusInternalServerError), 1, warning},
		"it answers 503":           {sameImages, registrytest.Refuse(http.StatusServiceUnavailable, "Retry-After", "30"), 1, warning},
		"it answers 429":           {sameImages, registrytest.Refuse(http.StatusTooManyRequests), 1, warning},
		"it is a login page":       {sameImages, page, 1, warning},
		"it breaks the connection": {sameImages, func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, 1, warning},
		"it leads to a loop": {sameImages, func(w http.ResponseWriter, r *http.Request) bool {
			return registrytest.Refuse(http.StatusTemporaryRedirect, "Location", r.URL.Path)(w, r)
		}, 6, warning},
		"it sends another manifest": {sameImages, registrytest.Script(registrytest.Rule{Kind: "manifest", Nth: 2, Then: func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", fixture.OCI().Manifest)
			fmt.Fprint(w, `{"schemaVersion":2,"config":{},"layers":[]}`)
			return true
		}}), 0, warning},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &registrytest.RecordingProxy{Intercept: one.does}
			c := startMirrored(t, one.put, m)
			direct := registrytest.WithLogin(t, c.registry.Host).Run(t, "inspect", c.registry.Host+"/app:all")
			direct.WantCode(t, 0)
			done := c.session.Run(t, "inspect", c.registry.Host+"/app:all")
			done.WantCode(t, 0)
			clitest.WantText(t, "the inspection", direct.Stdout, done.Stdout)
			wantHarmless(t, m)
			if n := len(m.Seen.All()); one.asked > 0 && n > one.asked || n == 0 {
				t.Errorf("the mirror was asked %d times, want %d", n, one.asked)
			}
			if got := strings.Count(done.Stderr, "warning: mirror "+m.Host+"/hub "+one.warning); one.warning != "" && got != 1 || one.warning == "" && done.Stderr != "" {
				t.Errorf("stderr, want the warning %q once:\n%s", one.warning, done.Stderr)
			}
		})
	}
}

// TestMirrorOrder has one that is down, one that lacks the image, one that has
// it, and one that is not needed.
func TestMirrorOrder(t *testing.T) {
	t.Parallel()
	lacks, has, spare := &registrytest.RecordingProxy{Intercept: registrytest.Refuse(http.StatusNotFound)}, &registrytest.RecordingProxy{}, &registrytest.RecordingProxy{}
	c := startMirrored(t, sameImages, lacks, has, spare)
	gone := registrytest.ClosedPort(t)
	s := c.user(t, []string{gone, lacks.Host + "/hub", has.Host + "/hub", spare.Host + "/hub"})
	done := s.Run(t, "inspect", c.registry.Host+"/app:all")
	done.WantCode(t, 0)
	done.WantStderr(t, "warning: mirror "+gone+" is not used: ", "connection refused")
	for name, f := range map[string]struct {
		front *registrytest.RecordingProxy
		want  int
	}{"the one that lacks it": {lacks, 1}, "the one that has it": {has, 4}, "the spare one": {spare, 0}, "the registry": {c.registry, 0}} {
		if got := len(f.front.Seen.All()); got != f.want {
			t.Errorf("%s was asked %d times, want %d", name, got, f.want)
		}
	}
	wantHarmless(t, lacks, has, spare)
}

// TestPushCopiesFromMirror has a mirror whose tags are behind: the push takes
// its sources' digests from the registry.
func TestPushCopiesFromMirror(t *testing.T) {
	t.Parallel()
	m := &registrytest.RecordingProxy{}
	c := startMirrored(t, func(t *testing.T, c mirrorCase) {
		for _, one := range c.images {
			c.store.Put(t, "hub/app", "", one.Image)
		}
		c.store.PutImages(t, "hub/app", fixture.NewImageSet(t, fixture.OCI(), "old app"))
	}, m)
	target := registrytest.StartOpen(t)
	spec := clitest.WriteSpec(t, target.Host, c.images.Spec("REGISTRY/copy:all", c.registry.Host+"/app:%s"))
	c.images.WantPushed(t, c.session.Run(t, "push", "from-spec", spec), target.Repository("copy"))
	wantHarmless(t, m)
	c.registry.Seen.WantNoWrites(t)
	if tags := m.Seen.Matching(func(r registrytest.Request) bool { return r.Kind == "manifest" && !strings.Contains(r.Ref, ":") }); len(tags) > 0 {
		t.Errorf("the mirror was asked for tags: %v", tags)
	}
	fromMirror := m.Seen.Matching(func(r registrytest.Request) bool { return r.Kind == "blob" })
	fromRegistry := c.registry.Seen.Matching(func(r registrytest.Request) bool { return r.Kind == "blob" })
	if len(fromMirror) == 0 || len(fromRegistry) != 0 {
		t.Errorf("%d blobs came from the mirror, %d from the registry", len(fromMirror), len(fromRegistry))
	}
}

// TestPushToMirroredRegistry pushes into the repository that the mirror says it
// has, with other images under its tags.
func TestPushToMirroredRegistry(t *testing.T) {
	t.Parallel()
	m := &registrytest.RecordingProxy{}
	c := startMirrored(t, func(t *testing.T, c mirrorCase) {
		c.store.PutImages(t, "hub/app", fixture.NewImageSet(t, fixture.OCI(), "old app"))
	}, m)
	present, _ := c.backend.Manifest(t, "app", "all")
	spec := clitest.WriteSpec(t, c.registry.Host, c.images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	done := c.session.Run(t, "push", "--expect", present.Digest.String(), "--confirm", "from-spec", spec)
	c.images.WantPushed(t, done, c.backend.Repository("app"))
	if asked := m.Seen.All(); len(asked) > 0 {
		t.Errorf("the mirror was asked: %v", asked)
	}
}

// TestMirrorWithWrongBlob flips a byte of every layer.
func TestMirrorWithWrongBlob(t *testing.T) {
	t.Parallel()
	m := &registrytest.RecordingProxy{Rewrite: func(resp *http.Response) {
		if _, kind, _ := registrytest.SplitPath(resp.Request.URL.Path); kind == "blob" && resp.StatusCode == http.StatusOK {
			registrytest.ReplaceBody(resp, slices.Repeat([]byte("x"), int(resp.ContentLength)))
		}
	}}
	c := startMirrored(t, sameImages, m)
	target := registrytest.StartOpen(t)
	spec := clitest.WriteSpec(t, target.Host, c.images.Spec("REGISTRY/copy:all", c.registry.Host+"/app:%s"))
	done := c.session.Run(t, "push", "from-spec", spec)
	done.WantCode(t, 1)
	done.WantStderr(t, "the bytes received from "+m.Host+" have another digest")
	target.WantAbsent(t, "copy", "all")
}
