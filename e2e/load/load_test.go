//go:build e2e

package load

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

// isFull reports whether the load is that of the figures in docs/serve.md
// (make serve-load), and not one that any run of the tests can do.
func isFull() bool { return os.Getenv("SERVE_LOAD") == "1" }

func full(small, large int) int {
	if isFull() {
		return large
	}
	return small
}

// start starts a service that reads from a registry, without a limit for clients.
func start(t *testing.T, u *upstream) *clitest.Service {
	t.Helper()
	return clitest.Session{}.Serve(t, "--allow-registry", u.host, "--rate", "0")
}

// TestServeLoadCached asks for one image all the time, at a fixed rate. The registry
// gets one GET, and one HEAD whenever the tag is checked.
func TestServeLoadCached(t *testing.T) {
	u := startUpstream(t)
	v := start(t, u)
	path := "/v1/images/" + u.host + "/app:1"
	requests{count: 1, workers: 1, path: func(int) string { return path }}.send(t, v).wantStatuses(t, map[int]int{http.StatusOK: 1})
	before := readUsage(t, v)
	q := requests{rate: full(200, 2000), workers: 64, path: func(int) string { return path }}
	q.count = q.rate * full(2, 30)
	f := q.send(t, v)
	t.Log(f)
	logCost(t, v, before, q.count)
	f.wantStatuses(t, map[int]int{http.StatusOK: q.count})
	checks := int64(f.took/(30*time.Second)) + 1
	if gets, heads := u.gets.Load(), u.heads.Load(); gets != 1 || heads > checks {
		t.Errorf("%d GET and %d HEAD at the registry, want 1 and %d at most", gets, heads, checks)
	}
	wantBack(t, v, before)
	wantMemory(t, v)
}

// TestServeLoadCold asks for one image a thousand times at once, of which the service
// knows nothing.
func TestServeLoadCold(t *testing.T) {
	u := startUpstream(t)
	v := start(t, u)
	before := readUsage(t, v)
	q := requests{count: 1000, workers: 1000, path: func(int) string { return "/v1/images/" + u.host + "/app:1" }}
	f := q.send(t, v)
	t.Log(f)
	logCost(t, v, before, q.count)
	f.wantStatuses(t, map[int]int{http.StatusOK: q.count})
	if gets := u.gets.Load(); gets != 1 {
		t.Errorf("%d GET at the registry, want 1", gets)
	}
	wantBack(t, v, before)
	wantMemory(t, v)
}

// TestServeLoadNames asks for names that are all different, so that the memory for
// answers is full and registries are read all the time. Every second name does not
// exist.
func TestServeLoadNames(t *testing.T) {
	u := startUpstream(t)
	v := start(t, u)
	before := readUsage(t, v)
	q := requests{count: full(2000, 100_000), workers: 64, path: func(i int) string {
		return fmt.Sprintf("/v1/images/%s/%s-%d:1", u.host, [2]string{"app", "none"}[i%2], i)
	}}
	f := q.send(t, v)
	t.Log(f)
	logCost(t, v, before, q.count)
	f.wantStatuses(t, map[int]int{http.StatusOK: q.count / 2, http.StatusNotFound: q.count / 2})
	if isFull() {
		wantBack(t, v, before) // after the connections to the registry, which last 90 seconds
	}
	wantMemory(t, v)
}
