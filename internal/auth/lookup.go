package auth

import (
	"context"
	"fmt"

	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-containerregistry/pkg/authn"
)

// lookUp asks the helper in charge of a registry, else the file. What the
// helper does not know may still stand in the file: Docker ignores it there,
// which is one way to be logged in and get a 401.
func (k *Keychain) lookUp(ctx context.Context, host, key string) (authn.AuthConfig, error) {
	file, err := k.file()
	if err != nil {
		return authn.AuthConfig{}, err
	}
	stored := inFile(file.auths, key)
	name := file.helper(key)
	if name == "" {
		return stored, nil
	}
	cred, err := helper{suffix: name, limit: k.limit}.get(ctx, host, key)
	switch {
	case err != nil && file.detected && ctx.Err() == nil:
		// Nobody asked for this helper; it must not stop a public pull.
		k.warn(fmt.Sprintf("going on without a login: %v", err))
		return stored, nil
	case err != nil:
		return authn.AuthConfig{}, err
	case cred == (authn.AuthConfig{}):
		return stored, nil
	}
	// Helpers have no field for a registry token: it stays in the file.
	cred.RegistryToken = stored.RegistryToken
	return cred, nil
}

// inFile returns the file's own entry for a registry: the first that holds
// something, the exact key before other spellings of it.
func inFile(auths map[string]types.AuthConfig, key string) authn.AuthConfig {
	for _, name := range spellings(auths, key) {
		a := auths[name]
		cred := authn.AuthConfig{
			Username:      a.Username,
			Password:      a.Password,
			IdentityToken: a.IdentityToken,
			RegistryToken: a.RegistryToken,
		}
		if cred != (authn.AuthConfig{}) {
			return cred
		}
	}
	return authn.AuthConfig{}
}
