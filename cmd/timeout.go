package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// runTimeout is how long a run may take: the setting timeout. The zero value is
// as long as it takes.
type runTimeout struct {
	limit time.Duration
	ctx   context.Context //nolint:containedctx // it is the life of the run
	end   context.CancelFunc
}

// errTimeout is why the context of a run ended.
var errTimeout = errors.New("the time is up")

// start returns the context of a run that may take so long.
func (l *runTimeout) start(ctx context.Context, limit time.Duration) context.Context {
	l.limit, l.ctx = limit, ctx
	if limit > 0 {
		l.ctx, l.end = context.WithTimeoutCause(ctx, limit, errTimeout)
	}
	return l.ctx
}

// wrap says of an error that the time was up, where it was.
func (l *runTimeout) wrap(err error) error {
	if err == nil || l.ctx == nil || !errors.Is(context.Cause(l.ctx), errTimeout) {
		return err
	}
	return &timeoutError{l.limit, err}
}

func (l *runTimeout) close() {
	if l.end != nil {
		l.end()
	}
}

// timeoutError is a run that took too long, with what it was at.
type timeoutError struct {
	limit time.Duration
	err   error
}

func (e *timeoutError) Error() string {
	return fmt.Sprintf("the run took longer than its timeout of %s: %v", e.limit, e.err)
}

func (e *timeoutError) Unwrap() error { return e.err }

// Hint says what the user can do.
func (e *timeoutError) Hint() string {
	return "a longer --timeout, or 0, gives the run more time; --debug shows what it waits for"
}
