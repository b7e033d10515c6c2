//go:build e2e

package server

import (
	"net/http"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// TestTrustedProxy sends many requests of one client, then one of another, through a proxy
// at this machine that names the client: the limit is that of the client only if the
// proxy is trusted.
func TestTrustedProxy(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{"trusted": {"--trusted-proxy", "127.0.0.0/8"}, "another": {"--trusted-proxy", "203.0.113.9"}, "none": nil} {
		v := clitest.Session{}.Serve(t, append(flags, "--rate", "1")...)
		limited := false
		for range 100 {
			limited = limited || through(t, v, "198.51.100.1") == http.StatusTooManyRequests
		}
		if !limited {
			t.Errorf("%s: a hundred requests of one client are allowed", name)
		}
		if got := through(t, v, "198.51.100.2") == http.StatusOK; got != (name == "trusted") {
			t.Errorf("%s: another client is allowed: %v", name, got)
		}
	}
}

// through requests the page as a proxy does for a client, and returns the status.
func through(t *testing.T, v *clitest.Service, client string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.URL, nil)
	clitest.Must(t, err)
	req.Header.Set("X-Forwarded-For", client)
	resp, err := http.DefaultClient.Do(req)
	clitest.Must(t, err)
	clitest.Must(t, resp.Body.Close())
	return resp.StatusCode
}
