//go:build e2e

package push

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestPushJSON reads push -o json where all is new, where nothing changes and
// where one tag is refused.
func TestPushJSON(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	open.PutImages(t, "app", images)
	g, _ := open.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || !strings.HasSuffix(r.URL.Path, "/manifests/fixed") {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	type tag struct{ Tag, State, Error string }
	push := func(code int, tags string) (digest string, states []tag) {
		spec := clitest.WriteSpec(t, g.Host, "tags: ["+tags+"]\n"+images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
		done := clitest.Run(t, "push", "-o", "json", "from-spec", spec)
		done.WantCode(t, code)
		clitest.WantSchema(t, "push", done.Stdout)
		var got struct {
			Digest string
			Tags   []tag
		}
		clitest.Must(t, json.Unmarshal([]byte(done.Stdout), &got))
		return got.Digest, got.Tags
	}
	first, states := push(0, "latest")
	if diff := cmp.Diff([]tag{{"all", "written", ""}, {"latest", "written", ""}}, states); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	stored, _ := open.Manifest(t, "app", "all")
	clitest.WantText(t, "digest", stored.Digest.String(), first)
	_, states = push(0, "latest")
	if diff := cmp.Diff([]tag{{"all", "unchanged", ""}, {"latest", "unchanged", ""}}, states); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	again, states := push(4, "fixed")
	if len(states) != 2 || states[0].State != "unchanged" || states[1].State != "failed" || states[1].Error == "" || again != first {
		t.Errorf("%s %+v", again, states)
	}
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:all", "REGISTRY/app:%s")+"---\n"+images.Spec("REGISTRY/app:two", "REGISTRY/app:%s"))
	done := clitest.Run(t, "push", "-o", "yaml", "from-spec", spec)
	done.WantCode(t, 0)
	if n := strings.Count(done.Stdout, "---\nschema: push/v1\n"); n != 2 {
		t.Errorf("%d documents:\n%s", n, done.Stdout)
	}
}
