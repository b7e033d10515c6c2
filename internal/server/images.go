package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// question is what a client asks about an image.
type question struct {
	ref reference.Ref
	// wants are the platforms of ?platform=, has those of ?has=.
	wants, has []platform.Platform
	rule       platform.SelectionRule
}

// parseQuestion parses the name of an image, escaped as in a URL, and the parameters
// platform, has and rule. The error is an InputError.
func parseQuestion(name string, r *http.Request) (q question, err error) {
	if name, err = url.PathUnescape(name); err != nil {
		return q, badRequest(err)
	}
	if q.ref, err = parseImage(name); err != nil {
		return q, err
	}
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, badRequest(err)
	}
	for name, list := range map[string]*[]platform.Platform{"platform": &q.wants, "has": &q.has} {
		if *list, err = platform.ParseList(parameters[name]); err != nil {
			return q, manifest.InputErrorf("?%s=: %w", name, err)
		}
		if len(*list) > maxPlatforms {
			return q, manifest.InputErrorf("?%s= has more than %d platforms", name, maxPlatforms)
		}
	}
	rule := cmp.Or(parameters.Get("rule"), string(platform.RuleContainerd))
	if q.rule, err = platform.ParseRule(rule); err != nil {
		return q, manifest.InputErrorf("?rule=: %w", err)
	}
	return q, nil
}

// maxPlatforms limits the platforms that one request asks for.
const maxPlatforms = 50

// image answers GET /v1/images/{ref}: the platforms of an image, as query/v1, or with
// ?platform= which image a node of it pulls, as resolve/v1.
func (s *Server) image(w http.ResponseWriter, r *http.Request, name string) {
	ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
	defer cancel()
	q, err := parseQuestion(name, r)
	if err != nil {
		s.fail(w, err)
		return
	}
	if len(q.wants) > 0 && len(q.has) > 0 {
		s.fail(w, manifest.InputErrorf("?platform= and ?has= are two questions: send one of them"))
		return
	}
	if len(q.wants) > 0 {
		found, state, err := s.resolve(ctx, q.ref, q.rule, q.wants)
		s.answer(w, r, found, state, err)
		return
	}
	found, state, err := s.query(ctx, q.ref, q.has)
	s.answer(w, r, found, state, err)
}
