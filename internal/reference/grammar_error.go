package reference

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"manifest-tool/internal/errtext"
)

// grammarError describes which part of a reference is most likely wrong, and has
// a hint if there is a usual way to write it. The first words are Docker's.
func grammarError(s string) error {
	const format = "invalid reference format"
	if s == "" {
		return errors.New(format + ": it is empty")
	}
	if i := strings.IndexFunc(s, isForbiddenRune); i >= 0 {
		_, size := utf8.DecodeRuneInString(s[i:])
		return fmt.Errorf("%s: it contains %q, which is not allowed in a name", format, s[i:i+size])
	}
	name, hash, hasDigest := strings.Cut(s, "@")
	host, rest, _ := strings.Cut(canonicalName(name), "/")
	path, tag, hasTag := strings.Cut(rest, ":")
	err := cmp.Or(hostError(host), pathError(strings.TrimPrefix(path, "library/")))
	if err == nil && hasTag {
		err = tagError(tag)
	}
	if err == nil && hasDigest {
		err = digestError(hash)
	}
	if err == nil {
		return errors.New(format)
	}
	return fmt.Errorf("%s: %w", format, err)
}

func hostError(host string) error {
	switch {
	case host == "":
		return errors.New("the host before the first / is empty")
	case strings.Contains(host, "_"):
		return errtext.WithHint(fmt.Errorf("the host %.80q contains \"_\", which is not allowed in the name of a host", host),
			"give the host another name, with - instead of _, or use its IP address")
	case !regexp.MustCompile(`^(?:[A-Za-z0-9]+(?:(?:\.|-+)[A-Za-z0-9]+)*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?$`).MatchString(host):
		return fmt.Errorf("%.80q is not a host, or HOST:PORT", host)
	}
	return nil
}

func pathError(path string) error {
	switch {
	case path == "":
		return errors.New("the name of the repository is empty")
	case strings.ToLower(path) != path:
		return errors.New("repository name must be lowercase")
	}
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case part == "":
			return fmt.Errorf("the repository %.80q has an empty part: a / too many", path)
		case strings.ContainsAny(part, "+[]"):
			return fmt.Errorf("the repository %.80q contains %q, which is not allowed there", path, part[strings.IndexAny(part, "+[]"):][:1])
		case strings.ContainsAny(part[:1]+part[len(part)-1:], "._-"):
			return fmt.Errorf("the part %.80q of the repository begins or ends with . _ or -", part)
		case strings.Contains(part, "..") || !regexp.MustCompile(`^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$`).MatchString(part):
			return fmt.Errorf("the part %.80q of the repository has more than one of . _ and - in a row", part)
		}
	}
	return nil
}

func tagError(tag string) error {
	switch at := strings.IndexAny(tag, "/:+[]"); {
	case tag == "":
		return errors.New("the tag after the colon is empty")
	case at >= 0:
		err := fmt.Errorf("the tag %.80q contains %q, which is not allowed in a tag", tag, tag[at:at+1])
		return errtext.WithHint(err, "a tag may hold letters, digits and _ . -, such as "+strings.Map(tagRune, tag))
	case len(tag) > 128:
		return fmt.Errorf("the tag %.20q… has %d characters, 128 are allowed", tag, len(tag))
	case tag[0] == '.' || tag[0] == '-':
		return fmt.Errorf("the tag %.80q begins with %q", tag, tag[:1])
	}
	return nil
}

// tagRune returns what is written in a tag for a character.
func tagRune(r rune) rune {
	if strings.ContainsRune("/:+[]", r) {
		return '-'
	}
	return r
}

func digestError(hash string) error {
	algorithm, hex, hasAlgorithm := strings.Cut(hash, ":")
	isHex := func(s string) bool { return s != "" && strings.Trim(s, "0123456789abcdefABCDEF") == "" }
	switch {
	case hash == "":
		return errors.New("the digest after @ is empty")
	case !hasAlgorithm && len(hash) == 64 && isHex(hash):
		return errtext.WithHint(fmt.Errorf("the digest %.12s… has no algorithm", hash), "write @sha256:"+hash)
	case !hasAlgorithm:
		return fmt.Errorf("%.80q after @ is not a digest, which is ALGORITHM:HEX", hash)
	case !isHex(hex):
		return fmt.Errorf("the digest %.80q is not hexadecimal after its algorithm", hash)
	case algorithm == "sha256" && len(hex) != 64:
		return fmt.Errorf("the digest has %d characters after sha256:, and needs 64", len(hex))
	}
	return fmt.Errorf("%.80q after @ is not a digest, which is ALGORITHM:HEX with at least 32 digits", hash)
}
