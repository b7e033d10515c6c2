package tarfile

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestFault129BlobsAreCopiedInTheOrderOfTheArchive has many readers at the same time, of
// which some give up.
func TestFault129BlobsAreCopiedInTheOrderOfTheArchive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		var order []int64
		var mu sync.Mutex
		if err := q.acquire(t.Context(), 40); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, offset := range []int64{50, 10, 90, 20, 60, 30} {
			go func() {
				if err := q.acquire(ctx, offset); err != nil {
					return
				}
				mu.Lock()
				order = append(order, offset)
				mu.Unlock()
				time.Sleep(time.Second) // the others wait
				if offset == 20 {
					cancel() // and give up
					time.Sleep(time.Second)
				}
				q.release()
			}()
		}
		synctest.Wait()
		q.release()
		time.Sleep(time.Minute)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if want := []int64{50, 60, 90, 10, 20}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
		if q.busy || len(q.waiting) > 0 {
			t.Errorf("busy %v, waiting %d", q.busy, len(q.waiting))
		}
	})
}
