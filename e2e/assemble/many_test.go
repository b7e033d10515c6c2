//go:build e2e

package assemble

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

// TestManyIndexes pushes 500 indexes of five images in one run, three of which lack an
// image: the others are written. The requests are the fewest there can be: each image
// and its config once, one look at each tag and one PUT of it, one token.
func TestManyIndexes(t *testing.T) {
	t.Parallel()
	const documents, sets, missing = 500, 10, 3
	g, seen := registrytest.StartToken(t)
	s := registrytest.WithLogin(t, g.Host)
	images := fixture.NewLargeImageSet(t, 5*sets)
	g.PutImages(t, "app", images)
	before := len(seen.Matching(func(registrytest.Request) bool { return true }))
	var all []string
	for i := range documents {
		set := images[i%sets*5:][:5]
		text := fmt.Sprintf("annotations: {n: '%d'}\n", i) + set.Spec(fmt.Sprintf("REGISTRY/app:v%d", i), "REGISTRY/app:%s")
		if i >= documents-missing {
			text += fmt.Sprintf("  - image: REGISTRY/app:none%d\n", i)
		}
		all = append(all, text)
	}
	spec := clitest.WriteSpec(t, g.Host, strings.Join(all, "---\n"))
	used, done := clitest.PeakMemoryOf(t, s, "push", "from-spec", spec)
	done.WantCode(t, 4)
	if n := len(done.PushedDigests(t)); n != documents-missing {
		t.Errorf("%d digests printed, want %d", n, documents-missing)
	}
	if n := strings.Count(done.Stderr, "  failed: "); n != missing || !strings.Contains(done.Stderr, "3 of 500 indexes were not pushed") {
		t.Errorf("%d failures listed, want %d: %s", n, missing, clitest.Tail(done.Stderr))
	}
	if limit := int64(64 << 10); used > limit {
		t.Errorf("%d KiB of memory, at most %d are allowed", used, limit)
	}
	t.Logf("%d KiB of memory", used)
	requests := seen.Matching(func(registrytest.Request) bool { return true })[before:]
	got := map[string]int{}
	for _, r := range requests {
		if r.Status == http.StatusUnauthorized { // it asks for the token
			got["challenge"]++
			continue
		}
		got[r.Method+" "+r.Kind]++
	}
	want := map[string]int{
		"HEAD manifest": documents, "GET manifest": 5*sets + missing, "GET blob": 5 * sets, "PUT manifest": documents - missing,
		"GET token": 1, "challenge": 1,
	}
	for kind, n := range want {
		if got[kind] != n {
			t.Errorf("%d times %s, want %d", got[kind], kind, n)
		}
	}
	t.Logf("requests %v", got)
	if slices.ContainsFunc(requests, func(r registrytest.Request) bool { return r.Method == http.MethodPost }) {
		t.Error("a blob was uploaded")
	}
}

// TestFailFast: nothing is written if one of the documents cannot be planned.
func TestFailFast(t *testing.T) {
	t.Parallel()
	g, seen := registrytest.StartToken(t)
	s := registrytest.WithLogin(t, g.Host)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	before := len(seen.Matching(registrytest.Request.IsWrite))
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:1", "REGISTRY/app:%s")+"---\nimage: REGISTRY/app:2\nmanifests: [{image: 'REGISTRY/app:none'}]\n")
	done := s.Run(t, "push", "from-spec", "--fail-fast", spec)
	done.WantCode(t, 1)
	if n := len(seen.Matching(registrytest.Request.IsWrite)) - before; n != 0 {
		t.Errorf("%d requests that write", n)
	}
	clitest.WantLines(t, done.Stderr, "  "+g.Host+"/app:1  not tried")
	done = s.Run(t, "push", "from-spec", spec)
	done.WantCode(t, 4)
	clitest.WantLines(t, done.Stderr, "  "+g.Host+"/app:1  written")
}

// TestDocumentsThatReadEachOther: all sources are read before the first index is
// written, whichever document is faster.
func TestDocumentsThatReadEachOther(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	first := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, images[:1].Spec("REGISTRY/app:all", "REGISTRY/app:%s"))).PushedDigest(t)
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:all", "REGISTRY/app:%s")+
		"---\nimage: REGISTRY/app:before\nmanifests: [{image: 'REGISTRY/app:all'}]\n")
	digests := clitest.Run(t, "push", "from-spec", spec).PushedDigests(t)
	if len(digests) != 2 || digests[1] != first {
		t.Errorf("digests %v, want %s second", digests, first)
	}
}
