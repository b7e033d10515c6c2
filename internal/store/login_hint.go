package store

import (
	"errors"
	"fmt"
	"strings"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/store/transport"
)

// withLoginHint adds a hint to a 401 or 403 that depends on what the registry, or its
// token server, got: a registry that got no login does not know the user.
func withLoginHint(err error) error { return errtext.WithHint(err, loginHint(err)) }

func loginHint(err error) string {
	const which = "manifest-tool auth explain REF states which login is used"
	state := transport.LoginStateOf(err)
	switch {
	case state.WithheldFrom != "":
		return fmt.Sprintf("the login was not sent, since the token server is another host: if it belongs to the registry, use %s, or list it as realm-hosts in the settings", strings.Join(state.Flags, " and "))
	case status(err) == 0:
		return ""
	case state.Sent && strings.Contains(strings.ToLower(err.Error()), "expired"):
		return "the login that was sent has expired: log in again with manifest-tool login; " + which
	case state.Sent && errors.Is(err, ErrUnauthorized):
		return "the login that was sent is not accepted: log in again with manifest-tool login; " + which
	case state.Sent:
		return "unless the message of the registry gives another reason, the login that was sent has no access to this: ask for it, or use another login; " + which
	}
	return "" // that of ErrUnauthorized or ErrDenied, for a request without a login
}
