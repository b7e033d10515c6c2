//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// loadFixtures stores the images and indexes that the predecessor was recorded
// with and returns their names.
func loadFixtures(t *testing.T, g *registry) []string {
	t.Helper()
	recorded := readRecord(t)
	g.PutRecording(t, recorded)
	var names []string
	for _, m := range recorded.Manifests {
		if !strings.HasPrefix(m.Reference, "sha256:") {
			names = append(names, g.Host+"/"+m.Repository+":"+m.Reference)
		}
	}
	for _, layout := range []string{"linux-amd64", "linux-arm64", "linux-armv7", "windows-amd64"} {
		names = append(names, "oci-layout://"+repoPath("testdata", "layouts", layout)+":1.0")
	}
	return names
}

// TestAskedDataOfEveryFixture asks all questions about all that is recorded,
// and holds the answers to the schemas.
func TestAskedDataOfEveryFixture(t *testing.T) {
	t.Parallel()
	names := loadFixtures(t, startOpen(t))
	if len(names) < 10 {
		t.Fatalf("only %d fixtures: %q", len(names), names)
	}
	all := session{Stdin: strings.Join(names, "\n")}.Run(t, "query", "--output", "json")
	wantSchema(t, "query", all.Stdout)
	if n := strings.Count(all.Stdout, `"schema": "query/v1"`); n != len(names) {
		t.Errorf("%d results for %d names: %s", n, len(names), all.Stderr)
	}
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			found := manifestTool(t, "resolve", "--output", "json", "--platform", "linux/arm64,windows/amd64:10.0.20348", name)
			if found.Code != 0 && found.Code != 3 {
				t.Fatalf("exit code %d: %s", found.Code, found.Stderr)
			}
			wantSchema(t, "resolve", found.Stdout)
			differ := manifestTool(t, "diff", "--output", "json", name, names[(i+1)%len(names)])
			if differ.Code != 0 && differ.Code != 3 {
				t.Fatalf("exit code %d: %s", differ.Code, differ.Stderr)
			}
			wantSchema(t, "diff", differ.Stdout)
		})
	}
}

// TestQueryOfTwoThousandReferences asks about many images of one registry
// through a pipe. Connections are shared, failures stand in their place.
func TestQueryOfTwoThousandReferences(t *testing.T) {
	t.Parallel()
	backend := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	index := newIndex(t, ociMedia(), images.Objects()...)
	backend.Put(t, "app", "all", index)
	backend.PutImages(t, "app", images)
	var flying, most atomic.Int32
	f := (&recordingProxy{Backend: backend, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
		defer flying.Add(-1)
		for n, old := flying.Add(1), most.Load(); n > old; old = most.Load() {
			most.CompareAndSwap(old, n)
		}
		if strings.HasSuffix(r.URL.Path, "/manifests/broken") {
			http.Error(w, "{}", http.StatusForbidden)
			return true
		}
		return false
	}}).Open(t)

	const count = 2000
	kinds := []string{f.Host + "/app:all", f.Host + "/app:amd64", f.Host + "/app:none", f.Host + "/app:broken"}
	var lines []string
	for i := range count {
		lines = append(lines, kinds[i%len(kinds)])
	}
	done := session{Stdin: strings.Join(lines, "\n")}.Run(t, "query", "--output", "template={{.Name}} {{len .Platforms}}")
	done.WantCode(t, 1)
	done.WantStderr(t, "1000 of 2000 images could not be read")
	if n := strings.Count(done.Stderr, "\nERROR: "+kinds[2]) + strings.Count("\n"+done.Stderr, "\nERROR: "+kinds[3]); n < 999 {
		t.Errorf("%d failures are reported", n)
	}
	want := strings.Repeat(kinds[0]+" 3\n"+kinds[1]+" 1\n", count/len(kinds))
	if done.Stdout != want {
		t.Errorf("the answers are not in the order of the questions:\n%.300s", done.Stdout)
	}
	if _, open := f.Conns.Count(); open > 32 {
		t.Errorf("%d connections at once", open)
	}
	if most.Load() > 32 {
		t.Errorf("%d requests at once", most.Load())
	}
}

// TestQueryOutputIsTheMqueryOne holds the text against the words of mquery.
func TestQueryOutputIsTheMqueryOne(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	index, images, _ := attestedPair(t)
	g.Put(t, "app", "latest", index)
	g.Put(t, "app", "one", images[1])
	done := manifestTool(t, "query", g.Host+"/app", g.Host+"/app:one")
	done.WantCode(t, 0)
	wantText(t, "stdout", fmt.Sprintf(`Image: %[1]s/app (digest: %[2]s)
 * Manifest List: Yes (Image type: application/vnd.oci.image.index.v1+json)
 * Supported platforms:
   - linux/amd64
   - linux/arm64

Image: %[1]s/app:one (digest: %[3]s)
 * Manifest List: No (Image type: application/vnd.oci.image.manifest.v1+json)
 * Supports: linux/arm64

`, g.Host, index.Digest(), images[1].Digest()), done.Stdout)
}

// TestDiffBetweenPlaces compares a registry with another one and with a layout.
func TestDiffBetweenPlaces(t *testing.T) {
	t.Parallel()
	here, there := startOpen(t), startOpen(t)
	old, fresh := newImageSet(t, ociMedia(), "old"), newImageSet(t, ociMedia(), "new")
	here.Put(t, "app", "1", newIndex(t, ociMedia(), old.Objects()...))
	there.Put(t, "copy", "1", newIndex(t, ociMedia(), old.Objects()...))
	layout := writeLayout(t, map[string]object{"2": newIndex(t, ociMedia(), old[0].Image, fresh[1].Image)})

	manifestTool(t, "diff", here.Host+"/app:1", there.Host+"/copy:1").WantCode(t, 0)
	done := manifestTool(t, "diff", here.Host+"/app:1", "oci-layout://"+string(layout)+":2")
	done.WantCode(t, 3)
	wantLines(t, done.Stdout,
		" * Entries: 0 added, 1 removed, 1 changed, 1 equal",
		"   = linux/amd64 "+old[0].Image.Digest().String(),
		"   ~ linux/arm64/v8 "+old[1].Image.Digest().String()+" -> "+fresh[1].Image.Digest().String(),
		"   - linux/arm/v7 "+old[2].Image.Digest().String())
	manifestTool(t, "diff", "--platform", "linux/amd64", here.Host+"/app:1", "oci-layout://"+string(layout)+":2").WantCode(t, 0)
}

// TestAskOfOddIndexes asks about what is legal and seldom: no entries, no
// platforms, a nested index, ten thousand entries, escape sequences.
func TestAskOfOddIndexes(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	image := newImage(t, ociMedia(), "odd", platform("linux/riscv64"), 1)
	image.Platform = nil
	nested := newIndex(t, ociMedia(), image)
	g.Put(t, "odd", "empty", newIndex(t, ociMedia()))
	g.Put(t, "odd", "undeclared", newIndex(t, ociMedia(), image))
	g.Put(t, "odd", "nested", newIndex(t, ociMedia(), nested))
	noted := newImage(t, ociMedia(), "noted", platform("linux/amd64"), 1)
	noted.Annotations = map[string]string{"evil": "\x1b[2J\x1b]0;owned\a", "\x1b[31m": "x"}
	g.Put(t, "odd", "noted", newIndex(t, ociMedia(), noted))
	clean := noted
	clean.Annotations = nil
	g.Put(t, "odd", "clean", newIndex(t, ociMedia(), clean))

	empty := manifestTool(t, "resolve", g.Host+"/odd:empty")
	empty.WantCode(t, 3)
	for _, tag := range []string{"undeclared", "nested"} {
		found := manifestTool(t, "resolve", "--digest", "--platform", "linux/riscv64", g.Host+"/odd:"+tag)
		found.WantCode(t, 0)
		wantText(t, "stdout", image.Digest().String()+"\n", found.Stdout)
		manifestTool(t, "resolve", "--platform", "linux/amd64", g.Host+"/odd:"+tag).WantCode(t, 3)
		wantLines(t, manifestTool(t, "query", g.Host+"/odd:"+tag).Stdout, "   - (no platform)")
	}
	differ := manifestTool(t, "diff", g.Host+"/odd:clean", g.Host+"/odd:noted")
	differ.WantCode(t, 3)
	wantLines(t, differ.Stdout, `       + annotations[evil]: "\x1b[2J\x1b]0;owned\x07"`)
	if strings.Contains(differ.Stdout+differ.Stderr, "\x1b") {
		t.Errorf("an escape sequence came through: %q", differ.Stdout)
	}
}

// TestAskOfTenThousandEntries asks about an index of 10 001 entries.
func TestAskOfTenThousandEntries(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	image := newImage(t, ociMedia(), "many", platform("windows/amd64:10.0.17763.1"), 1)
	g.Put(t, "many", "one", image)
	index := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: slices.Repeat([]ocispec.Descriptor{image.Descriptor()}, 10_000)}
	index.SchemaVersion = 2
	last := image.Descriptor()
	at := platform("linux/s390x")
	last.Platform = &at
	index.Manifests = append(index.Manifests, last)
	g.PutManifest(t, "many", "all", ocispec.MediaTypeImageIndex, encode(t, index))

	queried := manifestTool(t, "query", "--has", "linux/s390x", g.Host+"/many:all")
	queried.WantCode(t, 0)
	if n := strings.Count(queried.Stdout, "   - windows/amd64:10.0.17763.1\n"); n != 10_000 {
		t.Errorf("%d platforms", n)
	}
	found := manifestTool(t, "resolve", "--platform", "linux/s390x", g.Host+"/many:all")
	found.WantCode(t, 0)
	wantLines(t, found.Stdout, fmt.Sprintf("   - [10001] linux/s390x %s chosen: it is for this platform", image.Digest()))
	manifestTool(t, "diff", g.Host+"/many:all", g.Host+"/many:all").WantCode(t, 0)
}
