package auth

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
)

// cachedLookup holds one registry's answer. The gate lets one caller look it up while
// the others wait; a lookup runs under its caller's context, so a cancelled
// caller takes its helper down with it.
type cachedLookup struct {
	sem  chan struct{}
	done bool
	cred authn.AuthConfig
	err  error
}

func (s *cachedLookup) get(ctx context.Context, host string, lookUp func() (authn.AuthConfig, error)) (authn.AuthConfig, error) {
	select {
	case s.sem <- struct{}{}:
		defer func() { <-s.sem }()
	case <-ctx.Done():
		return authn.AuthConfig{}, fmt.Errorf("waiting for the credential of %q: %w", host, context.Cause(ctx))
	}
	if s.done {
		return s.cred, s.err
	}
	cred, err := lookUp()
	if err != nil && ctx.Err() != nil {
		return authn.AuthConfig{}, fmt.Errorf("looking up the credential of %q: %w", host, context.Cause(ctx))
	}
	s.cred, s.err, s.done = cred, err, true
	return s.cred, s.err
}
