//go:build e2e

package interop

import (
	"encoding/json"
	"net/http"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// The harness is tested too: a registry that does not start or a client that
// cannot read would otherwise look like a fault of the product.

func TestRegistriesStoreContent(t *testing.T) {
	t.Parallel()
	starts := map[string]func(*testing.T) *registrytest.Registry{
		"open":  registrytest.StartOpen,
		"basic": registrytest.StartBasicTLS,
		"token": func(t *testing.T) *registrytest.Registry { g, _ := registrytest.StartToken(t); return g },
	}
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			index := fixture.NewIndex(t, fixture.Docker(),
				fixture.NewImage(t, fixture.Docker(), "amd", fixture.ParsePlatform("linux/amd64"), 2),
				fixture.NewImage(t, fixture.Docker(), "arm", fixture.ParsePlatform("linux/arm/v7"), 1))
			g.Put(t, "harness/app", "all", index)
			got, _ := g.Manifest(t, "harness/app", "all")
			if got.Digest != index.Digest() || got.MediaType != index.MediaType {
				t.Errorf("stored %s %s, want %s %s", got.MediaType, got.Digest, index.MediaType, index.Digest())
			}
			fixture.WantComplete(t, g.Repository("harness/app"), index.Digest())
			g.WantAbsent(t, "harness/app", "other")
		})
	}
}

func TestRegistriesRequireLogin(t *testing.T) {
	t.Parallel()
	starts := map[string]func(*testing.T) *registrytest.Registry{
		"basic": registrytest.StartBasicTLS,
		"token": func(t *testing.T) *registrytest.Registry { g, _ := registrytest.StartToken(t); return g },
	}
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			g.Authorize = func(*http.Request) {}
			if got := g.FetchManifest(t, "harness/app", "all"); got.Status != http.StatusUnauthorized {
				t.Errorf("a client without login gets %d, want 401", got.Status)
			}
		})
	}
}

func TestClientsReadAnIndex(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	for name, family := range map[string]fixture.MediaTypes{"docker": fixture.Docker(), "oci": fixture.OCI()} {
		t.Run(name, func(t *testing.T) {
			index := fixture.NewIndex(t, family,
				fixture.NewImage(t, family, "amd", fixture.ParsePlatform("linux/amd64"), 2),
				fixture.NewImage(t, family, "arm", fixture.ParsePlatform("linux/arm/v7"), 1))
			g.Put(t, "harness/"+name, "all", index)
			for _, c := range Clients() {
				t.Run(c.Name, func(t *testing.T) { c.Confirm(t, g, "harness/"+name, "all", index.Digest()) })
			}
		})
	}
}

func TestRecordingLoads(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	r := fixture.ReadRecording(t)
	g.PutRecording(t, r)
	if len(r.Cases) != 30 {
		t.Errorf("%d recorded runs, want 30", len(r.Cases))
	}
	var tags struct{ Tags []string }
	clitest.Must(t, json.Unmarshal(g.Do(t, http.MethodGet, "/v2/team/web/tags/list", nil, nil).Body, &tags))
	if len(tags.Tags) != 7 {
		t.Errorf("team/web has the tags %q, want 7", tags.Tags)
	}
}
