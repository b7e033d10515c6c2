//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// requestSet is a multiset of requests, each as row writes it.
type requestSet map[string]int

// add puts one more request into the multiset.
func (w requestSet) add(format string, args ...any) { w[fmt.Sprintf(format, args...)]++ }

// without returns the multiset with one request of each kind less.
func (w requestSet) without(text string) requestSet {
	left := maps.Clone(w)
	if left[text]--; left[text] == 0 {
		delete(left, text)
	}
	return left
}

// against returns what of the multiset another has more or less often.
func (w requestSet) against(other requestSet) requestSet {
	left := maps.Clone(w)
	maps.DeleteFunc(left, func(text string, n int) bool { return other[text] == n })
	return left
}

// row writes a request as method, path, query and status. Digests get the
// names that names has for them, an upload session is one like another, and
// the state that a registry packs into its address is left out. Of a request
// for a token only the scopes count, in the order of the alphabet.
func (r request) row(names *strings.Replacer) string {
	if r.kind == "token" {
		return fmt.Sprintf("%s token for %s %d", r.method, strings.Join(slices.Sorted(slices.Values(r.query["scope"])), " "), r.status)
	}
	path, query := r.path, maps.Clone(r.query)
	if r.kind == "upload" && r.ref != "" {
		path = strings.TrimSuffix(path, r.ref) + "<session>"
		delete(query, "_state")
	}
	if len(query) > 0 {
		plain, err := url.QueryUnescape(query.Encode())
		if err != nil {
			panic(err) // what Encode writes can be read
		}
		path += "?" + plain
	}
	return fmt.Sprintf("%s %s %d", r.method, names.Replace(path), r.status)
}

// requestSet returns what the proxy has seen.
func (s *recorder) rows(names *strings.Replacer) requestSet {
	w := requestSet{}
	for _, r := range s.all() {
		w.add("%s", r.row(names))
	}
	return w
}
