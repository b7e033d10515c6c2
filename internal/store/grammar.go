package store

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/opencontainers/go-digest"
)

// maxName bounds a repository's name with its registry, in characters.
const maxName = 255

// parts are the parts of a reference to a registry, in full.
type parts struct {
	domain, path, tag string
	digest            digest.Digest
}

// grammar is compiled when a reference is first read, not when the program
// starts. The names are those of the distribution-spec, "Pulling manifests",
// and of Docker's reference grammar.
func grammar() *regexp.Regexp { return compiled() }

var compiled = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	const (
		label     = `(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])`
		domain    = `(?:` + label + `(?:\.` + label + `)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`
		component = `[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
		tag       = `[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}`
		hash      = `[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}`
	)
	return regexp.MustCompile(`^(` + domain + `)/(` + component + `(?:/` + component + `)*)(?::(` + tag + `))?(?:@(` + hash + `))?$`)
})

// readParts reads a reference as Docker does: without a registry, or with a
// first part that looks like none, it is Docker Hub's.
func readParts(s string) (parts, error) {
	if isIdentifier(s) {
		return parts{}, errors.New("64 hexadecimal digits are an image's identifier, not its name")
	}
	full := inFull(s)
	m := grammar().FindStringSubmatch(full)
	if m == nil {
		return parts{}, refusal(s)
	}
	p := parts{domain: m[1], path: m[2], tag: m[3], digest: digest.Digest(m[4])}
	if len(p.domain)+1+len(p.path) > maxName {
		return parts{}, fmt.Errorf("a repository name must not be longer than %d characters", maxName)
	}
	if p.digest != "" {
		return p, p.digest.Validate()
	}
	return p, nil
}

// inFull puts the registry before a name that has none.
func inFull(s string) string {
	first, rest, ok := strings.Cut(s, "/")
	looks := strings.ContainsAny(first, ".:") || first == "localhost" || strings.ToLower(first) != first
	if !ok || !looks {
		first, rest = "docker.io", s
	}
	if first == "index.docker.io" {
		first = "docker.io"
	}
	if first == "docker.io" && !strings.Contains(rest, "/") {
		rest = "library/" + rest
	}
	return first + "/" + rest
}

func isIdentifier(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// refusal says what is most likely wrong with a reference.
func refusal(s string) error {
	const format = "invalid reference format"
	if s == "" {
		return errors.New(format + ": it is empty")
	}
	if i := strings.IndexFunc(s, neverIn); i >= 0 {
		_, size := utf8.DecodeRuneInString(s[i:])
		return fmt.Errorf("%s: it holds %q, which no name has", format, s[i:i+size])
	}
	name, _, _ := strings.Cut(s, "@")
	if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") {
		name = name[:i]
	}
	if _, path, ok := strings.Cut(inFull(name), "/"); ok && strings.ToLower(path) != path {
		return errors.New(format + ": repository name must be lowercase")
	}
	return errors.New(format)
}

// neverIn reports whether a character is in no part of a reference.
func neverIn(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".:/@_-+[]", r)
}

// IsTag reports whether s can be a tag (distribution-spec, "Pulling manifests").
func IsTag(s string) bool {
	_, err := readParts("x:" + s)
	return err == nil && !strings.ContainsAny(s, "/@")
}
