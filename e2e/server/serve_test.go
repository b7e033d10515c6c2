//go:build e2e

package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// reply is a response of a service.
type reply struct {
	Path   string
	Status int
	Header http.Header
	Body   string
}

// get requests a path of a service.
func get(t *testing.T, v *clitest.Service, path string) reply {
	t.Helper()
	return do(t, v, http.MethodGet, path)
}

func do(t *testing.T, v *clitest.Service, method, path string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, v.URL+path, nil)
	clitest.Must(t, err)
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req)
	clitest.Must(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	clitest.Must(t, err)
	return reply{path, resp.StatusCode, resp.Header, string(body)}
}

// wantError checks the status and the JSON of an error.
func (r reply) wantError(t *testing.T, status int, message string) {
	t.Helper()
	var failure struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal([]byte(r.Body), &failure); err != nil || r.Status != status || !strings.Contains(failure.Error, message) {
		t.Errorf("%s: status %d, body %s, want %d and %q", r.Path, r.Status, r.Body, status, message)
	}
}

// TestServeAndQueryAgree asks a service, query --server and the registry itself about
// everything that is recorded.
func TestServeAndQueryAgree(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	recorded := fixture.ReadRecording(t)
	g.PutRecording(t, recorded)
	v := clitest.Session{}.Serve(t, "--allow-registry", g.Host, "--rate", "0")
	var names []string
	for _, m := range recorded.Manifests {
		names = append(names, g.Host+"/"+m.Repository+map[bool]string{true: "@", false: ":"}[strings.HasPrefix(m.Reference, "sha256:")]+m.Reference)
	}
	names = append(names, g.Host+"/none:1", "a//b", g.Host+"/"+recorded.Manifests[0].Repository)
	for _, format := range []string{"text", "json", "yaml"} {
		input := clitest.Session{Stdin: strings.Join(names, "\n")}
		has := []string{"query", "-o", format, "--has", "linux/arm64,linux/amd64"}
		direct, served := input.Run(t, has...), input.Run(t, append(has, "--server", v.URL)...)
		if diff := cmp.Diff(direct, served); diff != "" {
			t.Errorf("%s (-registry +service):\n%s", format, diff)
		}
	}
	single := clitest.Session{Env: []string{"MANIFEST_TOOL_QUERY_SERVER=" + v.URL}}.Run(t, "query", g.Host+"/none:1")
	single.WantCode(t, 1)
	single.WantStderr(t, "not found")
	clitest.WantSchema(t, "query", get(t, v, "/v1/images/"+names[0]).Body)
	clitest.WantSchema(t, "resolve", get(t, v, "/v1/images/"+names[0]+"?platform=linux/arm64,windows/amd64&rule=podman").Body)
	metrics := get(t, v, "/metrics").Body
	for _, name := range []string{
		`manifest_tool_http_requests_total{route="/v1/images/",code="200"} `, `manifest_tool_http_request_duration_seconds_bucket{route="/v1/images/",le="+Inf"} `,
		`manifest_tool_answers_total{cache="hit"} `, `manifest_tool_registry_responses_total{method="GET",code="200"} `, "manifest_tool_http_requests_in_progress 1\n", "process_open_fds ",
	} {
		if !strings.Contains(metrics, name) {
			t.Errorf("no %s in the metrics:\n%s", name, metrics)
		}
	}
}

// TestMqueryContract is a client of mquery's service: it sends the name in a query
// and prints the fields as mquery does.
func TestMqueryContract(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	family := fixture.Docker()
	windows := fixture.ParsePlatform("windows/amd64")
	windows.OSVersion = "10.0.20348.1"
	one := fixture.NewImage(t, family, "one", fixture.ParsePlatform("linux/arm/v7"), 1)
	list := fixture.NewIndex(t, family, one, fixture.NewImage(t, family, "win", windows, 1))
	g.Put(t, "app", "list", list)
	g.Put(t, "app", "one", one)
	v := clitest.Session{}.Serve(t, "--allow-registry", g.Host)
	ask := func(name string) (text string) {
		r := get(t, v, "/mquery?image="+name)
		var image struct {
			CacheTS   int64              `json:"cachets"`
			IsList    bool               `json:"islist"`
			ImageName string             `json:"imagename"`
			Digest    string             `json:"digest"`
			MediaType string             `json:"mediatype"`
			ArchList  []ocispec.Platform `json:"archlist"`
		}
		clitest.Must(t, json.Unmarshal([]byte(r.Body), &image))
		if age := time.Since(time.Unix(image.CacheTS, 0)); r.Status != http.StatusOK || age < -time.Second || age > time.Minute {
			t.Errorf("status %d, %v old", r.Status, age)
		}
		text = fmt.Sprintf("Image: %s (digest: %s)\nManifest List: %t (Image type: %s)\n", image.ImageName, image.Digest, image.IsList, image.MediaType)
		for _, p := range image.ArchList {
			text += strings.TrimRight(fmt.Sprintf(" - %s/%s/%s:%s", p.OS, p.Architecture, p.Variant, p.OSVersion), "/:") + "\n"
		}
		return text
	}
	clitest.WantText(t, "list", fmt.Sprintf("Image: %s/app:list (digest: %s)\nManifest List: true (Image type: %s)\n - linux/arm/v7\n - windows/amd64/:10.0.20348.1\n", g.Host, list.Digest(), list.MediaType), ask(g.Host+"/app:list"))
	clitest.WantText(t, "one", fmt.Sprintf("Image: %s/app:one (digest: %s)\nManifest List: false (Image type: %s)\n - linux/arm/v7\n", g.Host, one.Digest(), one.MediaType), ask(g.Host+"/app:one"))
	for path, message := range map[string]string{"/mquery": "missing", "/mquery?image=": "missing", "/mquery?image=" + g.Host + "/app:none": "not found", "/mquery?image=a:b:c": "invalid"} {
		get(t, v, path).wantError(t, http.StatusBadRequest, message)
	}
	do(t, v, http.MethodPost, "/mquery?image="+g.Host+"/app:one").wantError(t, http.StatusMethodNotAllowed, "GET")
}
