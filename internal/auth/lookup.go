package auth

import (
	"context"
	"fmt"

	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-containerregistry/pkg/authn"
)

// search looks for the credential of one repository, place by place, and notes
// what it saw.
type search struct {
	keychain       *Keychain
	host, key      string
	repository     string
	withoutHelpers bool

	steps []Step
	// helperInTheWay says that a helper was left out that may have the answer.
	helperInTheWay bool
}

// found is a credential and where it came from. The zero value is none.
type found struct {
	credential authn.AuthConfig
	source     Source
}

func (f found) is() bool { return f.credential != (authn.AuthConfig{}) }

// run returns the first credential there is. What is more exact counts within
// a place only: an earlier place's entry for a registry comes before a later
// one's for a namespace.
func (s *search) run(ctx context.Context) (found, error) {
	k := s.keychain
	switch {
	case k.keys[s.key]:
		f := found{k.given, Source{Place: k.givenBy}}
		s.note(f.source, Used, "")
		return f, nil
	case k.anonymous:
		s.note(Source{Place: noLogin}, Skipped, "no login is looked for")
	default:
		s.note(Source{Place: k.givenBy}, Skipped, k.whyNotGiven())
	}
	for _, p := range k.places {
		f, err := s.in(ctx, p)
		if err != nil || f.is() || s.helperInTheWay {
			return f, err
		}
	}
	return found{}, nil
}

func (k *Keychain) whyNotGiven() string {
	if k.given.Username != "" {
		return "it is for the registries of the command line"
	}
	return "it is not given"
}

// in looks at one place.
func (s *search) in(ctx context.Context, p *place) (found, error) {
	at := Source{Place: p.kind, Path: p.path, By: p.by}
	if p.absent != "" && p.path != "" && p.by == "REGISTRY_AUTH_FILE" {
		s.keychain.tell(fmt.Sprintf("%s names %q, and there is no such file", p.by, p.path))
	}
	settings, err := p.read()
	if err != nil {
		s.note(at, Failed, err.Error())
		if p.path != "" {
			return found{}, err
		}
		// Like Docker: a variable is often set for other programs.
		s.keychain.tell(fmt.Sprintf("going on without it: %v", err))
		return found{}, nil
	}
	for _, name := range namespaceKeys(settings.auths, s.key, s.repository) {
		if f := (found{credentialOf(settings.auths[name]), at.withKey(name)}); f.is() {
			s.note(f.source, Used, "")
			return f, nil
		}
	}
	name, stored := inFile(settings.auths, s.key)
	f := found{stored, at.withKey(name)}
	if helper := settings.helper(s.key); helper != "" {
		return s.withHelper(ctx, at.withHelper(helper), f, settings.detected)
	}
	s.noteStored(f, p.absent)
	return f, nil
}

// withHelper asks the helper in charge of a registry, else the file. What the
// helper does not know may still stand in the file: Docker ignores it there,
// which is one way to be logged in and get a 401.
func (s *search) withHelper(ctx context.Context, at Source, stored found, detected bool) (found, error) {
	if s.withoutHelpers {
		s.helperInTheWay = true
		s.note(at, Skipped, "it may have the credential, and was not run")
		return found{source: at}, nil
	}
	cred, err := s.keychain.ask(ctx, at.helper(), s.host, s.key)
	switch {
	case err != nil && detected && ctx.Err() == nil:
		// Nobody asked for this helper; it must not stop a public pull.
		s.keychain.tell(fmt.Sprintf("going on without a login: %v", err))
		s.note(at, Failed, err.Error())
	case err != nil:
		s.note(at, Failed, err.Error())
		return found{}, err
	case cred == (authn.AuthConfig{}):
		s.note(at, Skipped, "it knows no login for "+s.key)
	default:
		// Helpers have no field for a registry token: it stays in the file.
		cred.RegistryToken = stored.credential.RegistryToken
		s.note(at, Used, "")
		return found{cred, at}, nil
	}
	if stored.is() {
		s.noteStored(stored, "")
	}
	return stored, nil
}

func (s *search) noteStored(f found, absent string) {
	switch {
	case f.is():
		s.note(f.source, Used, "")
	case absent != "":
		s.note(f.source, Skipped, absent)
	default:
		s.note(f.source, Skipped, "it has no login for "+s.key)
	}
}

// inFile returns a place's own entry for a registry and its key: the first that
// holds something, the exact key before other spellings of it.
func inFile(auths map[string]types.AuthConfig, key string) (string, authn.AuthConfig) {
	for _, name := range spellings(auths, key) {
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
