//go:build e2e

package probe

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// silent accepts a request and never responds.
func silent(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() }

// TestSilentRegistry: a registry that does not respond any more ends the run at its
// --timeout, with what was found until then.
func TestSilentRegistry(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		on, timeout string
		// pass are checks that were carried out before.
		pass []string
	}{
		"from the beginning": {".*", "1s", nil},
		"from the manifests": {"(PUT /manifests/.*|DELETE /blobs/(blob|config).*)", "12s", []string{"connection-api", "login-token", "blob-two-step", "mount"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(newBroken(breakage{tt.on, silent}))
			t.Cleanup(server.CloseClientConnections)
			host := strings.TrimPrefix(server.URL, "http://")
			s := clitest.Session{Stdin: registrytest.UserPassword + "\n"}
			r := testRegistry(t, s, "--timeout", tt.timeout, host+"/team/scratch", "--username", registrytest.UserName, "--password-stdin")
			wantInterrupted(t, r, tt.pass)
		})
	}
}

func wantInterrupted(t *testing.T, r fullReport, pass []string) {
	t.Helper()
	statuses := r.statuses()
	for _, check := range pass {
		if statuses[check] != "pass" {
			t.Errorf("%s: %s %q", check, statuses[check], r.detail(check))
		}
	}
	for _, check := range []string{"image-oci", "index-oci", "delete-unknown"} {
		if statuses[check] != "error" || !strings.Contains(r.detail(check), "the time of the run is over") {
			t.Errorf("%s: %s %q", check, statuses[check], r.detail(check))
		}
	}
	if r.code != 1 || r.Verdict.Works != "unknown" || (len(r.Left) > 0) != (len(pass) > 0) {
		t.Errorf("exit code %d, works: %s, left: %q", r.code, r.Verdict.Works, r.Left)
	}
}

// TestPlainHTTPToTLS: settings with which the registry did not respond as one are not
// suggested.
func TestPlainHTTPToTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(newBroken(breakage{}))
	t.Cleanup(server.Close)
	r := testRegistry(t, clitest.Session{}, "--plain-http", "--only", "connection", strings.TrimPrefix(server.URL, "https://")+"/team/scratch")
	if r.code != 3 || r.statuses()["connection-api"] != "fail" || r.Settings != "" {
		t.Errorf("exit code %d, connection-api: %q, settings:\n%s", r.code, r.detail("connection-api"), r.Settings)
	}
}
