package store

import (
	"errors"
	"strings"
	"testing"
)

func TestHideLogin(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0123456789abcdef", 4)
	for _, c := range []struct{ typed, shown string }{
		{"user:secret@host.example/app:1", "user:***@host.example/app:1"},
		{"user:secret@host.example", "user:***@host.example"},
		{"user:secret@localhost:5000/app:1", "user:***@localhost:5000/app:1"},
		{"https://user:secret@host.example/app:1", "https://user:***@host.example/app:1"},
		{"docker://user:secret@host.example/app", "docker://user:***@host.example/app"},
		{"user:secret@host.example/app@sha256:" + hash, "user:***@host.example/app@sha256:" + hash},
		{"user:p@ss/w:rd \"@host.example/app", "user:***@host.example/app"},
		{"https://token@host.example/app", "https://***@host.example/app"},
		{":secret@host.example/app", ":***@host.example/app"},

		{"app:1", "app:1"},
		{"app:1@sha256:" + hash, "app:1@sha256:" + hash},
		{"app:1@sha256:12ab", "app:1@sha256:12ab"},
		{"app:1@sha265:" + hash, "app:1@sha265:" + hash},
		{"host.example/team/app:1@latest", "host.example/team/app:1@latest"},
		{"host.example:5000/team/app:1@sha256:" + hash + ":", "host.example:5000/team/app:1@sha256:" + hash + ":"},
		{"app@1", "app@1"},
		{"someone@example.com", "someone@example.com"},
		{"https://host.example/mail/someone@example.com", "https://host.example/mail/someone@example.com"},
		{"oci-layout://dir:with@sign:1", "oci-layout://dir:with@sign:1"},
		{"@", "@"},
		{"", ""},
	} {
		if got := HideLogin(c.typed); got != c.shown {
			t.Errorf("HideLogin(%q) = %q, want %q", c.typed, got, c.shown)
		}
	}
	const text = `open "https://u:secret@h.example/x": no, not (u:secret@h.example/y) by someone@example.com`
	if got, want := HideLogins(text), strings.ReplaceAll(text, "secret", "***"); got != want {
		t.Errorf("HideLogins: %s, want %s", got, want)
	}
}

func TestParseRefusesLogins(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"user:secret@host.example/app:1", "https://user:secret@host.example/app:1", "docker://user:secret@host.example/app:1",
		"user:secret@host.example", `user:sec"secret ret@host.example/app`, "https://secret@host.example/app", "user:***@host.example/app",
	} {
		_, err := Parse(typed)
		_, other := ParseRegistry(typed)
		for _, err := range []error{err, other} {
			if !errors.Is(err, ErrLogin) || strings.Contains(err.Error(), "sec") {
				t.Errorf("%q: %v", typed, err)
			}
		}
	}
}
