//go:build e2e

package registrytest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

// TokenService is the name of the token server, and of the registry's service
// in tokens.
const TokenService = "e2e"

// ClosedPrefix is the prefix of repositories for which the token server grants
// no access.
const ClosedPrefix = "closed/"

// TokenServer issues bearer tokens as the registry's token specification
// describes them: RS256, with the certificate in the header x5c.
type TokenServer struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
	// Users is the passwords by user name.
	Users map[string]string
	// OwnNamespaceOnly grants a user access below the namespace of that name only.
	// The user root has access to all.
	OwnNamespaceOnly bool
	// IdentityToken is the identity token that alice gets on request; "" means
	// none.
	IdentityToken string
}

// access is one entry of a token: what it permits in one repository.
type access struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

// StartToken starts a registry that requires bearer tokens. The token server is
// a path of the registry's own host and port, in a proxy in front of it,
// because other clients reject a token server at another private address. It
// returns the requests that came, too.
func StartToken(t *testing.T) (*Registry, *Recorder) {
	t.Helper()
	return NewTokenServer(t).Start(t, nil)
}

// Start starts a registry as StartToken does with this token server, with TLS
// unless ca is nil.
func (s *TokenServer) Start(t *testing.T, ca *Authority) (*Registry, *Recorder) {
	t.Helper()
	listener, scheme, client, caFile := Listen(t), "http", &http.Client{}, ""
	host := listener.Addr().String()
	if ca != nil {
		listener, scheme, caFile = ca.wrapListener(t, listener), "https", ca.File
		client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.pool()}}
		t.Cleanup(client.CloseIdleConnections)
	}
	backend := Launch(t, "", fmt.Sprintf(
		"auth:\n  token:\n    realm: %s://%s/token\n    service: %s\n    issuer: %s\n    rootcertbundle: %s\n",
		scheme, host, TokenService, TokenService, WritePEM(t, "token.pem", "CERTIFICATE", s.cert.Raw)))
	seen := serveProxy(t, listener, "http://"+backend, nil, s.Intercept)
	return &Registry{
		Host:   host,
		Scheme: scheme,
		CAFile: caFile,
		Client: client,
		Authorize: func(r *http.Request) {
			name, _, _ := SplitPath(r.URL.Path)
			all := access{Type: "repository", Name: name, Actions: []string{"pull", "push", "delete"}}
			r.Header.Set("Authorization", "Bearer "+s.sign("harness", []access{all}))
		},
	}, seen
}

// NewTokenServer returns a token server with a new key and one user.
func NewTokenServer(t *testing.T) *TokenServer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	clitest.Must(t, err)
	template := &x509.Certificate{Subject: pkix.Name{CommonName: TokenService}, KeyUsage: x509.KeyUsageDigitalSignature}
	return &TokenServer{
		key: key, cert: signCertificate(t, template, nil, key, key),
		Users: map[string]string{UserName: UserPassword},
	}
}

// Intercept responds to /token and leaves other paths to the registry.
func (s *TokenServer) Intercept(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/token" {
		return false
	}
	user, password, given := r.BasicAuth()
	query := r.URL.Query()
	if r.Method == http.MethodPost { // with an identity token
		err := r.ParseForm()
		query = url.Values{"scope": strings.Fields(r.PostForm.Get("scope"))}
		user, given = UserName, true
		if err != nil || s.IdentityToken == "" || r.PostForm.Get("refresh_token") != s.IdentityToken {
			user = ""
		}
	} else if given && s.Users[user] != password {
		user = ""
	}
	if given && user == "" {
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"wrong password"}]}`, http.StatusUnauthorized)
		return true
	}
	granted := []access{}
	for _, scope := range query["scope"] {
		if entry, ok := grant(scope); ok && given && s.owns(user, entry.Name) {
			granted = append(granted, entry)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	identity := ""
	if query.Get("offline_token") == "true" && user == UserName && s.IdentityToken != "" {
		identity = fmt.Sprintf(`,"refresh_token":%q`, s.IdentityToken)
	}
	signed := s.sign(user, granted)
	fmt.Fprintf(w, `{"token":%q,"access_token":%[1]q,"expires_in":300%s}`, signed, identity)
	return true
}

func (s *TokenServer) owns(user, repository string) bool {
	return !s.OwnNamespaceOnly || user == "root" || strings.HasPrefix(repository, user+"/")
}

// grant returns the access that a user gets for a scope,
// "repository:NAME:ACTION,...".
func grant(scope string) (access, bool) {
	parts := strings.Split(scope, ":")
	if len(parts) != 3 || strings.HasPrefix(parts[1], ClosedPrefix) {
		return access{}, false
	}
	return access{Type: parts[0], Name: parts[1], Actions: strings.Split(parts[2], ",")}, true
}

// sign returns a token for the subject that is valid for five minutes.
func (s *TokenServer) sign(subject string, granted []access) string {
	now := time.Now().Unix()
	header := encodeSegment(map[string]any{
		"typ": "JWT", "alg": "RS256", "x5c": []string{base64.StdEncoding.EncodeToString(s.cert.Raw)},
	})
	claims := encodeSegment(map[string]any{
		"iss": TokenService, "sub": subject, "aud": TokenService, "jti": strconv.FormatInt(time.Now().UnixNano(), 36),
		"iat": now, "nbf": now - 60, "exp": now + 300, "access": granted,
	})
	sum := sha256.Sum256([]byte(header + "." + claims))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // a valid key and a digest of the right length cannot fail
	}
	return header + "." + claims + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// encodeSegment encodes one of the first two parts of a token.
func encodeSegment(value map[string]any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings, numbers and lists of them always encode
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
