package transport

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/google/go-containerregistry/pkg/authn"
)

// maxReason bounds the part of a token server's message that is shown, in characters.
const maxReason = 400

// refusalReason returns what a token server states about its refusal: a second factor,
// a quota, a policy. It is one line without secrets, "" if there is nothing to show.
func refusalReason(raw []byte, cred authn.AuthConfig) string {
	text := reasonText(raw)
	for _, secret := range []string{cred.Password, cred.IdentityToken, cred.Auth, url.QueryEscape(cred.Password), url.PathEscape(cred.Password)} {
		if len(secret) >= minSecret {
			text = strings.ReplaceAll(text, secret, "REDACTED")
		}
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	for i, word := range words {
		if looksSecret(word) {
			words[i] = "REDACTED"
		}
	}
	short := []rune(strings.Join(words, " "))
	if len(short) > maxReason {
		return string(short[:maxReason]) + "…"
	}
	return string(short)
}

// reasonText returns the message of an error response: the fields in which registries,
// OAuth servers and Docker Hub put it, or a body of plain text.
func reasonText(raw []byte) string {
	raw = bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff")))
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			return text
		}
		if len(raw) == 0 || bytes.ContainsAny(raw[:1], "<{[") {
			return ""
		}
		return string(raw)
	}
	var parts []string
	add := func(text string) {
		if text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	errors, _ := fields["errors"].([]any)
	for _, one := range errors {
		if entry, ok := one.(map[string]any); ok {
			add(formatDetail(entry["message"]))
			add(formatDetail(entry["detail"]))
			continue
		}
		add(formatDetail(one))
	}
	for _, key := range []string{"details", "error_description", "message", "detail"} {
		add(formatDetail(fields[key]))
	}
	if len(parts) == 0 {
		add(formatDetail(fields["error"]))
	}
	return strings.Join(parts, "; ")
}

// looksSecret reports whether a word may be a token or a key: it is long and mixes
// letters and digits as no word does. Digests and UUIDs are not secrets, URLs may
// contain them.
func looksSecret(word string) bool {
	word = strings.Trim(word, `"'.,;()<>`)
	if len(word) < 32 || isDigestOrUUID().MatchString(word) {
		return false
	}
	return strings.ContainsFunc(word, unicode.IsDigit) && strings.ContainsFunc(word, unicode.IsLetter)
}

func isDigestOrUUID() *regexp.Regexp {
	return regexp.MustCompile(`^(sha(256|512):[0-9a-f]{64,128}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`)
}
