package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// runLimit is how long a run may take: the setting timeout. The zero value is
// as long as it takes.
type runLimit struct {
	limit time.Duration
	ctx   context.Context //nolint:containedctx // it is the life of the run
	end   context.CancelFunc
}

// errTimeUp is why the context of a run ended.
var errTimeUp = errors.New("the time is up")

// begin returns the context of a run that may take so long.
func (l *runLimit) begin(ctx context.Context, limit time.Duration) context.Context {
	l.limit, l.ctx = limit, ctx
	if limit > 0 {
		l.ctx, l.end = context.WithTimeoutCause(ctx, limit, errTimeUp)
	}
	return l.ctx
}

// explain says of an error that the time was up, where it was.
func (l *runLimit) explain(err error) error {
	if err == nil || l.ctx == nil || !errors.Is(context.Cause(l.ctx), errTimeUp) {
		return err
	}
	return &timeoutError{l.limit, err}
}

func (l *runLimit) close() {
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
