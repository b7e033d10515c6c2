package push

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// firstPause and longestPause are between two requests for a source that is awaited.
const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// await is request, repeated until the source exists or Options.Wait is over. Only a
// source that is reported as not found is awaited.
func (s sourceReader) await(ctx context.Context) (store.Document, error) {
	pause := firstPause
	for waited := time.Duration(0); ; {
		o, err := s.request(ctx)
		left := s.o.Wait - waited
		if !errors.Is(err, store.ErrNotFound) || left <= 0 {
			return o, err
		}
		pause = min(pause, longestPause, left)
		s.o.Note(fmt.Sprintf("image %s is not there yet: next look in %s, for %s at most", s.Image, pause, left))
		if err := s.o.Sleep(ctx, pause); err != nil {
			return store.Document{}, err
		}
		waited += pause
		pause += pause / 2
	}
}

// SourceMovedError means that a source does not have the digest that the spec says.
type SourceMovedError struct {
	Image      string
	Ref        reference.Ref
	Want, Have digest.Digest
}

func (e *SourceMovedError) Error() string {
	return fmt.Sprintf("image %s: %s%s is %s, not the expected %s", e.Image, e.Ref.ClaimPrefix(), e.Ref, e.Have, e.Want)
}

// Hint says what the user can do.
func (e *SourceMovedError) Hint() string {
	return "the tag was moved after the digest was written down: leave the tag out to use the digest, or the digest to use the tag"
}

// ExitCode is that of a run that found something.
func (e *SourceMovedError) ExitCode() int { return 3 }
