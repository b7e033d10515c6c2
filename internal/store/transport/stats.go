package transport

import (
	"slices"
	"sync"
	"time"
)

// Stats adds up the requests of a run. Its zero value is ready; Add may be
// called from many goroutines.
type Stats struct {
	mu     sync.Mutex
	events []Event
}

// Add notes one request that went out.
func (t *Stats) Add(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, e)
}

// Totals is what a run cost.
type Totals struct {
	// Requests counts every request that went out, repeated ones too.
	Requests int
	// Bytes is the size of the answers, as far as they were announced.
	Bytes int64
	// LongestChain is the length of the longest chain of requests of which each
	// began after the one before it was answered: the round trips that were
	// waited for one after the other.
	LongestChain int
}

// Totals adds up what was noted so far.
func (t *Stats) Sum() Totals {
	t.mu.Lock()
	events := slices.Clone(t.events)
	t.mu.Unlock()
	sum := Totals{Requests: len(events), LongestChain: longestChain(events)}
	for _, e := range events {
		sum.Bytes += max(0, e.Bytes)
	}
	return sum
}

// longestChain walks through the beginnings and ends of the requests in the
// order of time. A request that begins extends the longest chain that has
// ended by then.
func longestChain(events []Event) int {
	type moment struct {
		at    time.Time
		of    int
		begin bool
	}
	var moments []moment
	for i, e := range events {
		moments = append(moments, moment{e.Start, i, true}, moment{e.Start.Add(e.Took), i, false})
	}
	slices.SortStableFunc(moments, func(a, b moment) int { return a.at.Compare(b.at) })
	lengths, ended, longest := make([]int, len(events)), 0, 0
	for _, m := range moments {
		if m.begin {
			lengths[m.of] = ended + 1
			longest = max(longest, lengths[m.of])
		} else {
			ended = max(ended, lengths[m.of])
		}
	}
	return longest
}
