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
	// outputLimit bounds the output of a helper, in bytes.
	outputLimit = 64 << 10
	// excerptLimit bounds the part of it in an error, in bytes as printed.
	excerptLimit = 200
)

// limitedOutput collects a helper's standard output up to a limit. After that it
// calls full to end the run, and discards the rest.
type limitedOutput struct {
	buf        bytes.Buffer
	overflowed bool
	full       func()
}

func (a *limitedOutput) Write(data []byte) (int, error) {
	if room := outputLimit - a.buf.Len(); len(data) > room {
		a.buf.Write(data[:room])
		if !a.overflowed {
			a.overflowed = true
			a.full()
		}
		return len(data), nil
	}
	return a.buf.Write(data)
}

// excerpt returns the first line of a failed helper's output for an error, quoted
// so that it has no control characters, "" if there is no output. Output that may
// be the protocol's JSON is never shown.
func (a *limitedOutput) excerpt() string {
	text := strings.TrimSpace(a.buf.String())
	if text == "" {
		return ""
	}
	if strings.ContainsAny(text, "{}") {
		return " (its output is not shown, it may have a secret)"
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

// redact replaces what looks like a secret: the value after a name such as
// password, and long words of letters and digits, such as tokens.
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
