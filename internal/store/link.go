package store

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// errLink is the class of all errors about a Link header.
var errLink = errors.New("the next page of the list is at an address that is not followed")

// nextPage returns the URL of the page after the one at, nil at the end of a list.
// headers are the Link headers of the response; scheme is the scheme of the
// connection. Only another query of the same URL is followed, since credentials and
// limits are those of the requested list (RFC 8288; distribution-spec, "Listing
// Tags"; fault 14). No error repeats a query, which may contain secrets.
func nextPage(at *url.URL, scheme string, headers []string) (*url.URL, error) {
	target, err := nextLink(strings.Join(headers, ","))
	if err != nil || target == "" {
		return nil, err
	}
	to, err := at.Parse(target)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: it is not a URL", errLink)
	case to.Scheme != at.Scheme && to.Scheme != scheme, to.Host != at.Host, to.User != nil:
		return nil, fmt.Errorf("%w: %s://%s is not the registry's", errLink, to.Scheme, to.Host)
	case to.Path != at.Path:
		return nil, fmt.Errorf("%w: %q is another list", errLink, to.Path)
	}
	next := *at
	next.RawQuery = to.RawQuery
	return &next, nil
}

// nextLink returns the target of the link with the relation next, "" if there is no
// such link. A malformed header is an error: ignored, it would make part of a list
// look complete.
func nextLink(header string) (string, error) {
	for rest := strings.Trim(header, " \t,"); rest != ""; rest = strings.Trim(rest, " \t,") {
		inside, after, closed := strings.Cut(rest, ">")
		target, opened := strings.CutPrefix(inside, "<")
		if !opened || !closed {
			return "", fmt.Errorf("%w: the Link header is malformed", errLink)
		}
		isNext := false
		isNext, rest = parseLinkParams(after)
		if isNext {
			return strings.TrimSpace(target), nil
		}
	}
	return "", nil
}

// parseLinkParams reads the parameters of one target, up to the comma that ends
// them, and reports whether one of its relations is next.
func parseLinkParams(params string) (isNext bool, rest string) {
	seen := false
	for {
		param, after := cutOutsideQuotes(params)
		name, value, _ := strings.Cut(param, "=")
		// The first rel counts, later ones are ignored (RFC 8288, section 3.3).
		if !seen && strings.EqualFold(strings.TrimSpace(name), "rel") {
			seen = true
			for relation := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
				isNext = isNext || strings.EqualFold(relation, "next")
			}
		}
		if !strings.HasPrefix(after, ";") {
			return isNext, after
		}
		params = after[1:]
	}
}

// cutOutsideQuotes splits before the first semicolon or comma outside of quotes.
func cutOutsideQuotes(s string) (before, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case (c == ';' || c == ',') && !quoted:
			return s[:i], s[i:]
		}
	}
	return s, ""
}
