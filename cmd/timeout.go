package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// runTimeout is the maximum duration of a run: the setting timeout. The zero value
// means no limit.
type runTimeout struct {
	limit time.Duration
	ctx   context.Context //nolint:containedctx // it is the lifetime of the run
	end   context.CancelFunc
}

// errTimeout is the cause of a context that ended with the timeout.
var errTimeout = errors.New("timeout")

// start returns the context of a run with this limit.
func (l *runTimeout) start(ctx context.Context, limit time.Duration) context.Context {
	l.limit, l.ctx = limit, ctx
	if limit > 0 {
		l.ctx, l.end = context.WithTimeoutCause(ctx, limit, errTimeout)
	}
	return l.ctx
}

// wrap adds to an error that the timeout was the cause, if it was.
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

// timeoutError is a run that took too long, with what it was doing.
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
