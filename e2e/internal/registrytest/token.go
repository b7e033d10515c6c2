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

// tokenService is the name of the token server and of the registry's service
// in tokens.
const TokenService = "e2e"

// closedPrefix starts the names of repositories for which the token server
// grants nothing to anybody.
const ClosedPrefix = "closed/"

// tokenServer hands out bearer tokens as the registry's token specification
// describes them: RS256, the certificate in the header x5c.
type TokenServer struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
	// Users are the passwords by name.
	Users map[string]string
	// OwnNamespaceOnly grants a user only what lies below the folder of that name; the
	// user called root owns everything.
	OwnNamespaceOnly bool
	// IdentityToken is the identity token that alice gets when she asks for one; ""
	// where there is none.
	IdentityToken string
}

// access is one entry of a token: what it allows on one repository.
type access struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

// startToken starts a registry that wants bearer tokens. The token server is a
// path of the registry's own host and port, in a proxy in front of it, because
// other clients refuse a token server on another private address. The recorder tells
// the requests that came.
func StartToken(t *testing.T) (*Registry, *Recorder) {
	t.Helper()
	return NewTokenServer(t).Start(t, nil)
}

// Start starts the registry of startToken with this token server, with TLS when
// there is an authority.
func (s *TokenServer) Start(t *testing.T, ca *Authority) (*Registry, *Recorder) {
	t.Helper()
	listener, scheme, client, caFile := Listen(t), "http", &http.Client{}, ""
	host := listener.Addr().String()
	if ca != nil {
		listener, scheme, caFile = ca.WrapListener(t, listener), "https", ca.File
		client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool()}}
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
			r.Header.Set("Authorization", "Bearer "+s.sign("stage", []access{all}))
		},
	}, seen
}

// newTokenServer makes the key and the certificate of a token server.
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

// Intercept serves /token and leaves every other path to the registry.
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

// grant returns what the user gets for one scope, "repository:NAME:ACTION,...".
func grant(scope string) (access, bool) {
	parts := strings.Split(scope, ":")
	if len(parts) != 3 || strings.HasPrefix(parts[1], ClosedPrefix) {
		return access{}, false
	}
	return access{Type: parts[0], Name: parts[1], Actions: strings.Split(parts[2], ",")}, true
}

// sign returns a token for the subject, good for five minutes.
func (s *TokenServer) sign(subject string, granted []access) string {
	now := time.Now().Unix()
	header := segment(map[string]any{
		"typ": "JWT", "alg": "RS256", "x5c": []string{base64.StdEncoding.EncodeToString(s.cert.Raw)},
	})
	claims := segment(map[string]any{
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

// segment encodes one of the first two parts of a token.
func segment(value map[string]any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings, numbers and lists of them always encode
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
