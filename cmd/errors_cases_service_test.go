package cmd

import (
	"net/http"
	"testing"
)

// serviceCases are about a query service, and query --server.
func serviceCases() []errorCase {
	ask := func(answer http.HandlerFunc) func(*testing.T, *machine) outcome {
		return func(t *testing.T, m *machine) outcome {
			return m.main("query", "--server", "http://"+m.web(t, "SERVICE", answer), "registry.example.com/team/app:1.0")
		}
	}
	return []errorCase{
		{id: "not-a-service", condition: "another web server is at the address of the query service", run: ask(serves("text/html", "<!doctype html>"))},
		{id: "service-waits", condition: "the registry limits the requests of the query service", run: ask(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"error":"registry.example.com/team/app:1.0: rate limited"}`)) // the client has gone
		})},
		{id: "service-without-tls", condition: "the query service has no TLS, and its address is https", run: func(t *testing.T, m *machine) outcome {
			return m.main("query", "--server", "https://"+m.web(t, "SERVICE", serves("text/html", "")), "registry.example.com/team/app:1.0")
		}},
		{id: "layout-at-a-service", condition: "a query service is asked for an image that is not in a registry", run: func(_ *testing.T, m *machine) outcome {
			return m.main("query", "--server", "http://127.0.0.1:8080", "oci-layout:///srv/image:1")
		}},
	}
}
