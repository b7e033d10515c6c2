package transport

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheChainIsWhatWasWaitedForInARow(t *testing.T) {
	began := time.Now()
	at := func(from, to int, bytes int64) Event {
		return Event{Start: began.Add(time.Duration(from) * time.Second), Took: time.Duration(to-from) * time.Second, Bytes: bytes}
	}
	for _, c := range []struct {
		name   string
		events []Event
		want   Totals
	}{
		{"nothing", nil, Totals{}},
		{"side by side", []Event{at(0, 5, 10), at(1, 4, 20), at(2, 3, -1)}, Totals{3, 30, 1}},
		{"one after the other, noted in any order", []Event{at(4, 5, 0), at(0, 1, 0), at(2, 3, 0)}, Totals{3, 0, 3}},
		{"a slow one beside two quick ones", []Event{at(0, 9, 0), at(0, 1, 0), at(2, 3, 0)}, Totals{3, 0, 2}},
		{"two waves of two", []Event{at(0, 1, 0), at(0, 2, 0), at(3, 4, 0), at(3, 5, 0)}, Totals{4, 0, 2}},
	} {
		var tally Stats
		for _, e := range c.events {
			tally.Add(e)
		}
		if diff := cmp.Diff(c.want, tally.Sum()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
