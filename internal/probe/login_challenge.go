package probe

import (
	"net/url"
	"slices"
	"strings"

	"manifest-tool/internal/store/transport"
)

// challenge is a challenge of a registry: a scheme and its parameters, in lower case.
type challenge struct {
	scheme     string
	parameters map[string]string
}

type challengeList []challenge

// challengesOf returns the challenges of a response with 401.
func challengesOf(r response) challengeList {
	var all challengeList
	if !r.isChallenge() {
		return nil
	}
	for _, c := range transport.Challenges(r.header) {
		all = append(all, challenge{c.Scheme, c.Parameters})
	}
	return all
}

// of returns the parameters of the first challenge of a scheme.
func (l challengeList) of(scheme string) (map[string]string, bool) {
	i := slices.IndexFunc(l, func(c challenge) bool { return c.scheme == scheme })
	if i < 0 {
		return nil, false
	}
	return l[i].parameters, true
}

// schemes returns the schemes, comma-separated.
func (l challengeList) schemes() string {
	var all []string
	for _, c := range l {
		all = append(all, c.scheme)
	}
	return joined(all)
}

// describeChallenges returns challenges in one line, with the parameters that clients
// of registries use. The query of a realm is left out.
func describeChallenges(l challengeList) string {
	var all []string
	for _, c := range l {
		text := c.scheme
		for _, name := range []string{"realm", "service", "scope", "error"} {
			value, found := c.parameters[name]
			if !found {
				continue
			}
			if u, err := url.Parse(value); err == nil && u.Host != "" {
				value = transport.RedactURL(u)
			}
			text += " " + name + "=" + value
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}
