//go:build e2e

package probe

import (
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestNothingIsLeftOnDisk compares the files of a registry before and after a run, with
// images that were there before: tags and manifests are gone at once, blobs after the
// garbage collection.
func TestNothingIsLeftOnDisk(t *testing.T) {
	t.Parallel()
	g, dir := registrytest.StartOnDisk(t)
	g.PutImages(t, "team/scratch", fixture.NewImageSet(t, fixture.OCI(), "own"))
	before := storedFiles(t, dir)
	r := testRegistry(t, clitest.Session{}, g.Host+"/team/scratch")
	if len(r.Left) > 0 || len(before) == 0 {
		t.Errorf("%d files before, left: %q", len(before), r.Left)
	}
	config := filepath.Join(t.TempDir(), "config.yml")
	clitest.Must(t, os.WriteFile(config, []byte("version: 0.1\nstorage: {filesystem: {rootdirectory: "+dir+"}}\n"), 0o600))
	out, err := exec.CommandContext(t.Context(), clitest.FindTool(t, "docker-registry"), "garbage-collect", config).CombinedOutput()
	if err != nil {
		t.Fatalf("collecting garbage: %v: %s", err, out)
	}
	after := storedFiles(t, dir)
	isUpload := func(path string) bool { return strings.Contains(path, "/_uploads/") }
	// distribution keeps the session of blob-wrong-digest, data and start, until it purges
	// old ones: its refusal has no Location, without which no request can cancel it.
	if uploads := slices.DeleteFunc(slices.Clone(after), func(path string) bool { return !isUpload(path) }); len(uploads) > 2 {
		t.Errorf("open uploads: %q", uploads)
	}
	if diff := cmp.Diff(before, slices.DeleteFunc(after, isUpload)); diff != "" {
		t.Errorf("files before (-) and after (+) a run:\n%s", diff)
	}
}

// storedFiles returns the files of a registry, without the states of hashes that
// distribution leaves after every upload.
func storedFiles(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	clitest.Must(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.Contains(path, "/hashstates/") {
			all = append(all, path)
		}
		return err
	}))
	return all
}

// TestAllLeftExists: on a registry that deletes nothing, the report names exactly what
// was stored, each once.
func TestAllLeftExists(t *testing.T) {
	t.Parallel()
	g := registrytest.StartWithoutDelete(t)
	r := testRegistry(t, clitest.Session{}, g.Host+"/team/scratch")
	named := map[string]bool{}
	for _, ref := range r.Left {
		if named[ref] || !exists(t, g, strings.TrimPrefix(ref, g.Host+"/")) {
			t.Errorf("%s does not exist, or is named twice", ref)
		}
		named[ref] = true
	}
	// What is stored is known from the requests of the checks.
	for _, one := range r.Results {
		for _, e := range one.Exchanges {
			if ref := storedBy(e); ref != "" && !named[g.Host+"/"+ref] {
				t.Errorf("%s: %s was stored and is not named", one.Name, ref)
			}
		}
	}
	if len(named) == 0 {
		t.Error("nothing is named")
	}
}

// exists reports whether a registry has REPOSITORY:TAG or REPOSITORY@DIGEST, of a
// manifest or a blob.
func exists(t *testing.T, g *registrytest.Registry, ref string) bool {
	t.Helper()
	repository, name, isDigest := strings.Cut(ref, "@")
	if !isDigest {
		repository, name, _ = strings.Cut(ref, ":")
	}
	path := "/v2/" + repository
	return g.FetchManifest(t, repository, name).Status == http.StatusOK ||
		isDigest && g.Do(t, http.MethodHead, path+"/blobs/"+name, nil, nil).Status == http.StatusOK
}

// storedBy returns what a request stored, as REPOSITORY:TAG or REPOSITORY@DIGEST, "" if
// it stored nothing.
func storedBy(e exchange) string {
	_, path, _ := strings.Cut(e.URL, "/v2/")
	repository, name, isManifest := strings.Cut(path, "/manifests/")
	switch {
	case e.Method != http.MethodPut || e.Status != http.StatusCreated:
		return ""
	case !isManifest:
		repository, _, _ = strings.Cut(path, "/blobs/")
		name = e.Headers["Docker-Content-Digest"]
	}
	name, _, _ = strings.Cut(name, "?")
	if strings.Contains(name, ":") {
		return repository + "@" + name
	}
	return repository + ":" + name
}

// TestKeptIsNamed: with --keep, the report names every manifest.
func TestKeptIsNamed(t *testing.T) {
	t.Parallel()
	g, dir := registrytest.StartOnDisk(t)
	r := testRegistry(t, clitest.Session{}, "--keep", "--only", "indexes", g.Host+"/team/scratch")
	revisions := map[string]bool{}
	for _, path := range storedFiles(t, dir) {
		if _, after, found := strings.Cut(path, "/_manifests/revisions/sha256/"); found {
			revisions["sha256:"+filepath.Dir(after)] = true
		}
	}
	for _, ref := range r.Left {
		_, digest, _ := strings.Cut(ref, "@")
		delete(revisions, digest)
	}
	if len(revisions) > 0 || len(r.Left) == 0 {
		t.Errorf("%d are named, and not these: %q", len(r.Left), slices.Sorted(maps.Keys(revisions)))
	}
}

// TestAcceptedDeletion: a registry that accepts each deletion and deletes nothing has all
// that was written.
func TestAcceptedDeletion(t *testing.T) {
	t.Parallel()
	r := testBroken(t, brokenCase{breakage: breakage{"DELETE .*", respond(http.StatusAccepted)}}, "--only", "indexes,tags")
	kept := testBroken(t, brokenCase{}, "--only", "indexes,tags", "--keep")
	if len(r.Left) != len(kept.Left) || len(kept.Left) == 0 {
		t.Errorf("%d are named, with --keep %d", len(r.Left), len(kept.Left))
	}
}
