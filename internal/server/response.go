package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/server/cache"
)

// maxLogged is how much of a path is logged, in bytes.
const maxLogged = 400

// response is a http.ResponseWriter with what is logged about the answer.
type response struct {
	http.ResponseWriter

	started time.Time
	// route is the address, path what was asked for.
	client, route, path string
	status              int
	// cache is how the answer was found: "hit" without a request to a registry,
	// "checked" with one, or "stale"; "" for one without an image.
	cache string
}

// WriteHeader implements http.ResponseWriter.
func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// noteCache records how an answer was found.
func noteCache(w http.ResponseWriter, state cache.State) {
	answer, ok := w.(*response)
	switch {
	case !ok || !state.Read || state.Checked.IsZero() && state.Failure != nil:
	case state.Stale:
		answer.cache = "stale"
	case state.Miss:
		answer.cache = "checked"
	default:
		answer.cache = "hit"
	}
}

// finish ends a request: it logs and counts it. A panic is logged with its stack and
// answered with 500; the server continues (fault 103).
func (s *Server) finish(w *response, r *http.Request) {
	if failure := recover(); failure != nil {
		if failure == http.ErrAbortHandler { //nolint:errorlint // a sentinel of net/http
			panic(failure)
		}
		s.Log.Error("panic", "path", w.path, "error", fmt.Sprint(failure), "stack", string(debug.Stack()))
		if w.status == 0 {
			s.reject(w, &rejection{status: http.StatusInternalServerError, message: "the service failed at this request"})
		}
	}
	took := s.Now().Sub(w.started)
	s.metrics.note(w, took)
	attributes := []any{
		"method", r.Method, "path", w.path, "status", w.status,
		"ms", float64(took.Microseconds()) / 1000, "client", w.client,
	}
	if w.cache != "" {
		attributes = append(attributes, "cache", w.cache)
	}
	s.Log.Log(r.Context(), slog.LevelInfo, "request", attributes...)
}

// loggedPath is the path of a request, whose end may be the name of an image, without
// a password that was typed into that. In an unknown path, for which at is "", a name
// may begin anywhere: all before an @ is hidden. slog escapes line ends.
func loggedPath(at, rest string, r *http.Request) string {
	if name, err := url.PathUnescape(rest); err == nil {
		rest = name
	}
	if last := strings.LastIndex(rest, "@"); at == "" && last >= 0 {
		rest = "/***" + rest[last:]
	}
	path := at + reference.RedactUserinfo(rest)
	if image := r.URL.Query().Get("image"); image != "" {
		path += "?image=" + reference.RedactUserinfo(image)
	}
	return fmt.Sprintf("%.*s", maxLogged, path)
}
