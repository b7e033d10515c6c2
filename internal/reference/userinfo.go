package reference

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"manifest-tool/internal/errtext"
)

// ErrUserinfo is returned for a name with a user or a password before its host, as
// URLs may have them.
var ErrUserinfo = errtext.WithHint(errors.New("a user or a password does not belong before the name of a host"),
	"leave it out, and log in with manifest-tool login or pass --username with --password-stdin")

// hiddenPassword replaces a password that was typed into a name.
const hiddenPassword = "***"

// RedactUserinfo returns a name or a URL, as it was typed, in a form that may be
// shown: user:password@host becomes user:***@host, scheme://token@host becomes
// scheme://***@host, and token@host/repository ***@host/repository. Any other
// string, such as a reference with a digest, is returned unchanged.
//
// Passwords typed by mistake follow no grammar: they may contain an @ and a slash.
// If the end of one is not clear, more is hidden rather than less.
func RedactUserinfo(s string) string {
	before, login, after := splitUserinfo(s)
	if login == "" {
		return s
	}
	user, _, hasPassword := strings.Cut(login, ":")
	if !hasPassword {
		return before + hiddenPassword + after
	}
	return before + user + ":" + hiddenPassword + after
}

// RedactUserinfoInText is RedactUserinfo for every word of a string.
func RedactUserinfoInText(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	return typedWords().ReplaceAllStringFunc(text, func(word string) string {
		// A message may contain only the beginning of a name, without the part
		// that distinguishes a login before a path from a tag.
		for _, kind := range pathKinds() {
			if before, rest, ok := strings.Cut(word, kind.prefix()); ok && strings.Contains(rest, ":") {
				return before + kind.prefix() + RedactUserinfo(rest)
			}
		}
		return RedactUserinfo(word)
	})
}

// rejectUserinfo returns ErrUserinfo for a name with a user or a password, even one
// that is hidden already.
func rejectUserinfo(s string) error {
	if _, login, _ := splitUserinfo(s); login == "" {
		return nil
	}
	return fmt.Errorf("%q: %w", RedactUserinfo(s), ErrUserinfo)
}

// splitUserinfo finds the user and the password in a name: before is what ends with
// //, such as a scheme, after begins with the @. login is "" if there is neither.
func splitUserinfo(s string) (before, login, after string) {
	before = schemes().FindString(s)
	rest := s[len(before):]
	at := lastBeforeHost(rest)
	if at < 1 {
		return s, "", ""
	}
	user, _, hasPassword := strings.Cut(rest[:at], ":")
	switch {
	case strings.Contains(user, "/"): // a name with a tag, or with an invalid digest
		return s, "", ""
	case hasPathPrefix(before) && (!hasPassword || !strings.Contains(rest[at:], "/")):
		return s, "", "" // a directory or a file may have almost any name
	case !hasPassword && before == "" && !hostAndPath().MatchString(rest[at+1:]):
		return s, "", "" // a mail address, or an invalid digest
	}
	return before, rest[:at], rest[at:]
}

// hasPathPrefix reports whether a string has the prefix of a layout or an archive.
func hasPathPrefix(s string) bool {
	return slices.ContainsFunc(pathKinds(), func(k Kind) bool { return strings.Contains(s, k.prefix()) })
}

// lastBeforeHost returns the position of the last @ that is not followed by a
// digest, -1 if there is none.
func lastBeforeHost(s string) int {
	for {
		at := strings.LastIndex(s, "@")
		if at < 0 || !digestLike().MatchString(s[at+1:]) {
			return at
		}
		s = s[:at]
	}
}

// digestLike also matches digests that are too short, or have a misspelled
// algorithm or none: these are the more likely mistakes.
var digestLike = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?:sha[0-9]+(?::[^/]*)?$|[0-9a-f]{64}$|[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,})`)
})

// schemes matches everything before a login: of docker://https://, both.
var schemes = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?:[^:@/]*:?//+)*`)
})

// hostAndPath matches the host of a registry with a repository, as opposed to an
// invalid digest.
var hostAndPath = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9.-]+:[0-9]+|\[[0-9A-Fa-f:.]+\](?::[0-9]+)?)/`)
})

var typedWords = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile("[^\\s\"'`]+")
})
