package auth

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// answerLimit bounds what is kept of a helper's answer, in bytes.
	answerLimit = 64 << 10
	// excerptLimit bounds what an error repeats of it, in bytes as printed.
	excerptLimit = 200
)

// limitedOutput collects a helper's standard output up to a limit; past it the run is
// ended through full and the rest is thrown away.
type limitedOutput struct {
	buf        bytes.Buffer
	overflowed bool
	full       func()
}

func (a *limitedOutput) Write(data []byte) (int, error) {
	if room := answerLimit - a.buf.Len(); len(data) > room {
		a.buf.Write(data[:room])
		if !a.overflowed {
			a.overflowed = true
			a.full()
		}
		return len(data), nil
	}
	return a.buf.Write(data)
}

// excerpt renders the first line of a failed helper's answer for an error, in
// Go's quotes, which leave no control character; "" when there is nothing to
// show. An answer that may be the protocol's JSON is never shown.
func (a *limitedOutput) excerpt() string {
	text := strings.TrimSpace(a.buf.String())
	if text == "" {
		return ""
	}
	if strings.ContainsAny(text, "{}") {
		return " (its output is withheld, it may hold a secret)"
	}
	first, _, _ := strings.Cut(text, "\n")
	first = redact(strings.TrimSpace(first))
	first = fmt.Sprintf("%.*s", excerptLimit, first)
	for len(strconv.QuoteToASCII(first)) > excerptLimit {
		_, last := utf8.DecodeLastRuneInString(first)
		first = first[:len(first)-last]
	}
	return ": " + strconv.QuoteToASCII(first)
}

// redact blanks what looks like a secret: the value after a telling name, and
// long words that mix letters and digits, as tokens do.
func redact(s string) string {
	named := regexp.MustCompile(`(?i)\b(password|passwd|secret|token|bearer|basic)(\s*[:=]\s*|\s+is\s+)\S+`)
	scheme := regexp.MustCompile(`(?i)\b(bearer|basic)\s+\S+`)
	s = named.ReplaceAllString(s, "$1${2}[redacted]")
	s = scheme.ReplaceAllString(s, "$1 [redacted]")
	return regexp.MustCompile(`\S{20,}`).ReplaceAllStringFunc(s, func(word string) string {
		if strings.ContainsAny(word, "0123456789") && strings.ContainsFunc(word, isLetter) {
			return "[redacted]"
		}
		return word
	})
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
