package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"manifest-tool/internal/store/wire"
)

// ParseRegistry reads the name of a registry, HOST or HOST:PORT, as people type
// it: with a scheme and the API's address around it, too, and docker.io for
// Docker Hub. It returns the host as references have it. An error shows no
// password that was typed before it.
func ParseRegistry(s string) (string, error) {
	if err := rejectUserinfo(s); err != nil {
		return "", err
	}
	bare := s
	for _, scheme := range []string{dockerPrefix, "https://", "http://"} {
		bare = strings.TrimPrefix(bare, scheme)
	}
	bare, path, _ := strings.Cut(bare, "/")
	if path = strings.Trim(path, "/"); path != "" && path != "v1" && path != "v2" {
		return "", fmt.Errorf("%q: a registry has no path: it is HOST or HOST:PORT", s)
	}
	r, err := name.NewRegistry(strings.ToLower(bare), name.StrictValidation)
	if err != nil {
		return "", fmt.Errorf("%q is not a registry: it is HOST or HOST:PORT", s)
	}
	if err := checkPort(r.RegistryStr()); err != nil {
		return "", fmt.Errorf("%q: %w", s, err)
	}
	return r.RegistryStr(), nil
}

// CheckLogin tries the credential of a registry (HOST or HOST:PORT) out, without
// reading anything. The error is ErrUnauthorized or ErrDenied where the registry
// or its token server refuses it.
func (s *Store) CheckLogin(ctx context.Context, registry string) (wire.LoginResult, error) {
	proof, err := s.registry.wire.CheckLogin(ctx, registry)
	if err != nil {
		return wire.LoginResult{}, writeError(registryName(registry), err)
	}
	return proof, nil
}

// registryName shows a registry in error messages.
type registryName string

func (h registryName) String() string { return string(h) }
