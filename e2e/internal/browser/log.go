//go:build e2e

package browser

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

type logEntry struct {
	Level   string `json:"level"`
	Source  string `json:"source"`
	Message string `json:"message"`
}

// WantQuiet fails the test if the browser sent a request to another origin since the
// last call, or showed an error in its console. The status of a page that reports an
// error appears there too, which is allowed for addresses that begin with one of pages.
func (b *Browser) WantQuiet(t *testing.T, origin string, pages ...string) {
	t.Helper()
	for _, e := range b.log(t, "browser") {
		expected := false
		for _, page := range pages {
			expected = expected || e.Source == "network" && strings.HasPrefix(e.Message, page)
		}
		if !expected && e.Level != "INFO" && e.Level != "DEBUG" {
			t.Errorf("console: %s %s %s", e.Level, e.Source, e.Message)
		}
	}
	requests := 0
	for _, e := range b.log(t, "performance") {
		url := requestURL(t, e.Message)
		if url == "" {
			continue
		}
		if requests++; !strings.HasPrefix(url, origin+"/") {
			t.Errorf("a request to %s", url)
		}
	}
	if requests == 0 {
		t.Error("no request was seen")
	}
}

// requestURL returns the URL of an event that is the start of a request.
func requestURL(t *testing.T, message string) string {
	t.Helper()
	var event struct {
		Message struct {
			Method string `json:"method"`
			Params struct {
				Request struct {
					URL string `json:"url"`
				} `json:"request"`
			} `json:"params"`
		} `json:"message"`
	}
	clitest.Must(t, json.Unmarshal([]byte(message), &event))
	if event.Message.Method != "Network.requestWillBeSent" {
		return ""
	}
	return event.Message.Params.Request.URL
}

func (b *Browser) log(t *testing.T, kind string) []logEntry {
	t.Helper()
	var entries []logEntry
	b.send(t, http.MethodPost, "/se/log", map[string]string{"type": kind}, &entries)
	return entries
}
