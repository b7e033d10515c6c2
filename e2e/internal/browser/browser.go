//go:build e2e

// Package browser drives a headless Chromium through its driver, for the tests of the
// web page: the part of W3C WebDriver that they need.
package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

// Browser is a window of a browser with an empty profile.
type Browser struct {
	// url is that of the session at the driver.
	url string
}

// Start starts a browser, which ends with the test.
func Start(t *testing.T) *Browser {
	t.Helper()
	chromium := clitest.FindTool(t, "chromium")
	driver := startDriver(t)
	// The sandbox of Chromium does not run as root, as which CI runs in a container.
	options := map[string]any{"binary": chromium, "args": []string{"--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"}}
	var session struct {
		ID string `json:"sessionId"`
	}
	(&Browser{driver}).send(t, http.MethodPost, "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"goog:chromeOptions": options, "goog:loggingPrefs": map[string]string{"browser": "ALL", "performance": "ALL"},
	}}}, &session)
	b := &Browser{driver + "/session/" + session.ID}
	t.Cleanup(func() { b.send(t, http.MethodDelete, "", nil, nil) })
	return b
}

// startDriver starts chromedriver and returns its URL.
func startDriver(t *testing.T) string {
	t.Helper()
	logPath := filepath.Join(t.TempDir(), "log")
	log, err := os.Create(logPath)
	clitest.Must(t, err)
	defer log.Close()
	cmd := exec.Command(clitest.FindTool(t, "chromedriver"), "--port=0")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir()}
	cmd.Stdout, cmd.Stderr = log, log
	clitest.Must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed: how it ended does not matter
	})
	started := regexp.MustCompile(`started successfully on port (\d+)`)
	var port string
	clitest.WaitFor(t, "chromedriver listens", func() bool {
		text, err := os.ReadFile(logPath)
		found := started.FindSubmatch(text)
		if err == nil && found != nil {
			port = string(found[1])
		}
		return port != ""
	})
	return "http://127.0.0.1:" + port
}

// send sends a command to the driver and decodes the value that it returns. A command
// that fails ends the test.
func (b *Browser) send(t *testing.T, method, path string, body, value any) {
	t.Helper()
	var in io.Reader
	if body != nil {
		in = bytes.NewReader(clitest.EncodeJSON(t, body))
	}
	req, err := http.NewRequest(method, b.url+path, in) //nolint:noctx // also sent after the end of the test
	clitest.Must(t, err)
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req)
	clitest.Must(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	clitest.Must(t, err)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the browser failed at %s: %.500s", path, raw)
	}
	if value != nil {
		clitest.Must(t, json.Unmarshal(raw, &struct{ Value any }{value}))
	}
}

// Open loads an address, and waits until it is loaded.
func (b *Browser) Open(t *testing.T, url string) {
	t.Helper()
	b.send(t, http.MethodPost, "/url", map[string]string{"url": url}, nil)
}

// Back is the button of that name.
func (b *Browser) Back(t *testing.T) {
	t.Helper()
	b.send(t, http.MethodPost, "/back", struct{}{}, nil)
}

// URL is the address that the browser shows.
func (b *Browser) URL(t *testing.T) string {
	t.Helper()
	var url string
	b.send(t, http.MethodGet, "/url", nil, &url)
	return url
}

// Run runs a script in the page: the body of a function that may await. Its value is
// decoded into value.
func (b *Browser) Run(t *testing.T, script string, value any) {
	t.Helper()
	b.send(t, http.MethodPost, "/execute/sync", map[string]any{"script": "return (async () => {" + script + "})()", "args": []any{}}, value)
}

// Text returns the visible text of an element, or "" if it does not exist.
func (b *Browser) Text(t *testing.T, selector string) string {
	t.Helper()
	var text string
	b.Run(t, fmt.Sprintf("return document.querySelector(%q)?.innerText ?? ''", selector), &text)
	return text
}

// DevTools sends a command of the Chrome DevTools protocol.
func (b *Browser) DevTools(t *testing.T, command string, parameters map[string]any) {
	t.Helper()
	b.send(t, http.MethodPost, "/goog/cdp/execute", map[string]any{"cmd": command, "params": parameters}, nil)
}
