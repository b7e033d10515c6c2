package probe

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/probe/probetest"
	"manifest-tool/internal/store/transport"
)

// probeTLS carries out the checks of the connection on a registry with TLS. set are the
// settings of its host, caFile the CA of the server.
func probeTLS(t *testing.T, http2 bool, set func(caFile string) transport.HostConfig) Report {
	t.Helper()
	server := httptest.NewUnstartedServer(probetest.NewRegistry())
	server.EnableHTTP2 = http2
	server.StartTLS()
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(server.URL, "https://")
	return probeHost(t, host, transport.Options{Host: func(string, bool) transport.HostConfig { return set(file) }}, SectionConnection)
}

func TestConnection(t *testing.T) {
	trusted := func(file string) transport.HostConfig { return transport.HostConfig{CAFile: file, HTTPS: true} }
	insecure := func(string) transport.HostConfig { return transport.HostConfig{Insecure: true, HTTPS: true} }
	untrusted := func(string) transport.HostConfig { return transport.HostConfig{HTTPS: true} }
	all := []string{"connection-api", "connection-api-version", "connection-certificate", "connection-http2", "connection-tls"}
	for name, tt := range map[string]struct {
		http2 bool
		set   func(string) transport.HostConfig
		pass  []string
		facts map[string]string
	}{
		"http2":     {true, trusted, all, map[string]string{"protocol": "HTTP/2.0", "scheme": "https", "tls": "TLS 1.3"}},
		"http1":     {false, trusted, []string{"connection-api", "connection-api-version", "connection-certificate", "connection-tls"}, map[string]string{"protocol": "HTTP/1.1"}},
		"insecure":  {true, insecure, all, map[string]string{"scheme": "https"}},
		"untrusted": {true, untrusted, nil, map[string]string{"certificate": "untrusted"}},
	} {
		t.Run(name, func(t *testing.T) {
			report := probeTLS(t, tt.http2, tt.set)
			if diff := cmp.Diff(tt.pass, withStatus(report, StatusPass)); diff != "" {
				t.Error(diff)
			}
			if got := withStatus(report, StatusFail); len(got) > 0 {
				t.Errorf("%q fail", got)
			}
			for fact, want := range tt.facts {
				if got := factsOf(report)[fact]; got != want {
					t.Errorf("fact %s is %q, want %q", fact, got, want)
				}
			}
		})
	}
}

// TestJudgeAPI has what servers and proxies respond to /v2/.
func TestJudgeAPI(t *testing.T) {
	const denied = `{"errors":[{"code":"DENIED","message":"your\nquota is used up"}]}`
	for name, tt := range map[string]struct {
		status int
		body   string
		want   Status
		detail string
	}{
		"distribution":       {200, "{}", StatusPass, "200"},
		"Quay":               {200, "true", StatusPass, "200"},
		"login":              {401, "<html>", StatusPass, "401"},
		"a form":             {200, "\n<!DOCTYPE html>", StatusFail, "a web page"},
		"another server":     {404, "<html>", StatusFail, "not a registry"},
		"throttled":          {429, "", StatusError, "429"},
		"maintenance":        {503, "<html>", StatusError, "503"},
		"the server's error": {500, "", StatusError, "500"},
		"a message":          {403, denied, StatusError, "403 Forbidden: your quota is used up"},
	} {
		t.Run(name, func(t *testing.T) {
			got := judgeAPI(response{status: tt.status, body: []byte(tt.body)})
			if got.status != tt.want || !strings.Contains(got.detail, tt.detail) {
				t.Errorf("%s %q", got.status, got.detail)
			}
		})
	}
}

func factsOf(r Report) map[string]string {
	all := map[string]string{}
	for _, one := range r.Results {
		for k, v := range one.Facts {
			all[k] = v
		}
	}
	return all
}

func TestConnectionFaults(t *testing.T) {
	base := func(f fault) fault {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path != "/v2/" {
				next.ServeHTTP(w, r)
				return
			}
			f(w, r, next)
		}
	}
	sent := change(func(_ *http.Request, h http.Header, body []byte) []byte {
		h.Del("Docker-Distribution-Api-Version")
		h.Set("Server", "test/1")
		return body
	})
	testFaults(t, map[string]faultCase{
		"another server": {base(respond(http.StatusNotFound)), map[string]Status{"connection-api": StatusFail, "connection-api-version": StatusSkip}, nil},
		"a redirect":     {base(respond(http.StatusMovedPermanently)), map[string]Status{"connection-api": StatusFail, "connection-api-version": StatusSkip}, nil},
		"no version":     {base(sent), map[string]Status{"connection-api-version": StatusSkip, "connection-api": StatusPass}, map[string]string{"server": "test/1"}},
	}, SectionConnection)
}

func TestJudgeCertificate(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		cert x509.Certificate
		want Status
		days string
	}{
		"valid":        {x509.Certificate{DNSNames: []string{"registry.example"}, NotAfter: now.Add(90 * day)}, StatusPass, "90"},
		"ends soon":    {x509.Certificate{DNSNames: []string{"registry.example"}, NotAfter: now.Add(3 * day)}, StatusPass, "3"},
		"expired":      {x509.Certificate{DNSNames: []string{"registry.example"}, NotAfter: now.Add(-3 * day)}, StatusFail, "-3"},
		"not yet":      {x509.Certificate{DNSNames: []string{"registry.example"}, NotBefore: now.Add(day), NotAfter: now.Add(90 * day)}, StatusFail, "90"},
		"another host": {x509.Certificate{DNSNames: []string{"other.example"}, NotAfter: now.Add(90 * day)}, StatusFail, "90"},
	} {
		got := judgeCertificate(&tt.cert, "registry.example", now)
		if got.status != tt.want || got.facts["certificate-days"] != tt.days {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
