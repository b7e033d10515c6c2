package store

import (
	"context"
	"manifest-tool/internal/store/transport"
)

// CheckLogin tries the credential of a registry (HOST or HOST:PORT) out, without
// reading anything. The error is ErrUnauthorized or ErrDenied where the registry
// or its token server refuses it.
func (s *Store) CheckLogin(ctx context.Context, registry string) (transport.LoginResult, error) {
	proof, err := s.registry.wire.CheckLogin(ctx, registry)
	if err != nil {
		return transport.LoginResult{}, writeError(registryName(registry), err)
	}
	return proof, nil
}

// registryName shows a registry in error messages.
type registryName string

func (h registryName) String() string { return string(h) }
