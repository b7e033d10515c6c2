package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"manifest-tool/internal/manifest/manifesttest"
)

// openAPISchema returns the schema of an answer, compiled, nil if it is not JSON.
func openAPISchema(t *testing.T, path string, w *httptest.ResponseRecorder) (*jsonschema.Schema, error) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(openAPIDocument))
	if err != nil {
		t.Fatal(err)
	}
	contentType, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	pointer := []string{"paths", path, "get", "responses", fmt.Sprint(w.Code), "content", contentType, "schema"}
	at := document
	for _, step := range pointer {
		object, ok := at.(map[string]any)
		if at = object[step]; !ok || at == nil {
			return nil, fmt.Errorf("openapi.json has no %s of %s", step, strings.Join(pointer, " "))
		}
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi.json", document); err != nil {
		t.Fatal(err)
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	for i := range pointer {
		pointer[i] = escape.Replace(pointer[i])
	}
	return compiler.Compile("openapi.json#/" + strings.Join(pointer, "/"))
}

// TestOpenAPIDescribesTheAnswers requests every address, with all outcomes, and
// validates what is answered.
func TestOpenAPIDescribesTheAnswers(t *testing.T) {
	registry := manifesttest.NewScripted(t)
	image := registry.AddImageWithConfig(t, "one", ocispec.Image{Platform: manifesttest.Linux("arm64", "v8")})
	registry.AddIndex(t, "index", image)
	ref := registry.Host + "/app"
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	started := time.Now()
	limited := newTestServer(t, manifesttest.NewStore(t), func(o *Options) {
		o.Now = func() time.Time { return started } // the limit does not recover
		o.Rate, o.TrustedProxies = 1, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	})
	for range burstSeconds {
		limited.request(t, http.MethodGet, "/openapi.json")
	}
	draining := newTestServer(t, manifesttest.NewStore(t), nil)
	draining.Drain()
	seen := map[string]bool{}
	for _, tt := range []struct {
		server *testServer
		path   string
		target string
		status int
	}{
		{s, "/v1/images/{ref}", "/v1/images/" + ref + ":index", 200},
		{s, "/v1/images/{ref}", "/v1/images/" + ref + ":one", 200},
		{s, "/v1/images/{ref}", "/v1/images/" + ref + "@" + image.Digest.String(), 200},
		{s, "/v1/images/{ref}", "/v1/images/" + strings.ReplaceAll(ref, "/", "%2F") + "%3Aindex?has=linux/s390x", 200},
		{s, "/v1/images/{ref}", "/v1/images/" + ref + ":index?platform=linux/arm64,linux/s390x&rule=podman", 200},
		{s, "/v1/images/{ref}", "/v1/images/" + ref + ":index?platform=linux", 400},
		{s, "/v1/images/{ref}", "/v1/images/" + ref + ":index?rule=none", 400},
		{s, "/v1/images/{ref}", "/v1/images/" + ref + ":index?has=a%zz", 400},
		{s, "/v1/images/{ref}", "/v1/images/" + ref + ":none", 404},
		{limited, "/v1/images/{ref}", "/v1/images/" + ref, 429},
		{s, "/badge/{ref}.svg", "/badge/" + ref + ":index.svg", 200},
		{s, "/badge/{ref}.svg", "/badge/" + ref + ":index.svg?has=linux/amd64", 200},
		{s, "/badge/{ref}.svg", "/badge/" + ref + ":none.svg", 404},
		{s, "/badge/{ref}.svg", "/badge/A.svg", 400},
		{s, "/mquery", "/mquery?image=" + ref + ":index", 200},
		{s, "/mquery", "/mquery?image=" + ref + ":one", 200},
		{s, "/mquery", "/mquery?image=" + ref + ":none", 400},
		{s, "/mquery", "/mquery", 400},
		{s, "/", "/", 200},
		{s, "/", "/?image=" + ref + ":index&platform=linux/arm64", 200},
		{s, "/", "/?image=A", 400},
		{s, "/", "/?image=" + ref + ":none", 404},
		{s, "/static/{file}", "/static/0/page.css", 200},
		{s, "/static/{file}", "/static/0/page.js", 200},
		{s, "/static/{file}", "/static/0/icon.svg", 200},
		{s, "/static/{file}", "/static/0/../page.go", 404},
		{s, "/healthz", "/healthz", 200},
		{s, "/readyz", "/readyz", 200},
		{draining, "/readyz", "/readyz", 503},
		{s, "/metrics", "/metrics", 200},
		{s, "/openapi.json", "/openapi.json", 200},
		{s, "/openapi.json", "/openapi.json?" + strings.Repeat("a", maxURL), 414},
	} {
		seen[tt.path] = true
		w := tt.server.request(t, http.MethodGet, tt.target)
		schema, err := openAPISchema(t, tt.path, w)
		if err != nil || w.Code != tt.status {
			t.Errorf("%s: status %d, want %d: %v", tt.target, w.Code, tt.status, err)
			continue
		}
		var value any = w.Body.String()
		if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
			if value, err = jsonschema.UnmarshalJSON(bytes.NewReader(w.Body.Bytes())); err != nil {
				t.Errorf("%s: %v", tt.target, err)
			}
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v\n%s", tt.target, err, w.Body)
		}
	}
	var document struct {
		Paths map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(openAPIDocument, &document); err != nil {
		t.Fatal(err)
	}
	for path := range document.Paths {
		if !seen[path] {
			t.Errorf("no request for %s", path)
		}
	}
	placeholder := regexp.MustCompile(`\{[a-z]+\}`)
	for _, at := range s.table {
		if !slices.ContainsFunc(keys(document.Paths), func(path string) bool { return placeholder.ReplaceAllString(path, "") == at.path+at.suffix }) {
			t.Errorf("openapi.json does not describe %s%s", at.path, at.suffix)
		}
	}
}

func keys(of map[string]any) (all []string) {
	for key := range of {
		all = append(all, key)
	}
	return all
}

// TestOpenAPIHasTheSchemasOfTheResults compares with docs/schema, whose definitions
// are schemas of their own in an OpenAPI document.
func TestOpenAPIHasTheSchemasOfTheResults(t *testing.T) {
	var document struct {
		Components struct {
			Schemas map[string]any `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(openAPIDocument, &document); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"query", "resolve"} {
		raw, err := os.ReadFile("../../docs/schema/" + name + ".v1.json")
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]any
		if err := json.Unmarshal(bytes.ReplaceAll(raw, []byte("#/$defs/"), []byte("#/components/schemas/")), &want); err != nil {
			t.Fatal(err)
		}
		defs, _ := want["$defs"].(map[string]any)
		delete(want, "$defs")
		delete(want, "$schema")
		defs[name] = want
		for part, want := range defs {
			if diff := cmp.Diff(want, document.Components.Schemas[part]); diff != "" {
				t.Errorf("schema %s (-docs/schema +openapi.json):\n%s", part, diff)
			}
		}
	}
}
