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

// habits are what a token server does in its own way. The zero value is that
// of tokenServer.
type TokenOptions struct {
	// TokenField is where the token stands in the answer, "token" when empty.
	TokenField string
	// MaxScopes is how many of the scopes asked for a token is good for; 0 is all.
	MaxScopes int
	// ExpiresIn is how long a token is said to be good, in whole seconds, 0 for
	// nothing said; uses is how many requests the first one is good for, 0 for
	// any number.
	ExpiresIn      time.Duration
	FirstTokenUses int
}

// clerk is a token server with habits.
type TokenServerVariant struct {
	*TokenServer
	TokenOptions

	mu     sync.Mutex
	issued map[string]*issuedToken
	order  int
}

// held is a token that was handed out.
type issuedToken struct {
	number int // 1 is the first
	used   int
}

// ServeHTTP hands out a token and notes it.
func (c *TokenServerVariant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if scopes := r.URL.Query()["scope"]; c.MaxScopes > 0 && len(scopes) > c.MaxScopes {
		query := r.URL.Query()
		query["scope"] = scopes[:c.MaxScopes]
		r.URL.RawQuery = query.Encode()
	}
	inner := httptest.NewRecorder()
	c.Intercept(inner, r)
	var said struct{ Token string }
	if err := json.Unmarshal(inner.Body.Bytes(), &said); err != nil || said.Token == "" {
		w.WriteHeader(inner.Code)
		return
	}
	c.mu.Lock()
	c.order++
	c.issued[said.Token] = &issuedToken{number: c.order}
	c.mu.Unlock()
	answer := map[string]any{cmp.Or(c.TokenField, "token"): said.Token}
	if c.ExpiresIn > 0 {
		answer["expires_in"] = int(c.ExpiresIn.Seconds())
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // a client that went away is no fault of ours
}

// Check refuses requests whose token is no longer good.
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
	asks := fmt.Sprintf(`Bearer realm="http://%s/token",service=%q,error="invalid_token"`, r.Host, TokenService)
	return Refuse(http.StatusUnauthorized, "WWW-Authenticate", asks)(w, r)
}

// newTokenServerVariant returns a token server that signs as server does, in
// the way that options describes.
func NewTokenServerVariant(server *TokenServer, options TokenOptions) *TokenServerVariant {
	return &TokenServerVariant{TokenServer: server, TokenOptions: options, issued: map[string]*issuedToken{}}
}
