package reference

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
		{"//user:secret@host.example/app:1", "//user:***@host.example/app:1"},
		{"docker:////user:secret@host.example/app:1", "docker:////user:***@host.example/app:1"},
		{"docker://https://user:secret@host/app:1", "docker://https://user:***@host/app:1"},
		{"template=//user:secret@host", "template=//user:***@host"},
		{"oci-layout:////user:secret@host.example/app:1", "oci-layout:////user:***@host.example/app:1"},
		{"oci-layout://user:secret@host/app:1", "oci-layout://user:***@host/app:1"},
		{"docker-archive://user:secret@host/app.tar:1", "docker-archive://user:***@host/app.tar:1"},
		{"oci-archive:////user:secret@host.example/app.tar", "oci-archive:////user:***@host.example/app.tar"},
		{"user:sec://ret@host.example/app", "user:***@host.example/app"},
		{"token@127.0.0.1:5000/app:1", "***@127.0.0.1:5000/app:1"},
		{"token@host.example/app@sha256:" + hash, "***@host.example/app@sha256:" + hash},
		{"token@localhost/app:1", "***@localhost/app:1"},
		{"token@registry:5000/app:1", "***@registry:5000/app:1"},
		{"token@[::1]:5000/app:1", "***@[::1]:5000/app:1"},
		{"user:secret @host/app:1", "user:***@host/app:1"},

		{"app:1", "app:1"},
		{"app@sha256:" + hash, "app@sha256:" + hash},
		{"app@sha256:12ab", "app@sha256:12ab"},
		{"app@sha265:" + hash, "app@sha265:" + hash},
		{"app@sha256" + hash, "app@sha256" + hash},
		{"app@md5:" + hash[:32], "app@md5:" + hash[:32]},
		{"host.example/team/app@sha265:" + hash[:20], "host.example/team/app@sha265:" + hash[:20]},
		{"oci-layout:///dir/a:1@sha256:" + hash, "oci-layout:///dir/a:1@sha256:" + hash},
		{"oci-layout://./user:name@host.example/app:1", "oci-layout://./user:name@host.example/app:1"},
		{"//server/share/app:1@x", "//server/share/app:1@x"},
		{"app:1@sha256:" + hash, "app:1@sha256:" + hash},
		{"app:1@sha256:12ab", "app:1@sha256:12ab"},
		{"app:1@sha265:" + hash, "app:1@sha265:" + hash},
		{"host.example/team/app:1@latest", "host.example/team/app:1@latest"},
		{"host.example:5000/team/app:1@sha256:" + hash + ":", "host.example:5000/team/app:1@sha256:" + hash + ":"},
		{"app@1", "app@1"},
		{"someone@example.com", "someone@example.com"},
		{"https://host.example/mail/someone@example.com", "https://host.example/mail/someone@example.com"},
		{"oci-archive://./user:name@host.example/app.tar", "oci-archive://./user:name@host.example/app.tar"},
		{"docker-archive://a@b.tar:1", "docker-archive://a@b.tar:1"},
		{"oci-layout://dir:with@sign:1", "oci-layout://dir:with@sign:1"},
		{"@", "@"},
		{"", ""},
	} {
		if got := RedactUserinfo(c.typed); got != c.shown {
			t.Errorf("HideLogin(%q) = %q, want %q", c.typed, got, c.shown)
		}
	}
	if got, want := RedactUserinfoInText(`no "oci-layout://u:secret@h" and "oci-layout:////u:secret@h"`), `no "oci-layout://u:***@h" and "oci-layout:////u:***@h"`; got != want {
		t.Errorf("HideLogins of what was cut: %s, want %s", got, want)
	}
	if got, want := RedactUserinfoInText(`no "oci-archive://u:secret@h"`), `no "oci-archive://u:***@h"`; got != want {
		t.Errorf("HideLogins of what was cut: %s, want %s", got, want)
	}
	const text = `open "https://u:secret@h.example/x": no, not (u:secret@h.example/y) by someone@example.com`
	if got, want := RedactUserinfoInText(text), strings.ReplaceAll(text, "secret", "***"); got != want {
		t.Errorf("HideLogins: %s, want %s", got, want)
	}
}

func TestParseRefusesLogins(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"user:secret@host.example/app:1", "https://user:secret@host.example/app:1", "docker://user:secret@host.example/app:1",
		"user:secret@host.example", `user:sec"secret ret@host.example/app`, "https://secret@host.example/app", "user:***@host.example/app",
		"//user:secret@host.example/app:1", "docker:////user:secret@host.example/app:1", "oci-layout:////user:secret@host.example/app:1",
		"oci-layout://user:secret@host/app:1", "secret@127.0.0.1:5000/app:1",
	} {
		_, err := Parse(typed)
		_, other := ParseRegistry(typed)
		for _, err := range []error{err, other} {
			if !errors.Is(err, ErrUserinfo) || strings.Contains(err.Error(), "sec") {
				t.Errorf("%q: %v", typed, err)
			}
		}
	}
}
