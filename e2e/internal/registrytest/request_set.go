//go:build e2e

package registrytest

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// RequestSet is a multiset of requests, each as Row formats it.
type RequestSet map[string]int

// Add adds a request.
func (w RequestSet) Add(format string, args ...any) { w[fmt.Sprintf(format, args...)]++ }

// Without returns the multiset with one less of the request.
func (w RequestSet) Without(text string) RequestSet {
	left := maps.Clone(w)
	if left[text]--; left[text] == 0 {
		delete(left, text)
	}
	return left
}

// Difference returns the requests of the multiset that other has more or less
// often.
func (w RequestSet) Difference(other RequestSet) RequestSet {
	left := maps.Clone(w)
	maps.DeleteFunc(left, func(text string, n int) bool { return other[text] == n })
	return left
}

// Row returns the request as method, path, query and status. Digests are
// replaced by their names, upload sessions by <session>, and the state that a
// registry puts into their addresses is removed. Of a request for a token it
// returns the scopes only, sorted.
func (r Request) Row(names *strings.Replacer) string {
	if r.Kind == "token" {
		return fmt.Sprintf("%s token for %s %d", r.Method, strings.Join(slices.Sorted(slices.Values(r.Query["scope"])), " "), r.Status)
	}
	path, query := r.Path, maps.Clone(r.Query)
	if r.Kind == "upload" && r.Ref != "" {
		path = strings.TrimSuffix(path, r.Ref) + "<session>"
		delete(query, "_state")
	}
	if len(query) > 0 {
		plain, err := url.QueryUnescape(query.Encode())
		if err != nil {
			panic(err) // what Encode writes can be read
		}
		path += "?" + plain
	}
	return fmt.Sprintf("%s %s %d", r.Method, names.Replace(path), r.Status)
}

// Rows returns the recorded requests as a multiset.
func (s *Recorder) Rows(names *strings.Replacer) RequestSet {
	w := RequestSet{}
	for _, r := range s.All() {
		w.Add("%s", r.Row(names))
	}
	return w
}
