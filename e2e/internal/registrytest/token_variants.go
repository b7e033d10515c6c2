//go:build e2e

package registrytest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// TokenOptions is how a token server differs from TokenServer.
type TokenOptions struct {
	// TokenField is the field of the response that holds the token, "token" if
	// empty.
	TokenField string
	// MaxScopes is how many of the requested scopes a token is valid for; 0 means
	// all.
	MaxScopes int
	// ExpiresIn is the lifetime in the response, in whole seconds; 0 means none is
	// given. FirstTokenUses is the number of requests the first token is valid for;
	// 0 means any number.
	ExpiresIn      time.Duration
	FirstTokenUses int
}

// TokenServerVariant is a token server with options.
type TokenServerVariant struct {
	*TokenServer
	TokenOptions

	mu     sync.Mutex
	issued map[string]*issuedToken
	count  int
}

// issuedToken is a token that a client got.
type issuedToken struct {
	number int // 1 is the first
	used   int
}

// ServeHTTP issues a token and records it.
func (c *TokenServerVariant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if scopes := r.URL.Query()["scope"]; c.MaxScopes > 0 && len(scopes) > c.MaxScopes {
		query := r.URL.Query()
		query["scope"] = scopes[:c.MaxScopes]
		r.URL.RawQuery = query.Encode()
	}
	inner := httptest.NewRecorder()
	c.Intercept(inner, r)
	var issued struct{ Token string }
	if err := json.Unmarshal(inner.Body.Bytes(), &issued); err != nil || issued.Token == "" {
		w.WriteHeader(inner.Code)
		return
	}
	c.mu.Lock()
	c.count++
	c.issued[issued.Token] = &issuedToken{number: c.count}
	c.mu.Unlock()
	response := map[string]any{cmp.Or(c.TokenField, "token"): issued.Token}
	if c.ExpiresIn > 0 {
		response["expires_in"] = int(c.ExpiresIn.Seconds())
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(response) // a client may have closed the connection
}

// Check is an interceptor that refuses requests whose token is no longer valid.
func (c *TokenServerVariant) Check(w http.ResponseWriter, r *http.Request) bool {
	token, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !given {
		return false
	}
	c.mu.Lock()
	h, known := c.issued[token]
	good := known
	if known {
		h.used++
		good = c.FirstTokenUses == 0 || h.number > 1 || h.used <= c.FirstTokenUses
	}
	c.mu.Unlock()
	if good {
		return false
	}
	challenge := fmt.Sprintf(`Bearer realm="http://%s/token",service=%q,error="invalid_token"`, r.Host, TokenService)
	return Refuse(http.StatusUnauthorized, "WWW-Authenticate", challenge)(w, r)
}

// NewTokenServerVariant returns a token server that signs as server does, with
// the options.
func NewTokenServerVariant(server *TokenServer, options TokenOptions) *TokenServerVariant {
	return &TokenServerVariant{TokenServer: server, TokenOptions: options, issued: map[string]*issuedToken{}}
}
