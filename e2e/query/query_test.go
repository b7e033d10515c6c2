//go:build e2e

package query

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// loadFixtures stores the images and indexes that the predecessor was recorded
// with and returns their names.
func loadFixtures(t *testing.T, g *registrytest.Registry) []string {
	t.Helper()
	recorded := fixture.ReadRecording(t)
	g.PutRecording(t, recorded)
	var names []string
	for _, m := range recorded.Manifests {
		if !strings.HasPrefix(m.Reference, "sha256:") {
			names = append(names, g.Host+"/"+m.Repository+":"+m.Reference)
		}
	}
	for _, layout := range []string{"linux-amd64", "linux-arm64", "linux-armv7", "windows-amd64"} {
		names = append(names, "oci-layout://"+clitest.RepoPath("testdata", "layouts", layout)+":1.0")
	}
	return names
}

// TestDataOfEachRecordedImage asks all questions about all that is recorded,
// and holds the answers to the schemas.
func TestDataOfEachRecordedImage(t *testing.T) {
	t.Parallel()
	names := loadFixtures(t, registrytest.StartOpen(t))
	if len(names) < 10 {
		t.Fatalf("only %d fixtures: %q", len(names), names)
	}
	all := clitest.Session{Stdin: strings.Join(names, "\n")}.Run(t, "query", "--output", "json")
	clitest.WantSchema(t, "query", all.Stdout)
	if n := strings.Count(all.Stdout, `"schema": "query/v1"`); n != len(names) {
		t.Errorf("%d results for %d names: %s", n, len(names), all.Stderr)
	}
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			found := clitest.Run(t, "resolve", "--output", "json", "--platform", "linux/arm64,windows/amd64:10.0.20348", name)
			if found.Code != 0 && found.Code != 3 {
				t.Fatalf("exit code %d: %s", found.Code, found.Stderr)
			}
			clitest.WantSchema(t, "resolve", found.Stdout)
			differ := clitest.Run(t, "diff", "--output", "json", name, names[(i+1)%len(names)])
			if differ.Code != 0 && differ.Code != 3 {
				t.Fatalf("exit code %d: %s", differ.Code, differ.Stderr)
			}
			clitest.WantSchema(t, "diff", differ.Stdout)
		})
	}
}

// TestQueryTwoThousandReferences asks about many images of one registry through
// a pipe. Connections are shared, failures stand in their place.
func TestQueryTwoThousandReferences(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	index := fixture.NewIndex(t, fixture.OCI(), images.Objects()...)
	backend.Put(t, "app", "all", index)
	backend.PutImages(t, "app", images)
	var flying, most atomic.Int32
	f := (&registrytest.RecordingProxy{Backend: backend, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
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
	done := clitest.Session{Stdin: strings.Join(lines, "\n")}.Run(t, "query", "--output", "template={{.Name}} {{len .Platforms}}")
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

// TestQueryOutputOfMquery holds the text against the words of mquery.
func TestQueryOutputOfMquery(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	index, images, _ := fixture.NewAttestedIndex(t)
	g.Put(t, "app", "latest", index)
	g.Put(t, "app", "one", images[1])
	done := clitest.Run(t, "query", g.Host+"/app", g.Host+"/app:one")
	done.WantCode(t, 0)
	clitest.WantText(t, "stdout", fmt.Sprintf(`Image: %[1]s/app (digest: %[2]s)
 * Manifest List: Yes (Image type: application/vnd.oci.image.index.v1+json)
 * Supported platforms:
   - linux/amd64
   - linux/arm64

Image: %[1]s/app:one (digest: %[3]s)
 * Manifest List: No (Image type: application/vnd.oci.image.manifest.v1+json)
 * Supports: linux/arm64

`, g.Host, index.Digest(), images[1].Digest()), done.Stdout)
}

// TestDiffBetweenRegistryAndLayout compares a registry with another one and
// with a layout.
func TestDiffBetweenRegistryAndLayout(t *testing.T) {
	t.Parallel()
	here, there := registrytest.StartOpen(t), registrytest.StartOpen(t)
	old, fresh := fixture.NewImageSet(t, fixture.OCI(), "old"), fixture.NewImageSet(t, fixture.OCI(), "new")
	here.Put(t, "app", "1", fixture.NewIndex(t, fixture.OCI(), old.Objects()...))
	there.Put(t, "copy", "1", fixture.NewIndex(t, fixture.OCI(), old.Objects()...))
	layout := fixture.WriteLayout(t, map[string]fixture.Object{"2": fixture.NewIndex(t, fixture.OCI(), old[0].Image, fresh[1].Image)})

	clitest.Run(t, "diff", here.Host+"/app:1", there.Host+"/copy:1").WantCode(t, 0)
	done := clitest.Run(t, "diff", here.Host+"/app:1", "oci-layout://"+string(layout)+":2")
	done.WantCode(t, 3)
	clitest.WantLines(t, done.Stdout,
		" * Entries: 0 added, 1 removed, 1 changed, 1 equal",
		"   = linux/amd64 "+old[0].Image.Digest().String(),
		"   ~ linux/arm64/v8 "+old[1].Image.Digest().String()+" -> "+fresh[1].Image.Digest().String(),
		"   - linux/arm/v7 "+old[2].Image.Digest().String())
	clitest.Run(t, "diff", "--platform", "linux/amd64", here.Host+"/app:1", "oci-layout://"+string(layout)+":2").WantCode(t, 0)
}

// TestUnusualIndexes asks about what is legal and seldom: no entries, no
// platforms, a nested index, ten thousand entries, escape sequences.
func TestUnusualIndexes(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "odd", fixture.ParsePlatform("linux/riscv64"), 1)
	image.Platform = nil
	nested := fixture.NewIndex(t, fixture.OCI(), image)
	g.Put(t, "odd", "empty", fixture.NewIndex(t, fixture.OCI()))
	g.Put(t, "odd", "undeclared", fixture.NewIndex(t, fixture.OCI(), image))
	g.Put(t, "odd", "nested", fixture.NewIndex(t, fixture.OCI(), nested))
	noted := fixture.NewImage(t, fixture.OCI(), "noted", fixture.ParsePlatform("linux/amd64"), 1)
	noted.Annotations = map[string]string{"evil": "\x1b[2J\x1b]0;owned\a", "\x1b[31m": "x"}
	g.Put(t, "odd", "noted", fixture.NewIndex(t, fixture.OCI(), noted))
	clean := noted
	clean.Annotations = nil
	g.Put(t, "odd", "clean", fixture.NewIndex(t, fixture.OCI(), clean))

	empty := clitest.Run(t, "resolve", g.Host+"/odd:empty")
	empty.WantCode(t, 3)
	for _, tag := range []string{"undeclared", "nested"} {
		found := clitest.Run(t, "resolve", "--digest", "--platform", "linux/riscv64", g.Host+"/odd:"+tag)
		found.WantCode(t, 0)
		clitest.WantText(t, "stdout", image.Digest().String()+"\n", found.Stdout)
		clitest.Run(t, "resolve", "--platform", "linux/amd64", g.Host+"/odd:"+tag).WantCode(t, 3)
		clitest.WantLines(t, clitest.Run(t, "query", g.Host+"/odd:"+tag).Stdout, "   - (no platform)")
	}
	differ := clitest.Run(t, "diff", g.Host+"/odd:clean", g.Host+"/odd:noted")
	differ.WantCode(t, 3)
	clitest.WantLines(t, differ.Stdout, `       + annotations[evil]: "\x1b[2J\x1b]0;owned\x07"`)
	if strings.Contains(differ.Stdout+differ.Stderr, "\x1b") {
		t.Errorf("an escape sequence came through: %q", differ.Stdout)
	}
}

// TestTenThousandEntries asks about an index of 10 001 entries.
func TestTenThousandEntries(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "many", fixture.ParsePlatform("windows/amd64:10.0.17763.1"), 1)
	g.Put(t, "many", "one", image)
	index := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: slices.Repeat([]ocispec.Descriptor{image.Descriptor()}, 10_000)}
	index.SchemaVersion = 2
	last := image.Descriptor()
	at := fixture.ParsePlatform("linux/s390x")
	last.Platform = &at
	index.Manifests = append(index.Manifests, last)
	g.PutManifest(t, "many", "all", ocispec.MediaTypeImageIndex, clitest.EncodeJSON(t, index))

	queried := clitest.Run(t, "query", "--has", "linux/s390x", g.Host+"/many:all")
	queried.WantCode(t, 0)
	if n := strings.Count(queried.Stdout, "   - windows/amd64:10.0.17763.1\n"); n != 10_000 {
		t.Errorf("%d platforms", n)
	}
	found := clitest.Run(t, "resolve", "--platform", "linux/s390x", g.Host+"/many:all")
	found.WantCode(t, 0)
	clitest.WantLines(t, found.Stdout, fmt.Sprintf("   - [10001] linux/s390x %s chosen: it is for this platform", image.Digest()))
	clitest.Run(t, "diff", g.Host+"/many:all", g.Host+"/many:all").WantCode(t, 0)
}
