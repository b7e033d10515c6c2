package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/name"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// mirror is a registry that has the content of another one, or part of it. Its
// responses decide whether it is used again in this run.
type mirror struct {
	// address is HOST[:PORT][/PATH], as configured.
	address string
	// prefix is the part of its registry's repositories, HOST[:PORT][/PATH], that
	// address takes the place of; "" is the host.
	prefix string
	// only restricts it to references by tag or by digest, as system.Mirror.
	only string
	// probe is held by the first request: only one request, not a whole wave,
	// finds out whether the mirror responds at all.
	probe  chan struct{}
	probed atomic.Bool
	down   atomic.Bool
	// missing holds the repositories of which it lacked some content.
	missing sync.Map
	// tagsRead holds the repositories, as they are named, of which it served a tag.
	tagsRead sync.Map
}

// repository is the repository of the mirror for a reference to its registry.
func (m *mirror) repository(ref reference.Ref) (name.Repository, error) {
	there, err := replacePrefix(ref, m.address, m.prefix)
	return there.Repository, err
}

// try calls f with the reference at the mirror, unless the mirror is known to lack
// it. It reports whether f succeeded; the error is that of a cancelled run.
func (m *mirror) try(ctx context.Context, ref reference.Ref, warn func(string), f func(context.Context, reference.Ref) error) (bool, error) {
	repository, err := m.repository(ref)
	if err != nil {
		return false, nil // a name that is too long for it is one it does not have
	}
	leave, err := m.acquireProbe(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if _, lacks := m.missing.Load(repository.Name()); lacks || m.down.Load() {
		return false, nil
	}
	there := ref
	there.Repository = repository
	err = f(transport.With(ctx, transport.Mirror), there)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	m.recordResult(repository, err, warn)
	if err == nil && ref.Digest == "" {
		m.tagsRead.Store(ref.Repository.Name(), true)
	}
	return err == nil, nil
}

// acquireProbe waits until it is known whether the mirror responds, or makes the
// caller's request the one that finds out.
func (m *mirror) acquireProbe(ctx context.Context) (leave func(), err error) {
	nothing := func() {}
	if m.probed.Load() {
		return nothing, nil
	}
	select {
	case m.probe <- struct{}{}:
	case <-ctx.Done():
		return nothing, context.Cause(ctx)
	}
	leave = func() { <-m.probe }
	if m.probed.Load() {
		leave()
		return nothing, nil
	}
	return leave, nil
}

// recordResult records the outcome of a request. A mirror that lacks or refuses
// some content most likely lacks the rest of that repository too; one that fails,
// or sends other bytes than requested, is not used again.
func (m *mirror) recordResult(repository name.Repository, err error, warn func(string)) {
	defer m.probed.Store(true)
	switch code := status(err); {
	case err == nil:
	case errors.Is(err, ErrNotFound), code == http.StatusUnauthorized, code == http.StatusForbidden:
		m.missing.Store(repository.Name(), true)
	default:
		if !m.down.Swap(true) && warn != nil {
			warn(fmt.Sprintf("mirror %s is not used: %v", m.address, err))
		}
	}
}
