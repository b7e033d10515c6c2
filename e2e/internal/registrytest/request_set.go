//go:build e2e

package registrytest

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// requestSet is a multiset of requests, each as row writes it.
type RequestSet map[string]int

// Add puts one more request into the multiset.
func (w RequestSet) Add(format string, args ...any) { w[fmt.Sprintf(format, args...)]++ }

// Without returns the multiset with one request of each kind less.
func (w RequestSet) Without(text string) RequestSet {
	left := maps.Clone(w)
	if left[text]--; left[text] == 0 {
		delete(left, text)
	}
	return left
}

// Difference returns what of the multiset another has more or less often.
func (w RequestSet) Difference(other RequestSet) RequestSet {
	left := maps.Clone(w)
	maps.DeleteFunc(left, func(text string, n int) bool { return other[text] == n })
	return left
}

// Row writes a request as method, path, query and status. Digests get the
// names that names has for them, an upload session is one like another, and
// the state that a registry packs into its address is left out. Of a request
// for a token only the scopes count, in the order of the alphabet.
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

// requestSet returns what the proxy has seen.
func (s *Recorder) Rows(names *strings.Replacer) RequestSet {
	w := RequestSet{}
	for _, r := range s.All() {
		w.Add("%s", r.Row(names))
	}
	return w
}
