package reference

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"manifest-tool/internal/errtext"
)

// ErrUserinfo is the answer to a name with a user or a password before its host,
// as URLs may have them.
var ErrUserinfo = errtext.WithHint(errors.New("a user or a password does not belong before the name of a host"),
	"leave it out, and log in with manifest-tool login or pass --username with --password-stdin")

// hiddenPassword replaces a password that was typed into a name.
const hiddenPassword = "***"

// RedactUserinfo returns a name or a URL, as it was typed, in a form that may be
// shown: user:password@host becomes user:***@host, scheme://token@host becomes
// scheme://***@host, and token@host/repository ***@host/repository. Any other text
// is returned as it is; a reference with a digest is one.
//
// Mistyped input follows no grammar: a password may contain @ and slashes. If its
// end is ambiguous, more is hidden rather than less.
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

// RedactUserinfoInText is RedactUserinfo for every word of a text.
func RedactUserinfoInText(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	return typedWords().ReplaceAllStringFunc(text, func(word string) string {
		// A message may show only the start of a name, without the part that
		// distinguishes a login before a layout's path from a tag.
		if before, rest, ok := strings.Cut(word, LayoutPrefix); ok && strings.Contains(rest, ":") {
			return before + LayoutPrefix + RedactUserinfo(rest)
		}
		return RedactUserinfo(word)
	})
}

// rejectUserinfo is ErrUserinfo for a name that has one, also where it was hidden
// already.
func rejectUserinfo(s string) error {
	if _, login, _ := splitUserinfo(s); login == "" {
		return nil
	}
	return fmt.Errorf("%q: %w", RedactUserinfo(s), ErrUserinfo)
}

// splitUserinfo finds the user and the password in a name: before is what ends with
// //, such as a scheme; after begins with the @. login is "" if it has no user info.
func splitUserinfo(s string) (before, login, after string) {
	before = schemes().FindString(s)
	rest := s[len(before):]
	at := lastBeforeHost(rest)
	if at < 1 {
		return s, "", ""
	}
	user, _, hasPassword := strings.Cut(rest[:at], ":")
	switch {
	case strings.Contains(user, "/"): // a name with a tag, or with something in a digest's place
		return s, "", ""
	case strings.Contains(before, LayoutPrefix) && (!hasPassword || !strings.Contains(rest[at:], "/")):
		return s, "", "" // the name of a directory may be almost anything
	case !hasPassword && before == "" && !hostAndPath().MatchString(rest[at+1:]):
		return s, "", "" // an address of mail, or something in a digest's place
	}
	return before, rest[:at], rest[at:]
}

// lastBeforeHost returns the index of the last @ that no digest follows, or -1.
func lastBeforeHost(s string) int {
	for {
		at := strings.LastIndex(s, "@")
		if at < 0 || !digestLike().MatchString(s[at+1:]) {
			return at
		}
		s = s[:at]
	}
}

// digestLike also takes digests that are too short or of a misspelt algorithm:
// they are the more likely mistake.
var digestLike = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?:sha[0-9]+(?::[^/]*)?$|[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,})`)
})

// schemes matches all schemes before a login: in docker://https://, both.
var schemes = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?:[^:@/]*:?//+)*`)
})

// hostAndPath distinguishes the host of a registry with a repository from a
// malformed digest.
var hostAndPath = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9.-]+:[0-9]+|\[[0-9A-Fa-f:.]+\](?::[0-9]+)?)/`)
})

var typedWords = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile("[^\\s\"'`]+")
})
