//go:build e2e

package probe

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
)

// fault responds to a request, in place of next or through it.
type fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

// respond responds with a status, and headers in pairs.
func respond(status int, headers ...string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
	}
}

// send responds with 200 and a body.
func send(body string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { _, _ = w.Write([]byte(body)) }
}

// edit passes a request on and changes the response.
func edit(change func(*httptest.ResponseRecorder)) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		change(rec)
		maps.Copy(w.Header(), rec.Header())
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}
}

// header sets a header of the response, or removes it if the value is "".
func header(name, value string) fault {
	return edit(func(rec *httptest.ResponseRecorder) {
		rec.Header().Del(name)
		if value != "" {
			rec.Header().Set(name, value)
		}
	})
}

// otherBytes adds a byte to the response.
func otherBytes() fault {
	return edit(func(rec *httptest.ResponseRecorder) {
		rec.Header().Del("Content-Length")
		rec.Body.WriteByte(' ')
	})
}

// turn responds with another status than the registry, which receives the request.
func turn(status int) fault {
	return edit(func(rec *httptest.ResponseRecorder) { rec.Code = status })
}

// replace replaces what matches a regular expression in a body.
func replace(pattern, by string) fault {
	return edit(func(rec *httptest.ResponseRecorder) {
		text := regexp.MustCompile(pattern).ReplaceAllString(rec.Body.String(), by)
		rec.Header().Del("Content-Length")
		rec.Body.Reset()
		rec.Body.WriteString(text)
	})
}

// withQuery passes a request on with another query.
func withQuery(query string) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.URL.RawQuery = query
		next.ServeHTTP(w, r)
	}
}

// once applies a fault to the first request.
func once(f fault) fault {
	var seen atomic.Bool
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if seen.CompareAndSwap(false, true) {
			f(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// until applies a fault until a request has a method.
func until(method string, f fault) fault {
	var seen atomic.Bool
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == method {
			seen.Store(true)
		}
		if seen.Load() {
			next.ServeHTTP(w, r)
			return
		}
		f(w, r, next)
	}
}

// withHeader applies one fault to requests with a header, another one to the others.
func withHeader(name string, with, without fault) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get(name) != "" {
			with(w, r, next)
			return
		}
		without(w, r, next)
	}
}

// compressed compresses the response, although the request does not have
// Accept-Encoding.
func compressed() fault {
	return edit(func(rec *httptest.ResponseRecorder) {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(rec.Body.Bytes())
		_ = z.Close()
		rec.Body = &packed
		rec.Header().Set("Content-Encoding", "gzip")
		rec.Header().Del("Content-Length")
	})
}

// prefixLink changes the address in Link.
func prefixLink(prefix string) fault {
	return edit(func(rec *httptest.ResponseRecorder) {
		rec.Header().Set("Link", strings.Replace(rec.Header().Get("Link"), "<", "<"+prefix, 1))
	})
}

// referrersTag has no referrers API, and changes the index with the tag that replaces
// it.
func referrersTag() fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/referrers/") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		otherBytes()(w, r, next)
	}
}
