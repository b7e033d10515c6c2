package plugin

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxArgument limits the arguments of functions whose result is longer than their
// arguments, in bytes. Names of images are shorter.
const maxArgument = 4 << 10

// checkLength reports arguments that are too long.
func checkLength(texts ...string) error {
	for _, text := range texts {
		if len(text) > maxArgument {
			return fmt.Errorf("an argument is longer than %d bytes", maxArgument)
		}
	}
	return nil
}

func replace(a arguments) (any, error) {
	if err := checkLength(a.text(0), a.text(1), a.text(2)); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(a.text(2), a.text(0), a.text(1)), nil
}

// regexReplace replaces what matches in a text; $1 is the first group.
func regexReplace(pattern, text, replacement string) (string, error) {
	if err := checkLength(pattern, text, replacement); err != nil {
		return "", err
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return "", fmt.Errorf("%.60q is not a regular expression", pattern)
	}
	if groups := strings.Count(replacement, "$"); groups*len(text) > 64*maxArgument {
		return "", fmt.Errorf("the result is too long")
	}
	return re.ReplaceAllString(text, replacement), nil
}

func regexMatch(a arguments) (any, error) {
	re, err := regexp.Compile(a.text(0))
	if err != nil {
		return nil, fmt.Errorf("%.60q is not a regular expression", a.text(0))
	}
	return re.MatchString(a.text(1)), nil
}

func join(a arguments) (any, error) {
	if err := checkLength(append(a.list(1), a.text(0))...); err != nil {
		return nil, err
	}
	return strings.Join(a.list(1), a.text(0)), nil
}

// substr returns the bytes from start to end, which is the end of the text if it is
// negative or too large. A negative start is 0.
func substr(start, end int, text string) string {
	if end < 0 || end > len(text) {
		end = len(text)
	}
	start = max(0, min(start, end))
	return text[start:end]
}

// trunc returns the first n bytes, or the last ones if n is negative.
func trunc(n int, text string) string {
	switch {
	case n < 0 && len(text)+n > 0:
		return text[len(text)+n:]
	case n >= 0 && len(text) > n:
		return text[:n]
	}
	return text
}

// truncate returns the first n characters, or all but so many if n is negative.
func truncate(text string, n int) string {
	characters := []rune(text)
	switch {
	case len(characters) <= n || len(characters) <= -n:
		return text
	case n < 0:
		return string(characters[-n:])
	}
	return string(characters[:n])
}

// choose returns one of two values.
func choose(first bool, a, b any) any {
	if first {
		return a
	}
	return b
}

func item(list []string, i int) any {
	if i < 0 || i >= len(list) {
		return nil
	}
	return list[i]
}

// firstRune splits a text after its first character.
func firstRune(text string) (first, rest string) {
	_, size := utf8.DecodeRuneInString(text)
	return text[:size], text[size:]
}
