package auth

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
)

// LoginResult says where a login was put.
type LoginResult struct {
	Schema   string `json:"schema"`
	Registry string `json:"registry"`
	Username string `json:"username"`
	// Kind is KindPassword, or KindIdentityToken where the registry's token
	// server gave one in the password's place.
	Kind string `json:"kind"`
	// Path is the config file; Helper is the helper's program where the file
	// leaves it to one.
	Path   string `json:"path"`
	Helper string `json:"helper,omitempty"`
}

// CheckFunc checks a credential against its registry. It returns the identity token
// that is to be kept in the password's place, "" where there is none.
type CheckFunc func(ctx context.Context) (identityToken string, err error)

// Login checks the credential o.Username, o.Password and keeps it for a
// registry (host or host:port): in the helper that the config file names for
// it, else in the file, with a warning. The file is that of o.DockerConfig, else
// of DOCKER_CONFIG, else of REGISTRY_AUTH_FILE, else ~/.docker/config.json; it
// is made when it is not there. Nothing is kept unless prove succeeds, and no
// other byte of the file changes.
func Login(ctx context.Context, o Options, host string, prove CheckFunc) (LoginResult, error) {
	e, err := openEditor(o, host)
	if err != nil {
		return LoginResult{}, err
	}
	token, err := prove(ctx)
	if err != nil {
		return LoginResult{}, err
	}
	cred := authn.AuthConfig{Username: o.Username, Password: o.Password}
	if token != "" {
		cred = authn.AuthConfig{Username: o.Username, IdentityToken: token}
	}
	done := LoginResult{Schema: LoginSchema, Registry: host, Username: o.Username, Kind: kindOf(cred), Path: e.place.path}
	if done.Helper, err = e.store(ctx, cred); err == nil {
		e.warnOfVariable(ctx)
	}
	return done, err
}

// warnOfVariable says so when DOCKER_AUTH_CONFIG has a login that comes before
// the one that was just kept.
func (e *configEditor) warnOfVariable(ctx context.Context) {
	o := e.options
	o.Username, o.Password, o.Warn = "", "", nil
	k, err := New(o)
	if err != nil {
		return
	}
	used, err := k.Explain(ctx, e.host, "", false)
	if err == nil && used.Credential != nil && used.Credential.Source == authVariable {
		e.options.Warn(fmt.Sprintf("%s has another login for %s, which is used before this one", authVariable, e.host))
	}
}
