//go:build e2e

package registrytest

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// Rule is a fault of a scripted registry: it responds to the nth request, or to
// all if Nth is 0, that has this method, kind and repository. Empty fields
// match all requests.
type Rule struct {
	Method, Kind, Repo string
	Nth                int64
	// Then responds and returns true, or changes the request and returns false.
	Then Interceptor
}

// Script returns an interceptor that has the first rule that matches a request
// respond to it.
func Script(rules ...Rule) Interceptor {
	counts := make([]atomic.Int64, len(rules))
	return func(w http.ResponseWriter, r *http.Request) bool {
		for i, f := range rules {
			if f.matches(r) && (counts[i].Add(1) == f.Nth || f.Nth == 0) {
				return f.Then(w, r)
			}
		}
		return false
	}
}

func (f Rule) matches(r *http.Request) bool {
	repo, kind, _ := SplitPath(r.URL.Path)
	return (f.Method == "" || f.Method == r.Method) && (f.Kind == "" || f.Kind == kind) && (f.Repo == "" || f.Repo == repo)
}

// Refuse returns an interceptor that responds with a status and the error body
// of a registry. Headers are pairs of name and value.
func Refuse(status int, headers ...string) Interceptor {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"errors":[{"code":"SCRIPTED","message":"the script says %d"}]}`, status)
		return true
	}
}

// FirstOf returns an interceptor that calls the others in turn until one
// responds.
func FirstOf(all ...Interceptor) Interceptor {
	return func(w http.ResponseWriter, r *http.Request) bool {
		for _, intercept := range all {
			if intercept(w, r) {
				return true
			}
		}
		return false
	}
}

// RefuseManifests returns an interceptor that responds to reads of one manifest
// with the status.
func RefuseManifests(repo, ref string, status int) Interceptor {
	return func(w http.ResponseWriter, r *http.Request) bool {
		at, kind, name := SplitPath(r.URL.Path)
		if at != repo || kind != "manifest" || name != ref {
			return false
		}
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="closed"`)
		}
		http.Error(w, `{"errors":[{"code":"REFUSED","message":"refused by the test"}]}`, status)
		return true
	}
}
