package wire

import (
	"cmp"
	"context"
	"time"
)

// Pace is how a Transport waits. What is not set has the value that users
// meet; tests set it so that they need not wait.
type Pace struct {
	// Wait pauses for d between two tries. It returns early, with an error,
	// when ctx ends.
	Wait func(ctx context.Context, d time.Duration) error
	// Answer is how long the header of an answer may take, Blob how long it
	// may take for a blob, Stall how long a body may pause.
	Answer, Blob, Stall time.Duration
}

// OrDefault fills in what is not set: waits in real time, and the limits of
// this package.
func (p Pace) OrDefault() Pace {
	if p.Wait == nil {
		p.Wait = sleep
	}
	p.Answer = cmp.Or(p.Answer, answerLimit)
	p.Blob = cmp.Or(p.Blob, blobLimit)
	p.Stall = cmp.Or(p.Stall, stallLimit)
	return p
}

// later calls then when d is over; it does not wait itself.
func (p Pace) later(d time.Duration, then func()) {
	if p.Wait == nil {
		time.AfterFunc(d, then)
		return
	}
	go func() {
		_ = p.Wait(context.Background(), d)
		then()
	}()
}
