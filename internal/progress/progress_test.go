package progress

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReached counts the bytes of streams that start again, or run at the same time, once.
func TestReached(t *testing.T) {
	b := NewTracker().Start(Transfer{Action: ActionCopy, Size: 1000})
	for _, c := range []struct{ reached, want int64 }{{10, 10}, {300, 300}, {20, 300}, {299, 300}, {500, 500}, {1500, 1000}} {
		if b.Reached(c.reached); b.state().Bytes != c.want {
			t.Errorf("after %d: %d bytes, want %d", c.reached, b.state().Bytes, c.want)
		}
	}
	other := NewTracker().Start(Transfer{Action: ActionCopy, Size: 1000})
	var all sync.WaitGroup
	for stream := range 4 {
		all.Go(func() {
			for n := range 1000 - stream {
				other.Reached(int64(n + 1))
			}
		})
	}
	all.Wait()
	if got := other.state().Bytes; got != 1000 {
		t.Errorf("%d bytes of four streams, want 1000", got)
	}
}

func TestSnapshot(t *testing.T) {
	tracker := NewTracker()
	select {
	case <-tracker.Started():
		t.Error("it started without a blob")
	default:
	}
	sent := tracker.Start(Transfer{Action: ActionCopy, Size: 100})
	<-tracker.Started()
	mounted := tracker.Start(Transfer{Action: ActionCopy, Size: 40})
	read := tracker.Start(Transfer{Action: ActionRead, Size: 1000})
	part := tracker.Start(Transfer{Action: ActionRead, Size: 10, Part: true})
	waiting := tracker.Start(Transfer{Action: ActionCopy, Size: 7})

	sent.Reached(60)
	mounted.Skip(StateMounted)
	mounted.End(nil) // the end of the copy
	read.Reached(5)
	part.Reached(10)
	got := tracker.Snapshot()
	if diff := cmp.Diff(Total{Blobs: 4, Ended: 1, Skipped: 1, Bytes: 60 + 40 + 5 + 10, Size: 1157, Moved: 75}, got.Total); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want := []State{StateActive, StateMounted, StateActive, StateActive, StateWaiting}
	if diff := cmp.Diff(want, states(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	sent.End(nil)
	read.End(nil) // early: it was enough
	part.End(nil)
	waiting.End(errors.New("no"))
	got = tracker.Snapshot()
	if diff := cmp.Diff(Total{Blobs: 4, Ended: 4, Skipped: 1, Failed: 1, Bytes: 155, Size: 155, Moved: 75}, got.Total); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]State{StateCopied, StateRead, StateRead, StateFailed}, states(got)); diff != "" {
		t.Errorf("a blob that ended is shown twice, or not at all (-want +got):\n%s", diff)
	}
	if again := tracker.Snapshot(); len(again.Blobs) > 0 || again.Total != got.Total {
		t.Errorf("later: %+v", again)
	}
}

func states(s Snapshot) []State {
	var all []State
	for _, b := range s.Blobs {
		all = append(all, b.State)
	}
	return all
}

// TestSizesThatWereInvented do not overflow the sums.
func TestSizesThatWereInvented(t *testing.T) {
	tracker := NewTracker()
	for range 3 {
		tracker.Start(Transfer{Action: ActionCopy, Size: 1 << 62}).Skip(StateExists)
	}
	tracker.Start(Transfer{Size: -5})
	if total := tracker.Snapshot().Total; total.Size <= 0 || total.Bytes <= 0 || total.Bytes > total.Size {
		t.Errorf("%+v", total)
	}
}

// TestNothingIsCounted for nil.
func TestNothingIsCounted(t *testing.T) {
	var none *Tracker
	b := none.Start(Transfer{Size: 1})
	b.Reached(1)
	b.Skip(StateExists)
	b.End(nil)
	if b != nil {
		t.Error("nil counts")
	}
}
