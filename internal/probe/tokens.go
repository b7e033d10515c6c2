package probe

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"manifest-tool/internal/store/transport"
)

// tokenLog holds the exchanges with token servers. The transport adds them from other
// goroutines.
type tokenLog struct {
	mu  sync.Mutex
	all []transport.TokenExchange
}

func (l *tokenLog) add(e transport.TokenExchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, e)
}

func (l *tokenLog) count() int { return len(l.since(0)) }

// since returns the exchanges after the first n.
func (l *tokenLog) since(n int) []transport.TokenExchange {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all[n:])
}

// recordTokens adds the exchanges of a log after its first n to those of the running
// check. Their bodies are tokens, which no report shows.
func (c *client) recordTokens(log *tokenLog, n int) {
	for _, t := range log.since(n) {
		c.sent++
		c.exchanges = append(c.exchanges, Exchange{Method: t.Method, URL: c.redact(t.URL), Status: t.Status})
	}
}

// withoutCredentials returns the headers of a request for the report.
func withoutCredentials(header map[string]string) map[string]string {
	shown := maps.Clone(header)
	maps.DeleteFunc(shown, func(name, _ string) bool { return strings.EqualFold(name, "Authorization") })
	return shown
}
