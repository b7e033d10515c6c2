//go:build e2e

package login

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault41EscapedPasswords has a registry that repeats a password escaped.
func TestFault41EscapedPasswords(t *testing.T) {
	t.Parallel()
	const password = `pa"ss\wörd<&>xyz`
	encoded, err := json.Marshal(password)
	clitest.Must(t, err)
	for name, form := range map[string]string{
		"json": strings.Trim(string(encoded), `"`), "quoted": strings.Trim(strconv.Quote(password), `"`),
		"ascii": strings.Trim(strconv.QuoteToASCII(password), `"`), "query": url.QueryEscape(password), "path": url.PathEscape(password),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := registrytest.StartPasswordServer(t, func(w http.ResponseWriter, _ string) {
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprint(w, "sent: "+form)
			})
			done := clitest.Session{Stdin: password}.Run(t, "inspect", "--username", "bob", "--password-stdin", host+"/app:1")
			if !strings.Contains(done.Stderr, "sent: REDACTED\n") {
				t.Error(done.Stderr)
			}
		})
	}
}

// TestFault41UnaskedResponse has a registry that sends a password after the end of a
// response, which net/http writes to the log of the process.
func TestFault41UnaskedResponse(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	host := registrytest.StartPasswordServer(t, func(w http.ResponseWriter, password string) {
		if n.Add(1) > 1 {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprintf(conn, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n%s", password)
	})
	done := clitest.Session{Stdin: "wonderland"}.Run(t, "inspect", "--username", "bob", "--password-stdin", host+"/app:1")
	if strings.Contains(done.Stderr, "wonderland") || n.Load() < 2 {
		t.Errorf("%d requests: %s", n.Load(), done.Stderr)
	}
}

// TestFault41PasswordAtTheEndOfAnExcerpt has a registry that repeats a password where a
// report of test-registry shortens its message.
func TestFault41PasswordAtTheEndOfAnExcerpt(t *testing.T) {
	t.Parallel()
	password := strings.Repeat("wonderland", 20)
	host := registrytest.StartPasswordServer(t, func(w http.ResponseWriter, password string) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Server", password)
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"errors":[{"code":"DENIED","message":"%s%s"}]}`, strings.Repeat("x", 300), password)
	})
	for _, format := range []string{"json", "junit", "html"} {
		done := clitest.Session{Stdin: password}.Run(t, "test-registry", "--username", "bob", "--password-stdin", "-o", format, host+"/app")
		if text := done.Stdout + done.Stderr; strings.Contains(text, "wonderland") || !strings.Contains(text, "xREDACTED") {
			t.Errorf("%s: %s", format, text)
		}
	}
}

// TestFault41PasswordOfAProxy has a proxy that repeats its password to query --server.
func TestFault41PasswordOfAProxy(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := r.Header.Get("Proxy-Authorization")
		plain, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(sent, "Basic "))
		w.WriteHeader(http.StatusProxyAuthRequired)
		fmt.Fprintf(w, `{"error":"not with %s, %s"}`, sent, plain)
	}))
	t.Cleanup(proxy.Close)
	at := "http://bob:wonderland@" + proxy.Listener.Addr().String()
	done := clitest.Session{Env: []string{"HTTP_PROXY=" + at}}.Run(t, "query", "--server", "http://service.example", "app:1")
	if !strings.Contains(done.Stderr, "not with Basic REDACTED, bob:REDACTED") {
		t.Error(done.Stderr)
	}
}
