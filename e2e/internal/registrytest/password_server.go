//go:build e2e

package registrytest

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// StartPasswordServer starts a registry with Basic authentication, in which respond
// answers all requests that have a password. It returns HOST:PORT.
func StartPasswordServer(t *testing.T, respond func(w http.ResponseWriter, password string)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, ok := r.BasicAuth()
		if !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		respond(w, password)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}
