package server

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/server/cache"
	"manifest-tool/internal/server/page"
)

// showPage answers GET /: the web page, with ?image= an image and, with ?platform=,
// which of its images a node of that platform pulls. Without ?platform= the platform
// is that of the browser.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request, _ string) {
	ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
	defer cancel()
	asked := r.URL.Query()
	view := page.View{
		Image: reference.RedactUserinfo(strings.TrimSpace(asked.Get("image"))), Platform: strings.TrimSpace(asked.Get("platform")),
		Guess: page.Guess(r.Header), Base: s.baseURL(r), Version: s.Version,
	}
	page.SetHeaders(w.Header())
	if view.Image == "" {
		s.writePage(w, r, view, cache.State{}, nil)
		return
	}
	var state cache.State
	q, err := parseQuestion(url.PathEscape(view.Image), r)
	if err == nil {
		view.Rule = q.rule
		view.Result, state, err = s.pageResult(ctx, q, view.Machine())
	}
	s.writePage(w, r, view, state, err)
}

// pageResult reads what the page shows about an image.
func (s *Server) pageResult(ctx context.Context, q question, machine string) (*page.Result, cache.State, error) {
	want, err := platform.ParseRequested(machine)
	if err != nil {
		return nil, cache.State{}, badRequest(err)
	}
	found, state, err := s.query(ctx, q.ref, nil)
	if err != nil {
		return nil, state, err
	}
	// The answer is about the same image, even if the tag changes in between.
	pinned := q.ref.WithDigest(found.Digest)
	resolved, _, err := s.resolve(ctx, pinned, q.rule, []platform.Platform{want})
	if err != nil {
		return nil, state, err
	}
	result := &page.Result{Query: found, Answer: resolved.Platforms[0], Checked: state.Checked, IsCounted: s.Cache.CountsPulls(q.ref)}
	images := found.Platforms
	if result.IsCounted {
		images = slices.DeleteFunc(slices.Clone(images), func(p inspect.QueryPlatform) bool { return p.Digest != result.Answer.Digest })
	}
	result.Sizes = s.sizes(ctx, q.ref, images)
	if state.Stale && state.Failure != nil {
		result.Stale = publicMessage(state.Failure)
	}
	return result, state, nil
}

// writePage writes the page, or with an error the page that shows it.
func (s *Server) writePage(w http.ResponseWriter, r *http.Request, view page.View, state cache.State, failure error) {
	if failure != nil {
		view.Problem = problemOf(failure, state)
	}
	body, err := s.renderer.Render(view)
	if err != nil {
		s.fail(w, err)
		return
	}
	const contentType = "text/html; charset=utf-8"
	if failure == nil {
		s.write(w, r, contentType, body, state)
		return
	}
	noteCache(w, state)
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	setRetryAfter(h, state.Failure)
	w.WriteHeader(statusOf(failure))
	_, _ = w.Write(body) // the client has gone
}

func problemOf(err error, state cache.State) *page.Problem {
	var input *manifest.InputError
	p := &page.Problem{Message: publicMessage(err), Invalid: errors.As(err, &input)}
	p.Temporary = statusOf(err) >= http.StatusInternalServerError
	if p.Temporary && state.Failure != nil {
		p.RetryAfter = int(state.Failure.RetryAfter.Seconds())
	}
	return p
}

// static answers GET /static/: the files of the page.
func (s *Server) static(w http.ResponseWriter, r *http.Request, rest string) {
	if !page.ServeStatic(w, r, rest) {
		s.unknown(w, r, rest)
	}
}

// baseURL is the URL by which the client reached the server. A trusted proxy says
// whether it used TLS.
func (s *Server) baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || s.isTrusted(r) && r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

func (s *Server) isTrusted(r *http.Request) bool {
	connected, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && slices.ContainsFunc(s.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(connected.Addr().Unmap()) })
}
