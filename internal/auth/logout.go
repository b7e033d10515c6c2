package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
)

// LogoutResult is the erased logins of a registry (logout/v1).
type LogoutResult struct {
	Schema   string `json:"schema"`
	Registry string `json:"registry"`
	// Erased are the locations that had a login.
	Erased []Location `json:"erased"`
	// Remaining is another login that logout does not erase: that of a variable,
	// or of a file that it does not write.
	Remaining *CredentialInfo `json:"remaining,omitempty"`
}

// Logout erases the login of a registry (host or host:port) from the file that
// Login would write and from the helper that file names for it. No other byte
// of the file changes, and a file without such an entry is not written. The error
// is a *FileError, a *HelperError, or that of writing the file; the result has what
// was erased.
func Logout(ctx context.Context, o Options, host string) (LogoutResult, error) {
	e, err := openEditor(o, host)
	if err != nil {
		return LogoutResult{}, err
	}
	done := LogoutResult{Schema: LogoutSchema, Registry: host, Erased: []Location{}}
	inHelper, helperErr := e.eraseInHelper(ctx)
	done.Erased = append(done.Erased, inHelper...)
	inFile, fileErr := e.eraseInFile()
	done.Erased = append(done.Erased, inFile...)
	if err := errors.Join(helperErr, fileErr); err != nil {
		return done, err
	}
	done.Remaining = e.remaining(ctx)
	return done, nil
}

// eraseInHelper gets the credential first, since a helper's response to erase does
// not show whether there was one.
func (e *configEditor) eraseInHelper(ctx context.Context) ([]Location, error) {
	name := e.settings.helper(e.key)
	if name == "" {
		return nil, nil
	}
	h := helper{suffix: name, limit: helperLimit}
	had, err := h.get(ctx, e.host, e.key)
	if err == nil && had != (authn.AuthConfig{}) {
		err = h.erase(ctx, e.host, e.key)
	}
	switch {
	case err != nil && e.settings.detected && ctx.Err() == nil:
		e.options.Warn(fmt.Sprintf("%v; continuing without this helper", err))
		return nil, nil
	case err != nil || had == (authn.AuthConfig{}):
		return nil, err
	}
	return []Location{e.source().withHelper(name)}, nil
}

func (e *configEditor) eraseInFile() ([]Location, error) {
	names := matchingKeys(e.settings.auths, e.key)
	if len(names) == 0 {
		return nil, nil
	}
	var erased []Location
	for _, name := range names {
		if credentialOf(e.settings.auths[name]) != (authn.AuthConfig{}) {
			erased = append(erased, e.source().withKey(name))
		}
	}
	if err := e.removeEntries(); err != nil {
		return nil, err
	}
	return erased, e.save()
}

func (e *configEditor) source() Location {
	return Location{Source: e.file.kind, Path: e.file.path, NamedBy: e.file.by}
}

// remaining returns a login that the registry still has elsewhere, nil without one or
// if that cannot be determined.
func (e *configEditor) remaining(ctx context.Context) *CredentialInfo {
	o := e.options
	o.Username, o.Password, o.Warn = "", "", nil
	k, err := New(o)
	if err != nil {
		return nil
	}
	found, err := k.Explain(ctx, e.host, "", true)
	if err != nil {
		return nil
	}
	return found.Credential
}
