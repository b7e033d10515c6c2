package transport

import (
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
)

// minSecret is the shortest text that counts as a secret: shorter ones would
// blot out words that happen to contain them.
const minSecret = 4

// Redact replaces the secrets of this run in a text that is to be shown: what
// a server answers may repeat what it was sent.
func (t *Transport) Redact(text string) string {
	all := append(t.secrets(), t.heard.secrets()...)
	// The longest first: one may begin with another.
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range all {
		if len(secret) >= minSecret {
			text = strings.ReplaceAll(text, secret, "REDACTED")
		}
	}
	return text
}

func (t *Transport) secrets() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []string
	for _, h := range t.hosts {
		all = append(all, h.secrets()...)
	}
	return all
}

func (h *hostState) secrets() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, c := range h.accounts {
		all = append(all, c.secrets()...)
	}
	return all
}

func (c *account) secrets() []string {
	var all []string
	select {
	case c.looking <- struct{}{}:
		if c.found != nil && c.found.key != (authn.AuthConfig{}) {
			key := c.found.key
			_, encoded, _ := strings.Cut(basicHeader(key), " ")
			all = append(all, encoded, key.Password, key.IdentityToken, key.RegistryToken, key.Auth)
		}
		<-c.looking
	default: // it is still being looked for, so nobody was sent it
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.tokens {
		select {
		case <-g.ready:
			all = append(all, g.value, g.refresh)
		default:
		}
	}
	return all
}
