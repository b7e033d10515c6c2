package store

import (
	"errors"
	"fmt"
	"strings"

	ggcr "github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// withLoginHint adds a hint to a 401 or 403 that depends on what the registry, or its
// token server, got: a registry that got no login does not know the user.
func withLoginHint(err error) error { return errtext.WithHint(err, loginHint(err)) }

func loginHint(err error) string {
	const which = "manifest-tool auth explain REF shows which login is used"
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
	case state.Sent && hasCode(err, ggcr.DeniedErrorCode):
		return "unless the message of the registry gives another reason, such as a quota, the login that was sent has no access to this: ask for it, or use another login; " + which
	case state.Sent:
		return "the registry refuses this although a login was sent: if its message gives no reason, ask its operator; " + which
	}
	return "" // that of ErrUnauthorized or ErrDenied, for a request without a login
}

// notFoundHint is the hint for content that a registry does not have, or hides.
func notFoundHint(what fmt.Stringer) string {
	const hidden = "; some registries also respond like this without a login that has access"
	ref, isRef := what.(reference.Ref)
	switch {
	case !isRef, ref.Digest != "":
		return "check the name and the digest; if an image refers to it, the registry has lost a part of the image: push it again" + hidden
	case ref.Tag == "":
		return "check the name of the repository" + hidden
	}
	return fmt.Sprintf("check the name and the tag: manifest-tool tags %s/%s lists the tags%s", ref.Host(), ref.Repository.RepositoryStr(), hidden)
}
