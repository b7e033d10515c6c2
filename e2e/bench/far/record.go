//go:build e2e

package far

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Exchange is one request and when its answer began. Without an answer the
// status is 0 and the end is the zero time.
type Exchange struct {
	Method, URI string
	Status      int
	Start, End  time.Time
}

// Record holds what came to one or several fronts.
type Record struct {
	mu   sync.Mutex
	seen []Exchange
}

// around notes every request before next gets it, and its answer when the
// header goes out: no request that is made because of that answer can start
// before the moment that is noted as its end.
func (r *Record) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		next.ServeHTTP(&noting{ResponseWriter: w, note: r.start(req)}, req)
	})
}

// start adds an exchange. The function it returns notes the final status.
func (r *Record) start(req *http.Request) func(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	number := len(r.seen)
	r.seen = append(r.seen, Exchange{Method: req.Method, URI: req.URL.RequestURI(), Start: time.Now()})
	return func(status int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if e := &r.seen[number]; e.Status < http.StatusOK {
			e.Status, e.End = status, time.Now()
		}
	}
}

// noting has the status of an answer noted before the client gets it.
type noting struct {
	http.ResponseWriter
	note func(status int)
}

// WriteHeader notes the status and sends it.
func (n *noting) WriteHeader(status int) {
	n.note(status)
	n.ResponseWriter.WriteHeader(status)
}

// Write is how a handler that names no status says 200.
func (n *noting) Write(p []byte) (int, error) {
	n.note(http.StatusOK)
	return n.ResponseWriter.Write(p)
}

// Unwrap lets the reverse proxy find the writer's other abilities.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// Exchanges returns what came, in the order of its start.
func (r *Record) Exchanges() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Clone(r.seen)
	slices.SortFunc(all, func(a, b Exchange) int { return a.Start.Compare(b.Start) })
	return all
}

// Chain returns the length of the longest chain of exchanges in which each
// starts after the one before it ended: what a client waited for in series.
//
// Taking, again and again, the exchange that ends first among those that
// start after the last one taken gives a longest chain: any other choice ends
// later and leaves no more to choose from.
func Chain(all []Exchange) int {
	byEnd := slices.Clone(all)
	slices.SortFunc(byEnd, func(a, b Exchange) int { return a.End.Compare(b.End) })
	length, last := 0, time.Time{}
	for _, e := range byEnd {
		if !e.End.IsZero() && e.Start.After(last) {
			length, last = length+1, e.End
		}
	}
	return length
}

// Kinds returns how many exchanges of each kind there are, as text: the most
// frequent first.
func Kinds(all []Exchange) string {
	count := map[string]int{}
	for _, e := range all {
		count[e.kind()]++
	}
	var kinds []string
	for kind := range count {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", count[kind], kind)
	}
	return strings.Join(kinds, ", ")
}

// kind returns what was done to what, and the status.
func (e Exchange) kind() string {
	what := "other"
	parts := regexp.MustCompile(`^/v2/.+/(manifests|blobs/uploads|blobs|tags|referrers)/([^?]*)(\?.*mount=)?`).FindStringSubmatch(e.URI)
	switch {
	case parts != nil && parts[3] != "":
		what = "mount"
	case parts != nil:
		what = strings.TrimSuffix(strings.TrimPrefix(parts[1], "blobs/"), "s")
	case strings.HasPrefix(e.URI, "/v2/"):
		what = "ping"
	case strings.HasPrefix(e.URI, "/token"):
		what = "token"
	}
	return fmt.Sprintf("%s %s %d", e.Method, what, e.Status)
}
