package transport

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
)

const (
	// maxSecrets bounds how many secrets of servers are kept, the latest ones.
	maxSecrets = 512
	// minSecretLen is the length of the shortest query value that counts as a
	// secret: plain words in a presigned query (host, GET) are shorter.
	minSecretLen = 12
)

// secretRecorder records the secrets in requests and responses: credentials, the values
// of presigned queries and of upload states, cookies, the password of the proxy. They
// are redacted from our messages if a server repeats them in an error.
type secretRecorder struct {
	next http.RoundTripper

	mu     sync.Mutex
	values []string
	known  map[string]bool
}

func (h *secretRecorder) RoundTrip(req *http.Request) (*http.Response, error) {
	_, credential, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	h.note(credential, minSecret)
	h.noteQuery(req.URL)
	if proxy, err := http.ProxyFromEnvironment(req); err == nil && proxy != nil {
		password, _ := proxy.User.Password()
		h.note(password, minSecret)
		h.note(base64.StdEncoding.EncodeToString([]byte(proxy.User.Username()+":"+password)), minSecret)
	}
	resp, err := h.next.RoundTrip(req)
	if err != nil {
		return resp, err
	}
	for _, cookie := range resp.Cookies() {
		h.note(cookie.Value, minSecretLen)
	}
	if to, err := resp.Location(); err == nil {
		h.noteQuery(to)
	}
	return resp, nil
}

// noteQuery records the values of the parameters that are not public, plain and
// escaped.
func (h *secretRecorder) noteQuery(u *url.URL) {
	for key, values := range u.Query() {
		if isPublic(key) {
			continue
		}
		for _, value := range values {
			h.note(value, minSecretLen)
			h.note(url.QueryEscape(value), minSecretLen)
		}
	}
}

func (h *secretRecorder) note(value string, least int) {
	if len(value) < least {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known[value] {
		return
	}
	if len(h.values) == maxSecrets {
		delete(h.known, h.values[0])
		h.values = h.values[1:]
	}
	if h.known == nil {
		h.known = map[string]bool{}
	}
	h.known[value] = true
	h.values = append(h.values, value)
}

// RecordSecrets returns a network that records the secrets in its requests and
// responses, such as the password of a proxy, and the function that redacts them.
func RecordSecrets(network http.RoundTripper) (recorder http.RoundTripper, redacted func(string) string) {
	h := &secretRecorder{next: network}
	return h, func(text string) string { return redact(text, h.secrets()) }
}

func (h *secretRecorder) secrets() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.values)
}

// minSecret is the length of the shortest string that counts as a secret: shorter ones
// would redact words that happen to contain them.
const minSecret = 4

// Redact replaces the secrets of this run in a string that will be shown: a server's
// response may repeat them.
func (t *Transport) Redact(text string) string {
	all := append(t.secrets(), t.received.secrets()...)
	return redact(text, all)
}

// redact replaces secrets in a string, in each form in which a server or a message may
// have them: as they are, quoted, and escaped for JSON or a URL.
func redact(text string, all []string) string {
	if strings.ContainsAny(text, `\%+`) { // every escaped form has one of these
		for _, secret := range all {
			all = append(all, escapedForms(secret)...)
		}
	}
	// The longest first: one may begin with another.
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range all {
		if len(secret) >= minSecret {
			text = strings.ReplaceAll(text, secret, "REDACTED")
		}
	}
	return text
}

// escapedForms returns a secret as it is quoted, and escaped for JSON and for a URL.
func escapedForms(secret string) []string {
	quoted, ascii := strconv.Quote(secret), strconv.QuoteToASCII(secret)
	forms := []string{quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1], url.QueryEscape(secret), url.PathEscape(secret), (&url.URL{Path: secret}).EscapedPath()}
	if encoded, err := json.Marshal(secret); err == nil {
		forms = append(forms, string(encoded[1:len(encoded)-1]))
	}
	return forms
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
	if f := c.found.Load(); f != nil && f.key != (authn.AuthConfig{}) {
		_, encoded, _ := strings.Cut(basicHeader(f.key), " ")
		all = append(all, encoded, f.key.Password, f.key.IdentityToken, f.key.RegistryToken, f.key.Auth)
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
