package transport

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestPasswordIsRedactedDuringALookUp redacts a message while a request looks the
// credential up, which others have sent already: the message may neither wait nor go
// without it.
func TestPasswordIsRedactedDuringALookUp(t *testing.T) {
	t.Parallel()
	net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
		if _, _, ok := r.BasicAuth(); !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}})
	tr.Announce("registry.example", "a", false)
	wantStatus(t, tr, 200, "GET", "https://registry.example/v2/a/manifests/1", "")
	tr.host("registry.example").account("a").looking <- struct{}{} // as credential does
	if got := tr.Redact("denied: " + alice.Password); got != "denied: REDACTED" {
		t.Error(got)
	}
}

// TestReplacedTokensAreRedacted has a token server repeat an identity token that it has
// replaced since.
func TestReplacedTokensAreRedacted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issued := 0
		net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/token":
				issued++
				fmt.Fprintf(w, `{"token":"bearer-%[1]d","refresh_token":"identity-%[1]d","expires_in":60}`, issued)
			case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "):
				w.Header().Set("WWW-Authenticate", `Bearer realm="https://registry.example/token"`)
				w.WriteHeader(http.StatusUnauthorized)
			}
		}}}
		tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}})
		tr.Announce("registry.example", "a", false)
		for range 2 {
			wantStatus(t, tr, 200, "GET", "https://registry.example/v2/a/manifests/1", "")
			time.Sleep(2 * time.Minute)
		}
		if got := tr.Redact("bearer-1 identity-1 bearer-2 identity-2"); issued != 2 || strings.Contains(got, "bearer") || strings.Contains(got, "identity") {
			t.Errorf("after %d tokens: %s", issued, got)
		}
		for i := range maxSecrets { // as presigned URLs have them
			tr.received.note(fmt.Sprintf("signature-%d", i), minSecret)
		}
		if got := tr.Redact("bearer-2 identity-2"); strings.Contains(got, "bearer") || strings.Contains(got, "identity") {
			t.Errorf("after many other secrets: %s", got)
		}
	})
}
