package output

import (
	"fmt"
	"strings"

	"manifest-tool/internal/auth"
)

// PrintLogin writes where a login was stored.
func (p Printer) PrintLogin(done auth.LoginResult) error {
	return p.render(done, func(t *text) {
		c := t.paint
		where := c.name(done.Path)
		if done.Helper != "" {
			where = c.name(done.Helper) + ", which " + where + " names"
		}
		t.line("Logged in to %s as %s; the %s is stored in %s", c.name(done.Registry), c.name(done.Username), done.Kind, where)
	})
}

// PrintLogout writes what was erased, and where another login remains.
func (p Printer) PrintLogout(done auth.LogoutResult) error {
	return p.render(done, func(t *text) {
		c := t.paint
		for _, s := range done.Erased {
			t.line("Logged out of %s: erased from %s", c.name(done.Registry), t.source(s))
		}
		if len(done.Erased) == 0 {
			t.line("Not logged in to %s: there was nothing to erase", c.name(done.Registry))
		}
		if done.Remaining != nil {
			t.line("Another login for %s remains: %s", c.name(done.Registry), t.known(*done.Remaining))
		}
	})
}

// PrintExplanation writes which login is used and which sources were checked.
func (p Printer) PrintExplanation(e auth.Explanation) error {
	return p.render(e, func(t *text) {
		c := t.paint
		t.line("Registry:   %s", c.name(e.Registry))
		if e.Repository != "" {
			t.line("Repository: %s", c.name(e.Repository))
		}
		if e.Credential != nil {
			t.line("Login:      %s", t.known(*e.Credential))
		} else {
			t.line("Login:      %s", c.bad("none"))
		}
		t.line("Checked:")
		for i, s := range e.Steps {
			t.line("%2d. %s: %s", i+1, t.source(s.Location), t.outcome(s))
		}
		if len(e.TokenServers) > 0 {
			t.line("Sent to a token server only if it is %s; --realm-host HOST, or realm-hosts in the settings, adds another", strings.Join(e.TokenServers, " or "))
		}
	})
}

// known describes a login and its source.
func (t *text) known(k auth.CredentialInfo) string {
	c := t.paint
	what := k.Kind
	switch {
	case k.Kind == auth.KindUnknown:
		what = "unknown, the helper was not run"
	case k.Username != "":
		what = fmt.Sprintf("%s of user %s", k.Kind, c.name(k.Username))
	}
	return what + ", from " + t.source(k.Location)
}

// source describes a source: the file with its key, the helper, the variable or flag.
func (t *text) source(s auth.Location) string {
	c := t.paint
	name := s.Source
	if s.Path != "" {
		name += " " + c.name(s.Path)
	}
	if s.NamedBy != "" {
		name += " (" + s.NamedBy + ")"
	}
	if s.Helper != "" {
		name += ", helper " + c.name(s.Helper)
	}
	if s.Key != "" {
		name += ", key " + c.name(s.Key)
	}
	return name
}

func (t *text) outcome(s auth.Step) string {
	words := s.Result
	if s.Reason != "" {
		words += ", " + Escape(s.Reason)
	}
	if s.Result == auth.ResultFailed {
		return t.paint.bad(words)
	}
	return words
}
