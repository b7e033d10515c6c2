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
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

// Browser is a window of a browser with an empty profile.
type Browser struct {
	// url is that of the session at the driver.
	url string
}

// send sends a command to the driver and decodes the value that it returns. A command
// that fails ends the test.
func (b *Browser) send(t *testing.T, method, path string, body, value any) {
	t.Helper()
	clitest.Must(t, b.request(t, time.Minute, method, path, body, value))
}

// request sends a command as send does, with a time limit. It returns an error if the
// driver does not respond, or if the command fails.
func (b *Browser) request(t *testing.T, limit time.Duration, method, path string, body, value any) error {
	t.Helper()
	var in io.Reader
	if body != nil {
		in = bytes.NewReader(clitest.EncodeJSON(t, body))
	}
	req, err := http.NewRequest(method, b.url+path, in) //nolint:noctx // also sent after the end of the test
	clitest.Must(t, err)
	resp, err := (&http.Client{Timeout: limit}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the browser failed at %s: %.500s", path, raw)
	}
	if value != nil {
		clitest.Must(t, json.Unmarshal(raw, &struct{ Value any }{value}))
	}
	return nil
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
