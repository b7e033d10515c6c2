//go:build e2e

package e2e

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tokenService is the name of the token server and of the registry's service
// in tokens.
const tokenService = "e2e"

// closedPrefix starts the names of repositories for which the token server
// grants nothing to anybody.
const closedPrefix = "closed/"

// tokenServer hands out bearer tokens as the registry's token specification
// describes them: RS256, the certificate in the header x5c.
type tokenServer struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
}

// access is one entry of a token: what it allows on one repository.
type access struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

// startToken starts a registry that wants bearer tokens. The token server is a
// path of the registry's own host and port, in a proxy in front of it, because
// clients refuse a token server on another private address. The recorder tells
// the requests that came.
func startToken(t *testing.T) (*registry, *recorder) {
	t.Helper()
	server := newTokenServer(t)
	listener := listen(t)
	host := listener.Addr().String()
	backend := launch(t, "", fmt.Sprintf(
		"auth:\n  token:\n    realm: http://%s/token\n    service: %s\n    issuer: %s\n    rootcertbundle: %s\n",
		host, tokenService, tokenService, writePEM(t, "token.pem", "CERTIFICATE", server.cert.Raw)))
	seen := serveProxy(t, listener, "http://"+backend, nil, server.answer)
	return &registry{
		host:   host,
		scheme: "http",
		client: &http.Client{},
		authorize: func(r *http.Request) {
			name, _, _ := splitPath(r.URL.Path)
			all := access{Type: "repository", Name: name, Actions: []string{"pull", "push", "delete"}}
			r.Header.Set("Authorization", "Bearer "+server.sign("stage", []access{all}))
		},
	}, seen
}

// newTokenServer makes the key and the certificate of a token server.
func newTokenServer(t *testing.T) *tokenServer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	template := &x509.Certificate{Subject: pkix.Name{CommonName: tokenService}, KeyUsage: x509.KeyUsageDigitalSignature}
	return &tokenServer{key: key, cert: signCertificate(t, template, nil, key, key)}
}

// answer serves /token and leaves every other path to the registry.
func (s *tokenServer) answer(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/token" {
		return false
	}
	user, password, given := r.BasicAuth()
	if given && (user != userName || password != userPassword) {
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"wrong password"}]}`, http.StatusUnauthorized)
		return true
	}
	granted := []access{}
	for _, scope := range r.URL.Query()["scope"] {
		if entry, ok := grant(scope); ok && given {
			granted = append(granted, entry)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"token":%q,"expires_in":300}`, s.sign(user, granted))
	return true
}

// grant returns what the user gets for one scope, "repository:NAME:ACTION,...".
func grant(scope string) (access, bool) {
	parts := strings.Split(scope, ":")
	if len(parts) != 3 || strings.HasPrefix(parts[1], closedPrefix) {
		return access{}, false
	}
	return access{Type: parts[0], Name: parts[1], Actions: strings.Split(parts[2], ",")}, true
}

// sign returns a token for the subject, good for five minutes.
func (s *tokenServer) sign(subject string, granted []access) string {
	now := time.Now().Unix()
	header := segment(map[string]any{
		"typ": "JWT", "alg": "RS256", "x5c": []string{base64.StdEncoding.EncodeToString(s.cert.Raw)},
	})
	claims := segment(map[string]any{
		"iss": tokenService, "sub": subject, "aud": tokenService, "jti": strconv.FormatInt(time.Now().UnixNano(), 36),
		"iat": now, "nbf": now - 60, "exp": now + 300, "access": granted,
	})
	sum := sha256.Sum256([]byte(header + "." + claims))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // a valid key and a digest of the right length cannot fail
	}
	return header + "." + claims + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// segment encodes one of the first two parts of a token.
func segment(value map[string]any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings, numbers and lists of them always encode
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
