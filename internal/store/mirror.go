package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/name"

	"manifest-tool/internal/store/wire"
)

// mirror is a place that has what one registry has, or part of it. What it
// answers decides whether it is asked again in this run.
type mirror struct {
	// at is HOST[:PORT][/PATH], as the user wrote it.
	at string
	// first is held by the first request: whether the mirror is there at all
	// is found out once, not by every request of a wave.
	first    chan struct{}
	answered atomic.Bool
	down     atomic.Bool
	// lacks holds the repositories it did not have something of.
	lacks sync.Map
}

// repository is where the mirror keeps what a reference of its registry names.
func (m *mirror) repository(ref Ref) (name.Repository, error) {
	there, err := Parse(m.at + "/" + ref.Repository.RepositoryStr())
	return there.Repository, err
}

// ask has f ask the mirror, unless it is known to be of no use. It reports
// whether f got an answer that can be used; the error is the run's own end.
func (m *mirror) ask(ctx context.Context, ref Ref, warn func(string), f func(context.Context, Ref) error) (bool, error) {
	repository, err := m.repository(ref)
	if err != nil {
		return false, nil // a name that is too long there is a name it does not have
	}
	leave, err := m.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if _, lacks := m.lacks.Load(repository.Name()); lacks || m.down.Load() {
		return false, nil
	}
	there := ref
	there.Repository = repository
	err = f(wire.ToMirror(ctx), there)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	m.note(repository, err, warn)
	return err == nil, nil
}

// enter waits until it is known whether the mirror is there, or makes the
// caller the one who finds out.
func (m *mirror) enter(ctx context.Context) (leave func(), err error) {
	nothing := func() {}
	if m.answered.Load() {
		return nothing, nil
	}
	select {
	case m.first <- struct{}{}:
	case <-ctx.Done():
		return nothing, context.Cause(ctx)
	}
	leave = func() { <-m.first }
	if m.answered.Load() {
		leave()
		return nothing, nil
	}
	return leave, nil
}

// note draws the conclusions from an answer. A mirror that lacks a thing, or
// refuses it, most likely lacks the rest of that repository too; one that
// fails, or sends other bytes than asked for, is not asked again.
func (m *mirror) note(repository name.Repository, err error, warn func(string)) {
	defer m.answered.Store(true)
	switch code := status(err); {
	case err == nil:
	case errors.Is(err, ErrNotFound), code == http.StatusUnauthorized, code == http.StatusForbidden:
		m.lacks.Store(repository.Name(), true)
	default:
		if !m.down.Swap(true) && warn != nil {
			warn(fmt.Sprintf("mirror %s is not used: %v", m.at, err))
		}
	}
}
