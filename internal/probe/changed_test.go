package probe

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"manifest-tool/internal/probe/probetest"
)

// changed changes the response to some requests.
type changed struct {
	// method, path and query are those of the requests; each is a part of the
	// original. withoutQuery leaves out requests that have a query.
	method, path, query string
	withoutQuery        bool
	// instead, if set, responds in place of the registry; request changes what it
	// receives, and edit its response.
	instead http.HandlerFunc
	request func(*http.Request)
	edit    func(*httptest.ResponseRecorder)
}

func (f changed) concerns(r *http.Request) bool {
	return (!f.withoutQuery || r.URL.RawQuery == "") && (f.method == "" || f.method == r.Method) && strings.Contains(r.URL.Path, f.path) && strings.Contains(r.URL.RawQuery, f.query)
}

func (f changed) over(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !f.concerns(r):
			next.ServeHTTP(w, r)
		case f.instead != nil:
			f.instead(w, r)
		case f.request != nil:
			f.request(r)
			next.ServeHTTP(w, r)
		default:
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			f.edit(rec)
			probetest.Respond(w, rec)
		}
	})
}

// responding returns a handler that answers with a status and some headers.
func responding(status int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
	}
}

// turning returns an edit that turns one status into another.
func turning(from, to int) func(*httptest.ResponseRecorder) {
	return func(rec *httptest.ResponseRecorder) {
		if rec.Code == from {
			rec.Code = to
		}
	}
}

// header returns an edit that sets a header, or removes it if the value is empty.
func header(name, value string) func(*httptest.ResponseRecorder) {
	return func(rec *httptest.ResponseRecorder) {
		rec.Header().Del(name)
		if value != "" {
			rec.Header().Set(name, value)
		}
	}
}

// body returns an edit that replaces the bytes of a response.
func body(text string) func(*httptest.ResponseRecorder) {
	return func(rec *httptest.ResponseRecorder) {
		rec.Header().Del("Content-Length")
		rec.Body.Reset()
		rec.Body.WriteString(text)
	}
}
