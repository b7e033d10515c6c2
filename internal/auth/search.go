package auth

import (
	"context"
	"fmt"

	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-containerregistry/pkg/authn"
)

// search searches for the credential of a repository, source by source, and
// records the steps.
type search struct {
	keychain       *Keychain
	host, key      string
	repository     string
	withoutHelpers bool

	steps []Step
	// stoppedAtHelper means that a helper that may have the credential was not
	// run.
	stoppedAtHelper bool
}

// match is a credential and its location. The zero value means no credential.
type match struct {
	credential authn.AuthConfig
	source     Location
}

func (f match) ok() bool { return f.credential != (authn.AuthConfig{}) }

// run returns the first credential. The longest namespace counts only within a
// source: the entry of an earlier source for the registry takes precedence over
// that of a later one for a namespace.
func (s *search) run(ctx context.Context) (match, error) {
	k := s.keychain
	switch {
	case k.keys[s.key]:
		f := match{k.flagCredential, Location{Source: k.flagSource}}
		s.note(f.source, ResultUsed, "")
		return f, nil
	case k.anonymous:
		s.note(Location{Source: noLogin}, ResultSkipped, "no login is searched")
	default:
		s.note(Location{Source: k.flagSource}, ResultSkipped, k.whyNotGiven())
	}
	for _, p := range k.sources {
		f, err := s.lookIn(ctx, p)
		if err != nil || f.ok() || s.stoppedAtHelper {
			return f, err
		}
	}
	return match{}, nil
}

func (k *Keychain) whyNotGiven() string {
	if k.flagCredential.Username != "" {
		return "it is for the registries on the command line"
	}
	return "it is not given"
}

// lookIn searches one source.
func (s *search) lookIn(ctx context.Context, p *source) (match, error) {
	at := Location{Source: p.kind, Path: p.path, NamedBy: p.by}
	if p.absentReason != "" && p.path != "" && p.by == "REGISTRY_AUTH_FILE" {
		s.keychain.warnOnce(fmt.Sprintf("%s names %q, which does not exist", p.by, p.path))
	}
	settings, err := p.read()
	if err != nil {
		s.note(at, ResultFailed, err.Error())
		if s.keychain.strict || p.path != "" && !p.mayBeUnreadable(err) {
			return match{}, err
		}
		// Like Docker: a variable is often set for other programs, and a default
		// file may belong to another user.
		s.keychain.warnOnce(fmt.Sprintf("%v; continuing without its logins", err))
		return match{}, nil
	}
	for _, name := range namespaceKeys(settings.auths, s.key, s.repository) {
		if f := (match{credentialOf(settings.auths[name]), at.withKey(name)}); f.ok() {
			s.note(f.source, ResultUsed, "")
			return f, nil
		}
	}
	name, stored := inFile(settings.auths, s.key)
	f := match{stored, at.withKey(name)}
	if helper := settings.helper(s.key); helper != "" {
		return s.fromHelper(ctx, at.withHelper(helper), f, settings.detected)
	}
	s.recordStored(f, p.absentReason)
	return f, nil
}

// fromHelper returns the credential of the helper of a registry, else that of the
// file. Docker ignores a credential in the file if there is a helper, so that a
// user who is logged in may get a 401.
func (s *search) fromHelper(ctx context.Context, at Location, stored match, detected bool) (match, error) {
	if s.withoutHelpers {
		s.stoppedAtHelper = true
		s.note(at, ResultSkipped, "it may have the credential, but was not run")
		return match{source: at}, nil
	}
	cred, err := s.keychain.askHelper(ctx, at.helper(), s.host, s.key)
	switch {
	case err != nil && detected && ctx.Err() == nil && !s.keychain.strict:
		// No file names this helper; it must not stop a public pull.
		s.keychain.warnOnce(fmt.Sprintf("continuing without a login: %v", err))
		s.note(at, ResultFailed, err.Error())
	case err != nil:
		s.note(at, ResultFailed, err.Error())
		return match{}, err
	case cred == (authn.AuthConfig{}):
		s.note(at, ResultSkipped, "it has no login for "+s.key)
	default:
		// Helpers have no field for a registry token: it is in the file.
		cred.RegistryToken = stored.credential.RegistryToken
		s.note(at, ResultUsed, "")
		return match{cred, at}, nil
	}
	if stored.ok() {
		s.recordStored(stored, "")
	}
	return stored, nil
}

func (s *search) recordStored(f match, absent string) {
	switch {
	case f.ok():
		s.note(f.source, ResultUsed, "")
	case absent != "":
		s.note(f.source, ResultSkipped, absent)
	default:
		s.note(f.source, ResultSkipped, "it has no login for "+s.key)
	}
}

// inFile returns the credential of a file for a registry and its key: the first
// that is not empty, the exact key before other spellings of it.
func inFile(auths map[string]types.AuthConfig, key string) (string, authn.AuthConfig) {
	for _, name := range matchingKeys(auths, key) {
		if cred := credentialOf(auths[name]); cred != (authn.AuthConfig{}) {
			return name, cred
		}
	}
	return "", authn.AuthConfig{}
}

func credentialOf(a types.AuthConfig) authn.AuthConfig {
	return authn.AuthConfig{
		Username: a.Username, Password: a.Password,
		IdentityToken: a.IdentityToken, RegistryToken: a.RegistryToken,
	}
}
