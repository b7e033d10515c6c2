package wire

import (
	"context"
	"slices"
)

// turn is a request that waits for a place.
type turn struct {
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
	one := turn{ticketOf(ctx).number, empty, make(chan bool, 1)}
	l.mu.Lock()
	at := len(l.waiting)
	for at > 0 && l.waiting[at-1].number > one.number {
		at--
	}
	l.waiting = slices.Insert(l.waiting, at, one)
	l.wake()
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
		l.abandon(one)
		return false, context.Cause(ctx)
	}
}

// abandon gives up a turn; one that was granted meanwhile goes to the next.
func (l *limiter) abandon(one turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.waiting, one); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
		return
	}
	l.trying = l.trying && !<-one.granted
	l.flying--
	l.wake()
}

// wake lets waiting requests go, first come, first served, unless the host is
// left alone. l.mu is held.
func (l *limiter) wake() {
	for l.holds == 0 && l.flying < l.cap && len(l.waiting) > 0 {
		explores := l.flying >= l.sure
		if explores && (l.trying || l.boarded < l.flying || !l.waiting[0].empty) {
			return
		}
		l.trying = l.trying || explores
		l.flying++
		l.waiting[0].granted <- explores
		l.waiting = l.waiting[1:]
	}
}
