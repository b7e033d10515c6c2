package server

import (
	"context"
	"net/http"

	"manifest-tool/internal/platform"
)

// image answers GET /v1/images/{ref}: the platforms of an image, as query/v1, or with
// ?platform= which image a node of it pulls, as resolve/v1.
func (s *Server) image(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
	defer cancel()
	ref, err := parseImage(r.PathValue("ref"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	text := r.URL.Query().Get("platform")
	if text == "" {
		found, state, err := s.query(ctx, ref)
		s.answer(w, r, found, state, err)
		return
	}
	want, err := platform.ParseRequested(text)
	if err != nil {
		s.fail(w, r, badRequest(err))
		return
	}
	found, state, err := s.resolve(ctx, ref, platform.RuleContainerd, want)
	s.answer(w, r, found, state, err)
}
