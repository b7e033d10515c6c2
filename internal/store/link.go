package store

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// errLink is the class of all errors about a Link header.
var errLink = errors.New("the next page of the list is at an address that is not followed")

// errOtherAddress warns of a Link header with another address than that of the list.
var errOtherAddress = errors.New("the next page of the list is named at another address, of which only the query is used")

// pageLink is the URL of the next page, nil at the end of a list. doubt is set if it
// was not used as the registry wrote it.
type pageLink struct {
	next  *url.URL
	doubt error
}

// nextPage returns the link to the page after the one at.
// headers are the Link headers of the response; scheme is that of the
// connection. Only another query of the same URL is requested, since credentials and
// limits are those of the requested list (RFC 8288; distribution-spec, "Listing
// Tags"; fault 14). Registries that a proxy serves often name an address that only they
// know: its query is used, and the doubt is an errOtherAddress. No error repeats a query,
// which may contain secrets.
func nextPage(at *url.URL, scheme string, headers []string) (link pageLink, err error) {
	target, err := NextLink(strings.Join(headers, ","))
	if err != nil || target == "" {
		return link, err
	}
	to, err := at.Parse(target)
	if err != nil {
		return link, fmt.Errorf("%w: it is not a URL", errLink)
	}
	address := fmt.Sprintf("%s://%s%s", to.Scheme, to.Host, to.Path)
	sameScheme := to.Scheme == at.Scheme || to.Scheme == scheme
	isSame := sameScheme && to.Host == at.Host && to.Path == at.Path
	switch {
	case to.Scheme != "https" && to.Scheme != "http", to.User != nil:
		return link, fmt.Errorf("%w: %s://%s is not the registry's", errLink, to.Scheme, to.Host)
	case listName(to.Path) != listName(at.Path):
		return link, fmt.Errorf("%w: %q is another list", errLink, to.Path)
	case !isSame && to.RawQuery == "":
		return link, fmt.Errorf("%w: %s", errLink, address)
	case !isSame:
		link.doubt = fmt.Errorf("%w: %s", errOtherAddress, address)
	}
	page := *at
	page.RawQuery = to.RawQuery
	link.next = &page
	return link, nil
}

// listName is the part of a list's path that does not depend on the repository:
// tags/list or referrers/DIGEST.
func listName(p string) string { return path.Base(path.Dir(p)) + "/" + path.Base(p) }

// NextLink returns the target of the link with the relation next, "" if there is no
// such link. A malformed header is an error: ignored, it would make part of a list
// look complete.
func NextLink(header string) (string, error) {
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
