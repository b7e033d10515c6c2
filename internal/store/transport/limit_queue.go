package transport

import (
	"cmp"
	"context"
	"slices"
)

// waiter is a request waiting for a place.
type waiter struct {
	number  int64     // of its ticket
	empty   bool      // it has no body, so that it may be a probe
	granted chan bool // whether it is a probe
}

// acquire waits for a place among the requests in flight. Places are granted in the
// order in which the requests were first made, however often they were sent since: a
// refused request precedes those that were not sent yet, so that none uses up its
// tries. Only a request without a body may be a probe for one more place; explores
// reports that.
func (l *limiter) acquire(ctx context.Context, empty bool) (explores bool, err error) {
	one := waiter{ticketOf(ctx).number, empty, make(chan bool, 1)}
	l.mu.Lock()
	at := len(l.waiting)
	for at > 0 && l.waiting[at-1].number > one.number {
		at--
	}
	l.waiting = slices.Insert(l.waiting, at, one)
	l.dispatch()
	l.mu.Unlock()
	select {
	case explores = <-one.granted:
		return explores, nil
	default:
	}
	select {
	case explores = <-one.granted:
		return explores, nil
	case <-ctx.Done():
		l.cancel(one)
		return false, context.Cause(ctx)
	}
}

// cancel removes a waiter; a place that it was granted meanwhile goes to the next.
func (l *limiter) cancel(one waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.waiting, one); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
		return
	}
	l.probing = l.probing && !<-one.granted
	l.inFlight--
	l.dispatch()
}

// dispatch grants places to waiting requests in order, unless requests to the host are
// paused. l.mu is held.
func (l *limiter) dispatch() {
	for l.pauses == 0 && l.inFlight < l.cap && len(l.waiting) > 0 {
		explores := l.inFlight >= l.confirmed
		if explores && (l.probing || l.withConn < l.inFlight || !l.waiting[0].empty) {
			return
		}
		l.probing = l.probing || explores
		l.inFlight++
		l.waiting[0].granted <- explores
		l.waiting = l.waiting[1:]
	}
}

// ticket is the number of a request in the order of requests, which it keeps however
// often it is sent.
type ticket struct {
	number int64
	// refusedInPause is set if the request was refused while requests to its host
	// were paused already.
	refusedInPause bool
}

// issue returns a context with a new ticket.
func (p *peers) issue(ctx context.Context) (context.Context, *ticket) {
	t := &ticket{}
	if p == nil {
		return ctx, t
	}
	t.number = p.tickets.Add(1)
	return With(ctx, func(c *call) { c.ticket = t }), t
}

// ticketOf returns the ticket of a request; one without a ticket comes first.
func ticketOf(ctx context.Context) *ticket {
	return cmp.Or(callOf(ctx).ticket, &ticket{})
}
