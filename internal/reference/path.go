package reference

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// parsePath parses what follows the prefix of a layout or an archive.
func parsePath(s string, kind Kind, rest string) (Ref, error) {
	ref := Ref{Original: s, Kind: kind}
	if i := strings.LastIndex(rest, "@"); i > strings.LastIndexAny(rest, `/\`) {
		parsed, err := ParseDigest(rest[i+1:])
		if err != nil {
			return Ref{}, fmt.Errorf("%q: %w", s, err)
		}
		rest, ref.Digest = rest[:i], parsed
	}
	if i := fullNameIndex(rest); i > 0 && ref.Digest == "" {
		rest, ref.Name = rest[:i], rest[i+1:]
	} else if i := strings.LastIndex(rest, ":"); i > strings.LastIndexAny(rest, `/\`) {
		rest, ref.Tag = rest[:i], rest[i+1:]
		if !IsTag(ref.Tag) {
			return Ref{}, fmt.Errorf("%q: %w", s, cmp.Or(tagError(ref.Tag), fmt.Errorf("invalid tag %q", ref.Tag)))
		}
	}
	what := "file"
	if kind == Layout {
		what = "directory"
	}
	if rest == "" {
		return Ref{}, fmt.Errorf("%q: no %s is named", s, what)
	}
	if strings.Contains(rest, "\x00") {
		return Ref{}, fmt.Errorf("%q: no %s has a zero byte in its name", s, what)
	}
	ref.Path = filepath.Clean(rest)
	return ref, nil
}

// fullNameIndex is the position of the colon before the full name of an image in
// DIR:HOST/NAME:TAG or FILE:HOST/NAME:TAG, -1 if there is none. HOST ends in letters or has a port, so
// that DIR:1.0/x:1 stays a directory with a colon.
func fullNameIndex(s string) int {
	for i := range len(s) {
		if s[i] != ':' || !hasImageHost(s[i+1:]) {
			continue
		}
		if p, err := splitReference(s[i+1:]); err == nil && p.tag != "" {
			return i
		}
	}
	return -1
}

func hasImageHost(name string) bool {
	host, _, ok := strings.Cut(name, "/")
	return ok && regexp.MustCompile(`^(localhost|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]+|[A-Za-z0-9.-]+:[0-9]+)(:[0-9]+)?$`).MatchString(host)
}

// CanonicalName is the full form of an image name, docker.io/library/app:1 for
// app:1; a string that is not an image name is returned unchanged.
func CanonicalName(s string) string {
	p, err := splitReference(s)
	if err != nil {
		return s
	}
	full := p.domain + "/" + p.path
	if p.tag != "" {
		full += ":" + p.tag
	}
	if p.digest != "" {
		full += "@" + p.digest.String()
	}
	return full
}

// TagOfName is the tag in the name of an image in a layout or an archive: some tools write only
// the tag there, others the full name of the image. It is empty if there is none.
func TagOfName(s string) string {
	s, _, _ = strings.Cut(s, "@")
	if i := strings.LastIndex(s, ":"); i > strings.LastIndex(s, "/") {
		s = s[i+1:]
	}
	if !IsTag(s) {
		return ""
	}
	return s
}
