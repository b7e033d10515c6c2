package system

import (
	"net/url"
	"regexp"
	"strings"
)

// isAddress reports whether a string is HOST[:PORT][/PATH] with a path that can be
// part of a repository. As in a reference, a host has a dot or a port, or is localhost.
func isAddress(s string) bool {
	const label = `[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?`
	const domain = label + `(?:\.` + label + `)`
	const host = `(?:` + domain + `+(?::[0-9]{1,5})?|(?:` + domain + `*|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}|localhost|\[[0-9A-Fa-f:.]+\])`
	const path = `(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*`
	return regexp.MustCompile(`^` + host + path + `$`).MatchString(s)
}

// parseURL splits http[s]://HOST[:PORT][/PATH], with the path as it is written. A
// string without a scheme is read as https, as containerd does.
func parseURL(s string) (u *url.URL, ok bool) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, false
	}
	return u, isAddress(u.Host)
}
