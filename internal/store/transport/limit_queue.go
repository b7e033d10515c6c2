package transport

import (
	"cmp"
	"context"
	"slices"
)

// waiter is a request that waits for a place.
type waiter struct {
	number  int64     // of its ticket
	empty   bool      // nothing is lost when it cannot be sent
	granted chan bool // whether it explores
}

// acquire waits for a place among the requests in flight. They are given away
// in the order in which the requests first came, however often they were sent
// since: one that was refused goes before those that were not sent yet, so
// that none is refused until its tries are used up. Only a request that is
// empty is sent to find out whether the host takes one more; explores says so.
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

// cancel gives up a turn; one that was granted meanwhile goes to the next.
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

// dispatch lets waiting requests go, first come, first served, unless the host is
// left alone. l.mu is held.
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

// ticket stands for a request, however often it is sent: by its number it
// keeps its place in the order in which requests came.
type ticket struct {
	number int64
	// refusedInPause is set when the request was refused together with another one,
	// while its host was left alone already.
	refusedInPause bool
}

// issue gives a request its ticket.
func (p *peers) issue(ctx context.Context) (context.Context, *ticket) {
	t := &ticket{}
	if p == nil {
		return ctx, t
	}
	t.number = p.tickets.Add(1)
	return With(ctx, func(c *call) { c.ticket = t }), t
}

// ticketOf returns the ticket of a request; one that was given none is first.
func ticketOf(ctx context.Context) *ticket {
	return cmp.Or(callOf(ctx).ticket, &ticket{})
}
