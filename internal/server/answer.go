package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/server/cache"
	"manifest-tool/internal/store"
)

// badRequest marks an error as the client's.
func badRequest(err error) error { return &manifest.InputError{Err: err} }

// answer writes a value as JSON with its age, or the error instead.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, value any, state cache.State, err error) {
	if err != nil {
		s.failWith(w, statusOf(err), err, state)
		return
	}
	raw, err := json.Marshal(value)
	if err != nil {
		s.fail(w, err)
		return
	}
	s.write(w, r, "application/json", raw, state)
}

// plain writes a value as JSON that is not kept.
func (s *Server) plain(w http.ResponseWriter, _ *http.Request, value any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(value) // the client has gone
}

// write writes an answer that may be cached. Its ETag is that of its bytes.
func (s *Server) write(w http.ResponseWriter, r *http.Request, contentType string, body []byte, state cache.State) {
	sum := sha256.Sum256(body)
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	s.setAge(h, state)
	noteCache(w, state)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// setAge says how old an answer is, and whether its registry did not respond.
func (s *Server) setAge(h http.Header, state cache.State) {
	fresh := s.Cache.Times.Fresh
	age := time.Duration(0)
	if !state.Checked.IsZero() {
		age = s.Now().Sub(state.Checked)
		h.Set("Age", strconv.Itoa(int(max(0, age)/time.Second)))
	}
	h.Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(max(0, fresh-age)/time.Second)))
	if state.Stale {
		h.Set("Warning", `111 - "Revalidation Failed"`)
		h.Set("Manifest-Tool-Stale", "true")
		setRetryAfter(h, state.Failure)
	}
}

func setRetryAfter(h http.Header, f *cache.Failure) {
	if f != nil && f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
}

// errorBody is the answer to a request that failed.
type errorBody struct {
	Error string `json:"error"`
}

func (s *Server) fail(w http.ResponseWriter, err error) {
	s.reject(w, &rejection{status: statusOf(err), message: publicMessage(err)})
}

// failWith answers with an error.
func (s *Server) failWith(w http.ResponseWriter, status int, err error, state cache.State) {
	noteCache(w, state)
	setRetryAfter(w.Header(), state.Failure)
	s.reject(w, &rejection{status: status, message: publicMessage(err)})
}

// publicMessage is an error for a client, without a password that was typed into a
// name.
func publicMessage(err error) string { return reference.RedactUserinfoInText(err.Error()) }

// statusOf returns the status for an error.
func statusOf(err error) int {
	var input *manifest.InputError
	switch {
	case errors.As(err, &input):
		return http.StatusBadRequest
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrUnauthorized), errors.Is(err, store.ErrDenied):
		return http.StatusNotFound
	case errors.Is(err, store.ErrRateLimited):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}
