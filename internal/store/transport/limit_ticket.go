package transport

import "context"

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
	return t.on(ctx), t
}

func (t *ticket) on(ctx context.Context) context.Context { return context.WithValue(ctx, ticketed, t) }

// ticketOf returns the ticket of a request; one that was given none is first.
func ticketOf(ctx context.Context) *ticket {
	if t, ok := ctx.Value(ticketed).(*ticket); ok {
		return t
	}
	return &ticket{}
}
