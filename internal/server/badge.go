package server

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"net/http"
	"slices"
	"strings"

	template "github.com/DataDog/datadog-agent/pkg/template/html"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/server/cache"
	"manifest-tool/internal/store"
)

// maxBadge is how many platforms a badge shows by name.
const maxBadge = 6

//go:embed badge.svg
var badgeSource string

// badgeText is what a badge shows: a label on the left, a message on the right.
type badgeText struct {
	Label, Message, Color string
}

// badge answers GET /badge/{ref}.svg: an image with the platforms of an image or, with
// ?has=, whether it has those. An error is a badge too, with the status of the error:
// a README cannot show anything else.
func (s *Server) badge(w http.ResponseWriter, r *http.Request, name string) {
	ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
	defer cancel()
	q, err := parseQuestion(name, r)
	if err != nil {
		s.writeBadge(w, r, badgeOfError(err), cache.State{}, err)
		return
	}
	found, state, err := s.query(ctx, q.ref, q.has)
	if err != nil {
		s.writeBadge(w, r, badgeOfError(err), state, err)
		return
	}
	if len(q.has) > 0 {
		s.writeBadge(w, r, badgeOfHas(q.has, found.Missing), state, nil)
		return
	}
	s.writeBadge(w, r, badgeOfPlatforms(found), state, nil)
}

func (s *Server) writeBadge(w http.ResponseWriter, r *http.Request, text badgeText, state cache.State, failure error) {
	var out bytes.Buffer
	if err := badgeTemplate().Execute(&out, text.layout()); err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	if failure == nil {
		s.write(w, r, "image/svg+xml", out.Bytes(), state)
		return
	}
	noteCache(w, state)
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "no-store")
	setRetryAfter(h, state.Failure)
	w.WriteHeader(statusOf(failure))
	_, _ = w.Write(out.Bytes()) // the client has gone
}

func badgeTemplate() *template.Template {
	return template.Must(template.New("badge").Parse(badgeSource))
}

func badgeOfError(err error) badgeText {
	text := badgeText{"platforms", "unavailable", "#6a6a6a"}
	var input *manifest.InputError
	switch {
	case errors.As(err, &input):
		text.Message = "invalid"
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrUnauthorized), errors.Is(err, store.ErrDenied):
		text.Message = "not found"
	}
	return text
}

func badgeOfHas(has []platform.Platform, missing []string) badgeText {
	var names []string
	for _, p := range has {
		names = append(names, platform.Format(p))
	}
	text := badgeText{strings.Join(names, " | "), "yes", "#2a7a2a"}
	if len(missing) > 0 {
		text.Message, text.Color = "no", "#b02a2a"
	}
	return text
}

func badgeOfPlatforms(found inspect.QueryResult) badgeText {
	var names []string
	for _, p := range found.Platforms {
		if p.Platform != nil && !slices.Contains(names, platform.Format(withoutVersion(*p.Platform))) {
			names = append(names, platform.Format(withoutVersion(*p.Platform)))
		}
	}
	text := badgeText{"platforms", "none", "#6a6a6a"}
	if len(names) > 0 {
		text.Message, text.Color = joinBadge(names), "#1f6feb"
	}
	return text
}
