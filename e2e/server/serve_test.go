//go:build e2e

package server

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// get requests a path of a service and returns the response with its body.
func get(t *testing.T, v *clitest.Service, path string) (*http.Response, string) {
	t.Helper()
	return do(t, v, http.MethodGet, path, nil)
}

func do(t *testing.T, v *clitest.Service, method, path string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, v.URL+path, nil)
	clitest.Must(t, err)
	if change != nil {
		change(req)
	}
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req)
	clitest.Must(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	clitest.Must(t, err)
	return resp, string(body)
}

// wantError checks a status and an error as JSON.
func wantError(t *testing.T, resp *http.Response, body string, status int, message string) {
	t.Helper()
	var failure struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal([]byte(body), &failure); err != nil || resp.StatusCode != status || !strings.Contains(failure.Error, message) {
		t.Errorf("%s: status %d, body %s, want %d and %q", resp.Request.URL, resp.StatusCode, body, status, message)
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
	_, body := get(t, v, "/v1/images/"+names[0])
	clitest.WantSchema(t, "query", body)
	_, body = get(t, v, "/v1/images/"+names[0]+"?platform=linux/arm64,windows/amd64&rule=podman")
	clitest.WantSchema(t, "resolve", body)
	if resp, body := get(t, v, "/metrics"); resp.StatusCode != http.StatusOK || !strings.Contains(body, `manifest_tool_http_requests_total{route="/v1/images/",code="200"}`) {
		t.Errorf("status %d, metrics %s", resp.StatusCode, body)
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
		resp, body := get(t, v, "/mquery?image="+name)
		var image struct {
			CacheTS   int64              `json:"cachets"`
			IsList    bool               `json:"islist"`
			ImageName string             `json:"imagename"`
			Digest    string             `json:"digest"`
			MediaType string             `json:"mediatype"`
			ArchList  []ocispec.Platform `json:"archlist"`
		}
		clitest.Must(t, json.Unmarshal([]byte(body), &image))
		if age := time.Since(time.Unix(image.CacheTS, 0)); resp.StatusCode != http.StatusOK || age < -time.Second || age > time.Minute {
			t.Errorf("status %d, %v old", resp.StatusCode, age)
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
		resp, body := get(t, v, path)
		wantError(t, resp, body, http.StatusBadRequest, message)
	}
	resp, body := do(t, v, http.MethodPost, "/mquery?image="+g.Host+"/app:one", nil)
	wantError(t, resp, body, http.StatusMethodNotAllowed, "GET")
}

// TestFault95ServeDialsNoPrivateAddress has traps at this machine's addresses and a
// proxy of the environment, which could be led anywhere.
func TestFault95ServeDialsNoPrivateAddress(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	listener := registrytest.Listen(t)
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // it ends with Close
	defer server.Close()
	trap := listener.Addr().String()
	_, port, err := net.SplitHostPort(trap)
	clitest.Must(t, err)
	// An allowed registry that leads to the trap: with redirects and as its token server.
	leading := registrytest.Listen(t)
	lead := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/redirect/") {
			http.Redirect(w, r, "http://"+trap+r.URL.Path, http.StatusTemporaryRedirect)
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+trap+`/token",service="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	})}
	go func() { _ = lead.Serve(leading) }() // it ends with Close
	defer lead.Close()
	session := clitest.Session{Env: []string{"HTTP_PROXY=http://" + trap, "HTTPS_PROXY=http://" + trap, "http_proxy=http://" + trap, "https_proxy=http://" + trap}}
	v := session.Serve(t, "--allow-registry", leading.Addr().String())
	for _, host := range []string{
		trap, "localhost:" + port, "[::1]:" + port, "0.0.0.0:" + port, "127.1:" + port, "169.254.169.254", "registry.example.invalid",
		leading.Addr().String() + "/redirect", leading.Addr().String() + "/token",
	} {
		resp, body := get(t, v, "/v1/images/"+host+"/app:1")
		if resp.StatusCode != http.StatusBadGateway && resp.StatusCode != http.StatusBadRequest && resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, body %s", host, resp.StatusCode, body)
		}
		if strings.Contains(body, "127.0.0.1: ") || strings.Contains(body, "dial") || strings.Contains(body, "lookup") {
			t.Errorf("%s: the answer shows what is inside: %s", host, body)
		}
	}
	if n := reached.Load(); n > 0 {
		t.Errorf("%d requests to the trap\n%s", n, v.Log())
	}
}

// TestFault97StoredLoginsAreForListedRepositories has a registry that requires a
// password, and a service whose user is logged in there.
func TestFault97StoredLoginsAreForListedRepositories(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	image := fixture.NewImage(t, fixture.OCI(), "private", fixture.ParsePlatform("linux/arm64"), 1)
	for _, repository := range []string{"listed/app", "listed-not/app", "other/app"} {
		g.Put(t, repository, "1", image)
	}
	session := registrytest.WithLogin(t, g.Host)
	v := session.Serve(t, "--allow-registry", g.Host, "--ca-file", g.CAFile, "--repository", g.Host+"/listed")
	resp, body := get(t, v, "/v1/images/"+g.Host+"/listed/app:1")
	if resp.StatusCode != http.StatusOK || !strings.Contains(body, image.Digest().String()) {
		t.Errorf("the listed repository: status %d, body %s", resp.StatusCode, body)
	}
	for _, path := range []string{
		"/other/app:1", "/listed-not/app:1", "/other/app@" + image.Digest().String(), "/other/app:1?platform=linux/arm64",
	} {
		resp, body := get(t, v, "/v1/images/"+g.Host+path)
		wantError(t, resp, body, http.StatusNotFound, "unauthorized")
		if strings.Contains(body, registrytest.UserPassword) || strings.Contains(body, "linux/arm64") {
			t.Errorf("%s: %s", path, body)
		}
	}
	if strings.Contains(v.Log(), registrytest.UserPassword) {
		t.Error("the log has the password")
	}
}

// TestFault102BadClients sends what no HTTP client library sends.
func TestFault102BadClients(t *testing.T) {
	t.Parallel()
	v := clitest.Session{}.Serve(t)
	raw := func(text string) string {
		conn, err := net.DialTimeout("tcp", v.Address(), 10*time.Second)
		clitest.Must(t, err)
		defer conn.Close()
		clitest.Must(t, conn.SetDeadline(time.Now().Add(clitest.WaitLimit)))
		_, _ = io.WriteString(conn, text) // the service may answer before it has all
		line, _ := bufio.NewReader(conn).ReadString('\n')
		return line
	}
	host := "Host: " + v.Address() + "\r\n\r\n"
	for text, status := range map[string]string{
		"GET /v1/images/" + strings.Repeat("a", 1<<20) + " HTTP/1.1\r\n" + host: "431",
		"GET /v1/images/" + strings.Repeat("a", 9<<10) + " HTTP/1.1\r\n" + host: "414",
		"GET /v1/images/../../etc/passwd HTTP/1.1\r\n" + host:                  "400",
		"GET /v1/images/a//b HTTP/1.1\r\n" + host:                              "400",
		"BREW /mquery HTTP/1.1\r\n" + host:                                     "405",
		"GET /mquery?image=a\nb HTTP/1.1\r\n" + host:                           "400",
		"GET /healthz HTTP/1.1\r\nHost: rebound.example\r\n\r\n":               "421",
		"GET http://rebound.example/healthz HTTP/1.1\r\n" + host:               "421",
		"GET /healthz HTTP/1.1\r\n\r\n":                                        "400",
		"nonsense\r\n\r\n":                                                     "400",
		"GET /healthz HTTP/1.1\r\n" + host:                                     "200",
	} {
		if line := raw(text); !strings.Contains(line, " "+status+" ") {
			t.Errorf("%.60q: %q, want %s", text, line, status)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(v.Log()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has %q", line)
		}
	}
}

// TestFault102SlowClientsDoNotBlockOthers opens many connections that send a part of a
// request. All are closed by the service, and others are answered meanwhile.
func TestFault102SlowClientsDoNotBlockOthers(t *testing.T) {
	const clients = 10000 // each takes a descriptor here and one there
	v := clitest.Session{}.Serve(t)
	conns := make([]net.Conn, clients)
	for i := range conns {
		conn, err := net.DialTimeout("tcp", v.Address(), 10*time.Second)
		clitest.Must(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: ")
		clitest.Must(t, err)
		conns[i] = conn
	}
	var times []time.Duration
	for range 20 {
		start := time.Now()
		if resp, _ := get(t, v, "/healthz"); resp.StatusCode != http.StatusOK {
			t.Errorf("status %d", resp.StatusCode)
		}
		times = append(times, time.Since(start))
	}
	if slowest := slices.Max(times); slowest > 4*time.Second { // less than the slow ones may take
		t.Errorf("a request took %v", slowest)
	}
	for _, conn := range conns {
		clitest.Must(t, conn.SetDeadline(time.Now().Add(clitest.WaitLimit)))
		if _, err := io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Fatalf("it is not closed: %v", err)
		}
	}
}

// TestFault103DrainsAndEnds stops a service while a request waits for a registry.
func TestFault103DrainsAndEnds(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "1", fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/arm64"), 1))
	arrived, release := make(chan bool, 1), make(chan bool)
	slow, _ := g.BehindProxy(t, func(http.ResponseWriter, *http.Request) bool {
		select {
		case arrived <- true:
			<-release
		default:
		}
		return false
	})
	v := clitest.Session{}.Serve(t, "--allow-registry", slow.Host)
	status := make(chan int, 1)
	go func() {
		resp, err := http.Get(v.URL + "/v1/images/" + slow.Host + "/app:1") //nolint:noctx // it ends with the service
		if err != nil {
			status <- 0
			return
		}
		_ = resp.Body.Close()
		status <- resp.StatusCode
	}()
	<-arrived
	ended := make(chan int, 1)
	var took time.Duration
	go func() {
		code, duration := v.Stop(t)
		took = duration
		ended <- code
	}()
	clitest.WaitFor(t, "the end of the listener", func() bool {
		conn, err := net.DialTimeout("tcp", v.Address(), time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	close(release)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request in progress: status %d", got)
	}
	if code := <-ended; code != 0 || took > 10*time.Second {
		t.Errorf("exit code %d after %v\n%s", code, took, v.Log())
	}
}
