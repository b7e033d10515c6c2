package reference

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/opencontainers/go-digest"
)

// maxName bounds a repository's name with its registry, in characters.
const maxName = 255

// refParts are the parts of a reference to a registry, in full.
type refParts struct {
	domain, path, tag string
	digest            digest.Digest
}

// grammar is compiled when the first reference is parsed, not when the program
// starts. The names are those of the distribution-spec, "Pulling manifests",
// and of Docker's reference grammar.
func grammar() *regexp.Regexp { return grammarRegexp() }

var grammarRegexp = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	const (
		label     = `(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])`
		domain    = `(?:` + label + `(?:\.` + label + `)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`
		component = `[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
		tag       = `[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}`
		hash      = `[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}`
	)
	return regexp.MustCompile(`^(` + domain + `)/(` + component + `(?:/` + component + `)*)(?::(` + tag + `))?(?:@(` + hash + `))?$`)
})

// splitReference parses a reference as Docker does: without a registry, or with a
// first part that does not look like one, it is Docker Hub's.
func splitReference(s string) (refParts, error) {
	if isImageID(s) {
		return refParts{}, errors.New("64 hexadecimal digits are an image ID, not an image name")
	}
	full := canonicalName(s)
	m := grammar().FindStringSubmatch(full)
	if m == nil {
		return refParts{}, grammarError(s)
	}
	p := refParts{domain: m[1], path: m[2], tag: m[3], digest: digest.Digest(m[4])}
	if len(p.domain)+1+len(p.path) > maxName {
		return refParts{}, fmt.Errorf("a repository name must not be longer than %d characters", maxName)
	}
	if p.digest != "" {
		_, err := ParseDigest(m[4])
		return p, err
	}
	return p, nil
}

// canonicalName adds the registry to a name without one.
func canonicalName(s string) string {
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

func isImageID(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// isForbiddenRune reports whether a character is not allowed in a reference.
func isForbiddenRune(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".:/@_-+[]", r)
}

// IsTag reports whether s can be a tag (distribution-spec, "Pulling manifests").
func IsTag(s string) bool {
	_, err := splitReference("x:" + s)
	return err == nil && !strings.ContainsAny(s, "/@")
}
