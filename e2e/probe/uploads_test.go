//go:build e2e

package probe

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// uploadSections are the sections that write, mount, list and delete.
const uploadSections = "blobs,mounts,limits,listing,deletion"

// testUploads runs uploadSections.
func testUploads(t *testing.T, g *registrytest.Registry) fullReport {
	t.Helper()
	return testRegistry(t, clitest.Session{}, "--only", uploadSections, g.Host+"/team/scratch")
}

// TestLeftExists: without deletion, all that the report names exists, and all tags
// that exist are named.
func TestLeftExists(t *testing.T) {
	t.Parallel()
	g := registrytest.StartWithoutDelete(t)
	r := testUploads(t, g)
	var named []string
	for _, ref := range r.Left {
		if tag, found := strings.CutPrefix(ref, g.Host+"/team/scratch:"); found {
			named = append(named, tag)
		}
	}
	var list struct{ Tags []string }
	get(t, g, "/v2/team/scratch/tags/list", &list)
	slices.Sort(named)
	slices.Sort(list.Tags)
	if diff := cmp.Diff(list.Tags, named); diff != "" || len(named) == 0 {
		t.Errorf("tags that exist (-) and that the report names (+):\n%s", diff)
	}
}

// TestNothingIsLeft: on a registry that deletes, no tag remains, although it refuses to
// delete tags.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	testUploads(t, g)
	for _, repository := range []string{"team/scratch", "team/scratch-manifest-tool-test"} {
		var list struct{ Tags []string }
		get(t, g, "/v2/"+repository+"/tags/list", &list)
		if len(list.Tags) > 0 {
			t.Errorf("%s has the tags %q", repository, list.Tags)
		}
	}
}

// get decodes the JSON at a path of a registry.
func get(t *testing.T, g *registrytest.Registry, path string, v any) {
	t.Helper()
	resp, err := g.Client.Get(g.Scheme + "://" + g.Host + path)
	clitest.Must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return
	}
	clitest.Must(t, json.NewDecoder(resp.Body).Decode(v))
}
