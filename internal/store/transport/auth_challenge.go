package transport

import (
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// Challenges reads the WWW-Authenticate headers of a 401. One header may hold
// several challenges (RFC 9110, section 11.6.1); schemes and parameter names
// are returned in lower case. Malformed challenges are skipped.
func Challenges(header http.Header) []transport.Challenge {
	var all []transport.Challenge
	for _, line := range header.Values("WWW-Authenticate") {
		all = append(all, parseChallenges(line)...)
	}
	return all
}

func parseChallenges(s string) []transport.Challenge {
	var all []transport.Challenge
	for {
		s = strings.TrimLeft(s, " \t,")
		word, rest := token(s)
		if word == "" {
			_, after, more := strings.Cut(s, ",")
			if !more {
				return all
			}
			s = after
			continue
		}
		c := transport.Challenge{Scheme: strings.ToLower(word), Parameters: map[string]string{}}
		s = parameters(withoutToken68(rest), c.Parameters)
		all = append(all, c)
	}
}

// withoutToken68 skips the single token that some schemes use instead of
// parameters: Negotiate YIIJvwYG==.
func withoutToken68(s string) string {
	word := strings.TrimLeft(s, " \t")
	rest := strings.TrimLeft(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/")
	after := strings.TrimLeft(strings.TrimLeft(rest, "="), " \t")
	if rest != word && (after == "" || after[0] == ',') {
		return after
	}
	return s
}

// parameters reads name=value pairs up to the next challenge and returns what
// follows them.
func parameters(s string, into map[string]string) string {
	for {
		s = strings.TrimLeft(s, " \t,")
		key, rest := token(s)
		rest = strings.TrimLeft(rest, " \t")
		if key == "" || !strings.HasPrefix(rest, "=") {
			return s
		}
		value, after := parameterValue(strings.TrimLeft(rest[1:], " \t"))
		if _, seen := into[strings.ToLower(key)]; !seen {
			into[strings.ToLower(key)] = value
		}
		s = after
	}
}

func parameterValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		return token(s)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// token cuts a token of RFC 9110, section 5.6.2, off the front of s.
func token(s string) (word, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
	if end < 0 {
		return s, ""
	}
	return s[:end], s[end:]
}
