//go:build e2e

package far

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tokenService names the token server and the registry it works for.
const tokenService = "bench"

// tokenServer hands out bearer tokens as the registry's token specification
// describes them: ES256, the certificate in the header x5c.
type tokenServer struct{ *identity }

// access is one entry of a token: what it allows on one repository.
type access struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

func newTokenServer() (*tokenServer, error) {
	template := &x509.Certificate{Subject: pkix.Name{CommonName: tokenService}, KeyUsage: x509.KeyUsageDigitalSignature}
	id, err := newIdentity(template, nil)
	return &tokenServer{id}, err
}

// ServeHTTP answers one token request with everything it asks for, when the
// password is right.
func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	if r.Method != http.MethodGet {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if user != User || password != Password {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	granted := []access{}
	for _, all := range r.URL.Query()["scope"] {
		for _, scope := range strings.Fields(all) {
			if parts := strings.Split(scope, ":"); len(parts) == 3 {
				granted = append(granted, access{parts[0], parts[1], strings.Split(parts[2], ",")})
			}
		}
	}
	token, err := s.sign(granted)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"token":%q,"expires_in":300}`, token) // the client may be gone
}

// sign returns a token that is good for five minutes.
func (s *tokenServer) sign(granted []access) (string, error) {
	now := time.Now().Unix()
	header, err := segment(map[string]any{
		"typ": "JWT", "alg": "ES256", "x5c": []string{base64.StdEncoding.EncodeToString(s.cert.Raw)},
	})
	if err != nil {
		return "", err
	}
	claims, err := segment(map[string]any{
		"iss": tokenService, "sub": User, "aud": tokenService, "jti": strconv.FormatInt(time.Now().UnixNano(), 36),
		"iat": now, "nbf": now - 60, "exp": now + 300, "access": granted,
	})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(header + "." + claims))
	left, right, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		return "", err
	}
	signature := append(left.FillBytes(make([]byte, 32)), right.FillBytes(make([]byte, 32))...)
	return header + "." + claims + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// segment encodes one of the first two parts of a token.
func segment(value any) (string, error) {
	text, err := json.Marshal(value)
	return base64.RawURLEncoding.EncodeToString(text), err
}
