//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"testing"
)

// The stage is tested too: a registry that does not start or a witness that
// cannot read would otherwise look like a fault of the product.

func TestStageRegistriesHoldWhatIsPut(t *testing.T) {
	t.Parallel()
	starts := map[string]func(*testing.T) *registry{
		"open":  startOpen,
		"basic": startBasic,
		"token": func(t *testing.T) *registry { g, _ := startToken(t); return g },
	}
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			index := newIndex(t, dockerMedia(),
				newImage(t, dockerMedia(), "amd", platform("linux/amd64"), 2),
				newImage(t, dockerMedia(), "arm", platform("linux/arm/v7"), 1))
			g.put(t, "stage/app", "all", index)
			got, _ := g.manifest(t, "stage/app", "all")
			if got.Digest != index.digest() || got.MediaType != index.mediaType {
				t.Errorf("stored %s %s, want %s %s", got.MediaType, got.Digest, index.mediaType, index.digest())
			}
			wantComplete(t, repository{g, "stage/app"}, index.digest())
			g.wantAbsent(t, "stage/app", "other")
		})
	}
}

func TestStageRegistriesRefuseStrangers(t *testing.T) {
	t.Parallel()
	starts := map[string]func(*testing.T) *registry{
		"basic": startBasic,
		"token": func(t *testing.T) *registry { g, _ := startToken(t); return g },
	}
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			g.authorize = func(*http.Request) {}
			if got := g.fetchManifest(t, "stage/app", "all"); got.status != http.StatusUnauthorized {
				t.Errorf("a stranger is answered %d, want 401", got.status)
			}
		})
	}
}

func TestStageWitnessesReadAnIndex(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	for name, family := range map[string]media{"docker": dockerMedia(), "oci": ociMedia()} {
		t.Run(name, func(t *testing.T) {
			index := newIndex(t, family,
				newImage(t, family, "amd", platform("linux/amd64"), 2),
				newImage(t, family, "arm", platform("linux/arm/v7"), 1))
			g.put(t, "stage/"+name, "all", index)
			for _, w := range interopClients() {
				t.Run(w.name, func(t *testing.T) { w.confirm(t, g, "stage/"+name, "all", index.digest()) })
			}
		})
	}
}

func TestStageFixturesLoad(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	r := readRecord(t)
	g.putRecording(t, r)
	if len(r.Cases) != 30 {
		t.Errorf("%d recorded invocations, want 30", len(r.Cases))
	}
	var tags struct{ Tags []string }
	must(t, json.Unmarshal(g.do(t, http.MethodGet, "/v2/team/web/tags/list", nil, nil).body, &tags))
	if len(tags.Tags) != 7 {
		t.Errorf("team/web has the tags %q, want 7", tags.Tags)
	}
}
