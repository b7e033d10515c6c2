package transport

import (
	"cmp"
	"context"
)

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
