//go:build e2e

package probe

import (
	"crypto/x509"
	"net"
	"net/http"
)

// overTLS are the checks that are skipped on plain http.
func overTLS() map[string]string {
	return map[string]string{"connection-tls": "pass", "connection-certificate": "pass", "connection-http2": "pass"}
}

// connectionCases break connections and logins.
func connectionCases() []brokenCase {
	const base, token = "GET /v2/ anonymous", `{"token":"token-of-alice"`
	valid := func(*x509.Certificate) {}
	other := func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)} }
	several := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if len(r.URL.Query()["scope"]) > 1 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	}
	challenge := func(text string) breakage { return breakage{".* anonymous", header("WWW-Authenticate", text)} }
	// A mount is only possible with a token for both repositories.
	noMount := map[string]string{"mount": "error", "mount-unknown-blob": "error", "mount-unknown-repository": "error"}
	return []brokenCase{
		{check: "connection-api", breakage: breakage{base, respond(404)}, others: map[string]string{"login-challenge": "skip"}},
		{check: "connection-api-version", breakage: breakage{base, header("Docker-Distribution-Api-Version", "registry/2.0")}, status: "pass"},
		{check: "connection-tls", status: "pass", certificate: valid, others: overTLS()},
		{check: "connection-certificate", certificate: other, blocks: true},
		{check: "connection-http2", status: "pass", certificate: valid, others: overTLS()},
		{check: "login-challenge", breakage: breakage{base, respond(401)}},
		{check: "login-challenge-scheme", breakage: challenge(`Bearer service="test"`), blocks: true},
		{check: "login-challenge-read", breakage: breakage{"GET /manifests/absent anonymous", respond(401)}},
		{check: "login-challenge-write", breakage: breakage{"POST /blobs/uploads/ anonymous", respond(401)}},
		{check: "login-realm", breakage: challenge(`Bearer realm="ftp://127.0.0.1/token",service="test"`), blocks: true},
		{check: "login-accepted", breakage: breakage{"token login", respond(401)}, status: "error", blocks: true},
		{check: "login-token", breakage: breakage{"token login", send(`{"expires_in":300}`)}, blocks: true},
		{check: "login-token-lifetime", breakage: breakage{"token login", send(token + `,"expires_in":5}`)}},
		{check: "login-token-scopes", breakage: breakage{"token login", several}, status: "skip", others: noMount},
		{check: "login-token-anonymous", breakage: breakage{"token anonymous", send(`{}`)}},
		{check: "login-token-invalid", breakage: breakage{"GET /v2/ invalid", respond(200)}},
		{check: "login-wrong-password", breakage: breakage{"token unknown", send(token + `}`)}},
	}
}
