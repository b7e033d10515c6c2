//go:build e2e

package server

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestServiceIsDocumented checks that docs/serve.md has all addresses and metrics of a
// service, and no metric that there is not.
func TestServiceIsDocumented(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/serve.md")
	clitest.Must(t, err)
	docs := string(raw)
	g, _ := registrytest.StartOpen(t).BehindProxy(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("ratelimit-limit", "100;w=21600") // as Docker Hub does
		w.Header().Set("ratelimit-remaining", "99;w=21600")
		return false
	})
	g.Put(t, "app", "1", fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1))
	v := clitest.Session{}.Serve(t, "--allow-registry", g.Host)
	get(t, v, "/v1/images/"+g.Host+"/app:1")

	var described struct{ Paths map[string]any }
	clitest.Must(t, json.Unmarshal([]byte(get(t, v, "/openapi.json").Body), &described))
	for path := range described.Paths {
		if path = strings.ReplaceAll(path, "{ref}", "REF"); !strings.Contains(docs, "`"+path) && path != "/static/{file}" {
			t.Errorf("docs/serve.md does not have %s", path)
		}
	}

	if served, documented := metricsIn(get(t, v, "/metrics").Body), metricsIn(docs); !slices.Equal(served, documented) {
		t.Errorf("metrics of the service: %q\nin docs/serve.md: %q", served, documented)
	}
}

// metricsIn returns the names of the product's metrics in a text, without those of the
// parts of a histogram.
func metricsIn(text string) []string {
	names := regexp.MustCompile(`\bmanifest_tool_[a-z_]+`).FindAllString(text, -1)
	for i, name := range names {
		names[i] = regexp.MustCompile(`_seconds_(bucket|sum|count)$`).ReplaceAllString(name, "_seconds")
	}
	slices.Sort(names)
	return slices.Compact(names)
}
