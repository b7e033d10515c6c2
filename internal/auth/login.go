package auth

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
)

// LoginResult is a stored login (login/v1).
type LoginResult struct {
	Schema   string `json:"schema"`
	Registry string `json:"registry"`
	Username string `json:"username"`
	// Kind is KindPassword, or KindIdentityToken if the registry's token server
	// returned one in place of the password.
	Kind string `json:"kind"`
	// Path is the config file; Helper is the program of the credential helper, if
	// one stores the login.
	Path   string `json:"path"`
	Helper string `json:"helper,omitempty"`
}

// CheckFunc checks a credential against its registry. It returns the identity
// token to store in place of the password, "" without one.
type CheckFunc func(ctx context.Context) (identityToken string, err error)

// Login checks the credential o.Username, o.Password and stores it for a registry
// (host or host:port): in the helper that the config file names for it, else in
// the file, with a warning. The file is that of o.DockerConfig, else of
// DOCKER_CONFIG, else of REGISTRY_AUTH_FILE, else ~/.docker/config.json; it is
// created if it does not exist. Nothing is stored unless check succeeds, and no
// other byte of the file changes. The error is that of check, a *FileError, a
// *HelperError, or that of writing the file.
func Login(ctx context.Context, o Options, host string, check CheckFunc) (LoginResult, error) {
	e, err := openEditor(o, host)
	if err != nil {
		return LoginResult{}, err
	}
	token, err := check(ctx)
	if err != nil {
		return LoginResult{}, err
	}
	cred := authn.AuthConfig{Username: o.Username, Password: o.Password}
	if token != "" {
		cred = authn.AuthConfig{Username: o.Username, IdentityToken: token}
	}
	done := LoginResult{Schema: LoginSchema, Registry: host, Username: o.Username, Kind: kindOf(cred), Path: e.file.path}
	if done.Helper, err = e.store(ctx, cred); err == nil {
		e.warnOfVariable(ctx)
	}
	return done, err
}

// warnOfVariable warns if DOCKER_AUTH_CONFIG has a login that takes precedence over
// the one just stored.
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
