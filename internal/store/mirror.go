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

// mirror is a place that has what one registry has, or part of it. What it
// answers decides whether it is asked again in this run.
type mirror struct {
	// address is HOST[:PORT][/PATH], as the user wrote it.
	address string
	// probe is held by the first request: whether the mirror is there at all
	// is found out once, not by every request of a wave.
	probe  chan struct{}
	probed atomic.Bool
	down   atomic.Bool
	// missing holds the repositories it did not have something of.
	missing sync.Map
}

// repository is where the mirror keeps what a reference of its registry names.
func (m *mirror) repository(ref reference.Ref) (name.Repository, error) {
	there, err := reference.Parse(m.address + "/" + ref.Repository.RepositoryStr())
	return there.Repository, err
}

// try has f ask the mirror, unless it is known to be of no use. It reports
// whether f got an answer that can be used; the error is the run's own end.
func (m *mirror) try(ctx context.Context, ref reference.Ref, warn func(string), f func(context.Context, reference.Ref) error) (bool, error) {
	repository, err := m.repository(ref)
	if err != nil {
		return false, nil // a name that is too long there is a name it does not have
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
	return err == nil, nil
}

// acquireProbe waits until it is known whether the mirror is there, or makes the
// caller the one who finds out.
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

// recordResult draws the conclusions from an answer. A mirror that lacks a thing, or
// refuses it, most likely lacks the rest of that repository too; one that
// fails, or sends other bytes than asked for, is not asked again.
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
