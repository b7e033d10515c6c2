package probe

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
)

// withETags answers conditional requests for manifests as docker-registry does.
func withETags(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/manifests/") {
		next.ServeHTTP(w, r)
		return
	}
	got := httptest.NewRecorder()
	next.ServeHTTP(got, r)
	maps.Copy(w.Header(), got.Header())
	etag := `"` + digest.FromBytes(got.Body.Bytes()).String() + `"`
	if got.Code == http.StatusOK {
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(got.Code)
	_, _ = w.Write(got.Body.Bytes())
}

// sending adds headers to successful responses to GETs of manifests.
func sending(pairs ...string) fault {
	return when("/manifests/", "GET", change(func(_ *http.Request, h http.Header, body []byte) []byte {
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return body
	}))
}

// stale is a cache that returns the first response of each address for ever, and 304 to
// conditional requests.
func stale() fault {
	var mu sync.Mutex
	seen := map[string]bool{}
	return when("/manifests/", "GET", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		mu.Lock()
		defer mu.Unlock()
		if seen[r.URL.Path] && r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		seen[r.URL.Path] = true
		next.ServeHTTP(w, r)
	})
}

// throttled responds with 429 to the first PUT of a manifest.
func throttled(retryAfter string) fault {
	var once sync.Once
	return when("/manifests/", "PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		refuse := false
		once.Do(func() { refuse = true })
		if !refuse {
			next.ServeHTTP(w, r)
			return
		}
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(http.StatusTooManyRequests)
	})
}

func TestCachingFaults(t *testing.T) {
	comparing := when("/manifests/", "PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get("If-Match") != "" {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		next.ServeHTTP(w, r)
	})
	testFaults(t, map[string]faultCase{
		"ETags":                    {withETags, map[string]Status{"caching-etag": StatusPass, "caching-if-none-match": StatusPass}, map[string]string{"etag": "yes", "if-none-match": "yes"}},
		"an ETag without quotes":   {sending("ETag", "abc"), map[string]Status{"caching-etag": StatusFail}, nil},
		"a weak ETag":              {sending("ETag", `W/"abc"`), map[string]Status{"caching-etag": StatusPass}, nil},
		"stale tags":               {stale(), map[string]Status{"caching-if-none-match": StatusPass, "caching-changed-tag": StatusFail}, nil},
		"conditions are an error":  {when("/manifests/", "GET", conditional(http.StatusBadRequest)), map[string]Status{"caching-if-none-match": StatusFail, "caching-changed-tag": StatusFail}, nil},
		"If-Match":                 {comparing, map[string]Status{"caching-if-match": StatusPass}, map[string]string{"if-match": "yes"}},
		"If-Match is an error":     {when("/manifests/", "PUT", ifMatch(http.StatusBadRequest)), map[string]Status{"caching-if-match": StatusFail}, nil},
		"tags are cached":          {sending("Cache-Control", "public, max-age=300"), map[string]Status{"caching-cache-control": StatusSkip}, map[string]string{"cache-control": "public, max-age=300"}},
		"tags are private":         {sending("Cache-Control", "private, max-age=300"), map[string]Status{"caching-cache-control": StatusPass}, nil},
		"Docker Hub's rate limit":  {sending("RateLimit-Limit", "100;w=21600", "RateLimit-Remaining", "99;w=21600"), map[string]Status{"caching-rate-limit": StatusPass}, map[string]string{"rate-limit": "100;w=21600"}},
		"an older rate limit":      {sending("X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "4999"), map[string]Status{"caching-rate-limit": StatusPass}, map[string]string{"rate-remaining": "4999"}},
		"a rate limit in words":    {sending("RateLimit-Limit", "many", "RateLimit-Remaining", "some"), map[string]Status{"caching-rate-limit": StatusSkip}, map[string]string{"rate-limit": "many"}},
		"throttled":                {throttled("1"), map[string]Status{"caching-retry-after": StatusPass}, map[string]string{"throttled": "1"}},
		"throttled without a time": {throttled(""), map[string]Status{"caching-retry-after": StatusSkip}, map[string]string{"throttled": "1"}},
		"throttled with a date":    {throttled("Sun, 06 Nov 1994 08:49:37 GMT"), map[string]Status{"caching-retry-after": StatusPass}, nil},
		"throttled for a while":    {throttled("a while"), map[string]Status{"caching-retry-after": StatusFail}, nil},
		"manifests are refused": {when("/manifests/", "PUT", respond(http.StatusForbidden)), map[string]Status{
			"caching-etag": StatusError, "caching-if-none-match": StatusError, "caching-changed-tag": StatusError,
			"caching-if-match": StatusError, "caching-cache-control": StatusError, "caching-rate-limit": StatusError,
		}, nil},
	}, SectionCaching)
}

// conditional responds with a status to If-None-Match, ifMatch to If-Match.
func conditional(status int) fault { return onHeader("If-None-Match", status) }

func ifMatch(status int) fault { return onHeader("If-Match", status) }

func onHeader(name string, status int) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get(name) != "" {
			w.WriteHeader(status)
			return
		}
		next.ServeHTTP(w, r)
	}
}
