//go:build e2e

package assemble

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFloating_ListedOnce has three versions of one repository in a run: its tags are
// listed once.
func TestFloating_ListedOnce(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	front := (&registrytest.RecordingProxy{Backend: g}).Open(t)
	var documents []string
	for _, version := range []string{"1.0.0", "1.1.0", "2.0.0"} {
		documents = append(documents, "annotations: {v: '"+version+"'}\n"+images.Spec("REGISTRY/app:"+version, "REGISTRY/app:%s"))
	}
	spec := clitest.WriteSpec(t, front.Host, strings.Join(documents, "---\n"))
	done := clitest.Run(t, "push", "from-spec", "--floating", "major,latest", spec)
	digests := done.PushedDigests(t)
	for tag, i := range map[string]int{"1": 1, "2": 2, "latest": 2} {
		stored, _ := g.Manifest(t, "app", tag)
		clitest.WantText(t, tag, digests[i].String(), stored.Digest.String())
	}
	front.Seen.WantCount(t, 1, http.MethodGet, "tags", 0)
}

// TestWait_Shared has three indexes of a run wait for one image: it is asked for as often
// as for one index, and read once.
func TestWait_Shared(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images[:1])
	var looks atomic.Int32
	front := (&registrytest.RecordingProxy{Backend: g, Intercept: func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/manifests/"+images[1].Tag) && looks.Add(1) == 3 {
			g.PutImages(t, "app", images[1:])
		}
		return false
	}}).Open(t)
	var documents []string
	for i := range 3 {
		documents = append(documents, fmt.Sprintf("annotations: {n: '%d'}\n", i)+images[:2].Spec(fmt.Sprintf("REGISTRY/app:all%d", i), "REGISTRY/app:%s"))
	}
	done := clitest.Run(t, "push", "from-spec", "--wait", "1m", clitest.WriteSpec(t, front.Host, strings.Join(documents, "---\n")))
	if n := len(done.PushedDigests(t)); n != 3 {
		t.Errorf("%d digests", n)
	}
	if n := looks.Load(); n != 3 {
		t.Errorf("the image was asked for %d times, want 3", n)
	}
	if n := strings.Count(done.Stderr, "is not there yet"); n != 2 {
		t.Errorf("%d lines, want 2: %s", n, done.Stderr)
	}
	// One that never comes is awaited once, too.
	documents = nil
	for i := range 2 {
		documents = append(documents, fmt.Sprintf("image: REGISTRY/app:n%d\nmanifests: [{image: 'REGISTRY/app:never'}]\n", i))
	}
	clitest.Run(t, "push", "from-spec", "--wait", "1s", clitest.WriteSpec(t, front.Host, strings.Join(documents, "---\n"))).WantCode(t, 1)
	never := front.Seen.Matching(func(r registrytest.Request) bool { return r.Ref == "never" })
	if len(never) != 2 {
		t.Errorf("the image that never came was asked for %d times, want 2", len(never))
	}
}

// TestConverge_Replaced has an image replaced under its tag while an index of the old one
// is pushed: the index has the new one in the end. The look costs one HEAD for each image.
func TestConverge_Replaced(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	newer := fixture.NewImageSet(t, fixture.OCI(), "newer")
	var puts atomic.Int32
	var replaces atomic.Bool
	front := (&registrytest.RecordingProxy{Backend: g, Intercept: func(_ http.ResponseWriter, r *http.Request) bool {
		if replaces.Load() && r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/manifests/all") && puts.Add(1) == 1 {
			g.PutImages(t, "app", newer[1:2])
		}
		return false
	}}).Open(t)
	spec := clitest.WriteSpec(t, front.Host, images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	first := clitest.Run(t, "push", "from-spec", "--ignore-missing", "--converge", spec).PushedDigest(t)
	heads := front.Seen.Count(http.MethodHead, "manifest", 0)
	if want := len(images) + 2; heads != want { // and the tag before and after
		t.Errorf("%d HEAD requests, want %d", heads, want)
	}
	replaces.Store(true)
	clitest.Run(t, "push", "from-spec", "--ignore-missing", "--converge", "--always", spec).WantCode(t, 0)
	now, _ := g.Manifest(t, "app", "all")
	if now.Digest == first || puts.Load() != 2 {
		t.Errorf("the tag has %s, and was put %d times", now.Digest, puts.Load())
	}
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("app"), now.Digest), images[0].Image, newer[1].Image, images[2].Image)
}
