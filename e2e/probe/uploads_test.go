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

// testUploads runs uploadSections. Without a registry, the embedded one is tested.
func testUploads(t *testing.T, g *registrytest.Registry) loginReport {
	t.Helper()
	args := []string{"test-registry", "--only", uploadSections, "-o", "json"}
	if g != nil {
		args = append(args, g.Host+"/team/scratch")
	}
	done := clitest.Session{}.Run(t, args...)
	var r loginReport
	if err := json.Unmarshal([]byte(done.Stdout), &r); err != nil {
		t.Fatalf("%v: %s%s", err, done.Stdout, done.Stderr)
	}
	if strings.Contains(done.Stderr, "Digest mismatch") {
		t.Errorf("the log of the embedded registry is shown: %s", done.Stderr)
	}
	return r
}

// TestUploadSections: what each registry does, in the words of its statuses.
func TestUploadSections(t *testing.T) {
	t.Parallel()
	// distribution 2.8 does not look at the range of a chunk, ignores n and last, and
	// refuses a large manifest with 400.
	distribution := []string{
		"fail blob-chunk-order", "fail tags-last", "fail tags-page", "skip blob-single-post", "skip delete-child",
		"skip delete-tag", "skip limit-manifest-exceeded", "skip mount-anonymous", "skip tags-empty", "skip tags-link",
	}
	tests := map[string]struct {
		registry *registrytest.Registry
		expected []string
		left     bool
	}{
		"docker-registry": {registrytest.StartOpen(t), distribution, false},
		"docker-registry without deletion": {registrytest.StartWithoutDelete(t), append(slices.Clone(distribution),
			"skip delete-blob", "skip delete-manifest", "skip delete-unknown"), true},
		// ggcr's registry has no state of uploads, no mounts and no Link, and a tag outlives
		// its manifest.
		"embedded": {nil, []string{
			"fail blob-created", "fail blob-upload-status", "fail delete-manifest", "skip blob-upload-cancel", "skip delete-child",
			"skip limit-manifest-exceeded", "skip mount", "skip mount-anonymous", "skip tags-empty", "skip tags-link",
			"skip tags-page",
		}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := testUploads(t, tt.registry)
			slices.Sort(tt.expected)
			if diff := cmp.Diff(tt.expected, r.not("pass")); diff != "" {
				t.Errorf("results (-expected +actual):\n%s", diff)
			}
			if (len(r.Left) > 0) != tt.left {
				t.Errorf("left: %q", r.Left)
			}
			if r.Requests > 90 {
				t.Errorf("%d requests, more than 90", r.Requests)
			}
		})
	}
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
