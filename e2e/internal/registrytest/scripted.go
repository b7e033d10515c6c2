//go:build e2e

package registrytest

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// Rule is a line of a script for a front: what happens to the nth request of
// a kind. An empty method, kind or repository fits all, nth 0 is every one.
type Rule struct {
	Method, Kind, Repo string
	Nth                int64
	// Then answers and returns true, or changes the request and returns false.
	Then Interceptor
}

// script has each request meet the first fault it fits.
func Script(faults ...Rule) Interceptor {
	counts := make([]atomic.Int64, len(faults))
	return func(w http.ResponseWriter, r *http.Request) bool {
		for i, f := range faults {
			if f.fits(r) && (counts[i].Add(1) == f.Nth || f.Nth == 0) {
				return f.Then(w, r)
			}
		}
		return false
	}
}

func (f Rule) fits(r *http.Request) bool {
	repo, kind, _ := SplitPath(r.URL.Path)
	return (f.Method == "" || f.Method == r.Method) && (f.Kind == "" || f.Kind == kind) && (f.Repo == "" || f.Repo == repo)
}

// refuse answers with a status and the body of a registry's error. Headers
// come in pairs of name and value.
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

// FirstOf has the interceptors look at a request in turn until one answers it.
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

// refuseManifests answers reads of one manifest with the status.
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
