package transport

import (
	"cmp"
	"context"
	"time"
)

// Timing holds the waits of a Transport. The zero values are the defaults; tests set
// shorter ones.
type Timing struct {
	// Wait pauses for d between two tries. It returns early, with an error,
	// when ctx ends.
	Wait func(ctx context.Context, d time.Duration) error
	// ResponseHeader is how long the header of a response may take, BlobResponse
	// the same for a blob, BodyIdle how long a body may stall.
	ResponseHeader, BlobResponse, BodyIdle time.Duration
}

// OrDefault returns p with defaults: waits in real time, and the limits of this
// package.
func (p Timing) OrDefault() Timing {
	if p.Wait == nil {
		p.Wait = Sleep
	}
	p.ResponseHeader = cmp.Or(p.ResponseHeader, answerLimit)
	p.BlobResponse = cmp.Or(p.BlobResponse, blobLimit)
	p.BodyIdle = cmp.Or(p.BodyIdle, stallLimit)
	return p
}

// afterFunc calls then when d is over; it does not wait itself.
func (p Timing) afterFunc(d time.Duration, then func()) {
	if p.Wait == nil {
		time.AfterFunc(d, then)
		return
	}
	go func() {
		_ = p.Wait(context.Background(), d)
		then()
	}()
}
