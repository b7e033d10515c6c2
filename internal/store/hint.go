package store

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	ggcr "github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// withLoginHint adds a hint to a 401 or 403 that depends on what the registry, or its
// token server, got: a registry that got no login does not know the user.
func withLoginHint(what fmt.Stringer, err error) error {
	return errtext.WithHint(err, loginHint(what, err))
}

func loginHint(what fmt.Stringer, err error) string {
	registry, repository := loginNames(what)
	which := fmt.Sprintf("manifest-tool auth explain %s shows which login is used", repository)
	state := transport.LoginStateOf(err)
	switch {
	case state.WithheldFrom != "":
		return fmt.Sprintf("the login was not sent, since the token server is another host: if it belongs to the registry, use %s, or list it as realm-hosts in the settings", strings.Join(state.Flags, " and "))
	case status(err) == 0:
		return ""
	case state.Sent && strings.Contains(strings.ToLower(err.Error()), "expired"):
		return "the login that was sent has expired: log in again with manifest-tool login " + registry + "; " + which
	case state.Sent && errors.Is(err, ErrUnauthorized):
		return "the registry rejected this login: log in again with manifest-tool login " + registry + ", or correct the flag or the variable that it is from; " + which
	case state.Sent && hasCode(err, ggcr.DeniedErrorCode):
		return "unless the message of the registry gives another reason, such as a quota, the login that was sent does not have access: request it, or use another login; " + which
	case state.Sent:
		return "the registry refuses this although a login was sent: if its message gives no reason, ask its operator; " + which
	case errors.Is(err, ErrUnauthorized):
		return fmt.Sprintf("log in with manifest-tool login %s, or pass --username with --password-stdin; %s", registry, which)
	}
	return fmt.Sprintf("no login was sent: if the content is not public, log in with manifest-tool login %s, or pass --username with --password-stdin; %s", registry, which)
}

// loginNames returns the names by which login and auth explain know what was requested.
func loginNames(what fmt.Stringer) (registry, repository string) {
	if blob, ok := what.(blobName); ok {
		what = blob.ref
	}
	if ref, ok := what.(reference.Ref); ok {
		return ref.Host(), ref.Host() + "/" + ref.Repository.RepositoryStr()
	}
	return what.String(), "REF"
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

// putError is writeError for manifests and tags.
func putError(what fmt.Stringer, mediaType string, err error) error {
	err = writeError(what, err)
	switch code := status(err); {
	case IsBlobUnknown(err), hasCode(err, ggcr.ManifestUnknownErrorCode), code == http.StatusNotFound:
		return errtext.WithHint(fmt.Errorf("%w: %w", ErrMissingContent, err),
			"the registry reports a part as missing although it was sent, or was there already: try again; if it happens again, ask the registry's operator")
	case hasCode(err, ggcr.ManifestInvalidErrorCode), code == http.StatusUnsupportedMediaType:
		return mediaTypeError(mediaType, err)
	case code == http.StatusBadRequest, code == http.StatusForbidden, code == http.StatusConflict,
		code == http.StatusPreconditionFailed, code == http.StatusMethodNotAllowed, code == http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	return err
}

// mediaTypeError is ErrMediaType for a manifest. Registries use MANIFEST_INVALID for
// other refusals as well (Artifactory: immutable tags, overload), and give the reason
// in the detail; --type changes only the index.
func mediaTypeError(mediaType string, err error) error {
	isIndex := types.MediaType(mediaType).IsIndex()
	if statesReason(err) && status(err) != http.StatusUnsupportedMediaType {
		hint := "the message above has the registry's reason; if it is not clear, ask the registry's operator"
		if isIndex {
			hint += "; if it is about the type of the index, try --type " + otherType(mediaType)
		}
		return errtext.WithHint(fmt.Errorf("%w: %w", ErrRejected, err), hint)
	}
	err = fmt.Errorf("%w, %s: %w", ErrMediaType, mediaType, err)
	if !isIndex {
		return errtext.WithHint(err, "images are copied unchanged, so --type has no effect on this: the registry may not accept images of this type; convert the image, or use another registry")
	}
	refused := "OCI"
	if mediaType == string(types.DockerManifestList) {
		refused = "Docker"
	}
	return errtext.WithHint(err, fmt.Sprintf("the registry may not accept %s indexes: try --type %s", refused, otherType(mediaType)))
}

// otherType is the value of --type for an index of the type that mediaType is not.
func otherType(mediaType string) string {
	if mediaType == string(types.DockerManifestList) {
		return "oci"
	}
	return "docker"
}

// statesReason reports whether the detail of a registry's error says why.
func statesReason(err error) bool {
	var answer *ggcr.Error
	return errors.As(err, &answer) && slices.ContainsFunc(answer.Errors, func(d ggcr.Diagnostic) bool {
		text, _ := d.Detail.(string)
		return text != ""
	})
}

// The hints for a layout or an archive that does not exist, or of which a part is missing.
const (
	noArchiveHint  = "check the path: FILE of oci-archive://FILE:TAG or docker-archive://FILE:TAG is relative to the current directory; the full name of an image needs its registry, as in FILE:docker.io/library/app:1"
	layoutFileHint = "a layout is a directory; an archive of one is oci-archive://FILE:TAG"
	noLayoutHint   = "check the path: oci-layout://DIR is relative to the current directory, and oci-layout:///DIR is absolute"
)

// damagedHint is the hint for a layout or an archive of which a part is missing, or is
// not what it should be.
func damagedHint(storage string) string {
	return fmt.Sprintf("the %s is damaged or incomplete: write the image to it again with the program that made it", storage)
}

// damagedError is an image that a layout or an archive has only in part.
type damagedError struct {
	ref reference.Ref
	err error
}

func (e *damagedError) Error() string { return e.err.Error() }
func (e *damagedError) Unwrap() error { return e.err }
func (e *damagedError) Hint() string  { return damagedHint(e.ref.Storage()) }

// ExitCode is that of bad input.
func (*damagedError) ExitCode() int { return 2 }
