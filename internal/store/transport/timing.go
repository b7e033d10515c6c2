package transport

import (
	"cmp"
	"context"
	"time"
)

// Timing is how a Transport waits. What is not set has the value that users
// meet; tests set it so that they need not wait.
type Timing struct {
	// Wait pauses for d between two tries. It returns early, with an error,
	// when ctx ends.
	Wait func(ctx context.Context, d time.Duration) error
	// ResponseHeader is how long the header of an answer may take, Blob how long it
	// may take for a blob, Stall how long a body may pause.
	ResponseHeader, BlobResponse, BodyIdle time.Duration
}

// OrDefault fills in what is not set: waits in real time, and the limits of
// this package.
func (p Timing) OrDefault() Timing {
	if p.Wait == nil {
		p.Wait = sleep
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
