//go:build e2e

package load

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

// requests are sent to a service: number i is for the path of i.
type requests struct {
	count, workers int
	// rate is how many are sent in a second; 0 means as fast as the workers can.
	rate int
	path func(i int) string
}

// figures are what came back.
type figures struct {
	statuses map[int]int
	// waits are how long each request took from when it was due to the end of its
	// answer, so that a slow answer counts for those that it delays, too; times are those
	// from when it was sent.
	waits, times []time.Duration
	took         time.Duration
}

// send sends requests and waits for all answers. Its connections are closed at the
// end. An error has the status 0.
func (q requests) send(t *testing.T, v *clitest.Service) figures {
	t.Helper()
	pool := &http.Transport{MaxIdleConnsPerHost: q.workers}
	defer pool.CloseIdleConnections()
	client := &http.Client{Transport: pool, Timeout: time.Minute}
	f := figures{statuses: map[int]int{}, waits: make([]time.Duration, q.count), times: make([]time.Duration, q.count)}
	statuses := make([]int, q.count)
	var next atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range q.workers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < q.count; i = int(next.Add(1)) - 1 {
				due := time.Now()
				if q.rate > 0 {
					due = start.Add(time.Duration(i) * time.Second / time.Duration(q.rate))
					time.Sleep(time.Until(due))
				}
				sent := time.Now()
				statuses[i] = status(client, v.URL+q.path(i))
				f.waits[i], f.times[i] = time.Since(due), time.Since(sent)
			}
		})
	}
	all.Wait()
	f.took = time.Since(start)
	for _, s := range statuses {
		f.statuses[s]++
	}
	slices.Sort(f.waits)
	slices.Sort(f.times)
	return f
}

// status requests a URL and reads the whole answer.
func status(client *http.Client, url string) int {
	resp, err := client.Get(url)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0
	}
	return resp.StatusCode
}

// String shows the rate and the percentiles.
func (f figures) String() string {
	return fmt.Sprintf("%d requests in %v, %.0f/s, statuses %v\n  from the due time: %s\n  from sending it:   %s",
		len(f.waits), f.took.Round(time.Millisecond), float64(len(f.waits))/f.took.Seconds(), f.statuses,
		percentiles(f.waits), percentiles(f.times))
}

func percentiles(sorted []time.Duration) (text string) {
	for _, p := range []float64{50, 90, 99, 99.9, 100} {
		at := sorted[min(len(sorted)-1, int(p/100*float64(len(sorted))))]
		text += fmt.Sprintf("p%g %v  ", p, at.Round(10*time.Microsecond))
	}
	return text
}

// wantStatuses checks how many answers had each status.
func (f figures) wantStatuses(t *testing.T, want map[int]int) {
	t.Helper()
	if fmt.Sprint(f.statuses) != fmt.Sprint(want) {
		t.Errorf("statuses %v, want %v", f.statuses, want)
	}
}
