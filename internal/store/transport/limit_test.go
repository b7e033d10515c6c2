package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// taken is how many places can be had at once.
func taken(l *limiter) int {
	n := 0
	none, cancel := context.WithCancel(context.Background())
	cancel()
	for {
		if _, err := l.acquire(none, true); err != nil {
			break
		}
		n++
	}
	for range n {
		(&slot{of: l}).release()
	}
	return n
}

// refuse is an answer 429, and the end of the pause after it.
func refuse(l *limiter) {
	over := func() {}
	l.onTooManyRequests(0, func(_ time.Duration, then func()) { over = then })
	over()
}

func TestTheCapFollowsTheAnswers(t *testing.T) {
	l := newLimiter(8)
	answers := func(status, n int) {
		for range n {
			if status == http.StatusTooManyRequests {
				refuse(l)
			} else {
				l.onSuccess()
			}
		}
	}
	steps := []struct {
		name      string
		status, n int
		want      int
	}{
		{"good answers do not raise it beyond what is allowed", 200, 100, 8},
		{"429 halves it", 429, 1, 4},
		{"and again", 429, 1, 2},
		{"an error of another kind does not", 500, 1, 2},
		{"a round of answers gives one back", 200, 1, 3},
		{"the next round is longer", 200, 2, 3},
		{"and ends", 200, 1, 4},
		{"there is always one", 429, 10, 1},
		{"all of it comes back", 200, 100, 8},
	}
	for _, s := range steps {
		answers(s.status, s.n)
		if got := taken(l); got != s.want {
			t.Fatalf("%s: %d places, want %d", s.name, got, s.want)
		}
	}
}

func TestHTTP2IsAllowedMore(t *testing.T) {
	l := newLimiter(32)
	refuse(l)
	l.setMax(64, 64)
	if got := taken(l); got != 16 {
		t.Errorf("%d places after a 429, want 16: a new limit does not forget it", got)
	}
	fresh := newLimiter(32)
	fresh.setMax(64, 64)
	if got := taken(fresh); got != 64 {
		t.Errorf("%d places, want 64", got)
	}
}

func errorOf(_ bool, err error) error { return err }

func TestATurnThatIsGivenUpGoesToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1)
		if _, err := l.acquire(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		stop := errors.New("stopped by hand")
		leaving, cancel := context.WithCancelCause(t.Context())
		order := make(chan error, 2)
		go func() { order <- errorOf(l.acquire(leaving, true)) }()
		synctest.Wait()
		go func() { order <- errorOf(l.acquire(t.Context(), true)) }()
		synctest.Wait()
		cancel(stop)
		if err := <-order; !errors.Is(err, stop) {
			t.Errorf("the one that left got %v", err)
		}
		(&slot{of: l}).release()
		if err := <-order; err != nil {
			t.Error(err)
		}
		(&slot{of: l}).release()
		if got := taken(l); got != 1 {
			t.Errorf("%d places in the end, want 1", got)
		}
	})
}

// TestConnections counts the connections of a run whose first request is a
// 401: one on HTTP/2, at most as many as requests in flight on HTTP/1.1, and
// none lost to the 401.
func TestConnections(t *testing.T) {
	for name, h2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			opened := 0
			registry := &gate{asks: basicAuth}
			server := httptest.NewUnstartedServer(registry)
			server.EnableHTTP2, server.Config.ErrorLog = h2, quiet(t)
			server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				mu.Lock()
				defer mu.Unlock()
				if s == http.StateNew {
					opened++
				}
			}
			server.StartTLS()
			defer server.Close()
			host := server.Listener.Addr().String()
			tr := New(Options{Credentials: keys{host: alice}, Host: set(HostConfig{Insecure: true, Jobs: 4})})
			tr.Announce(host, "a", true)
			wantStatus(t, tr, 200, "GET", "https://"+host+"/v2/a/manifests/1", "")
			mu.Lock()
			opened-- // the plain one by which TLS was found
			if opened != 1 {
				t.Errorf("%d connections after a 401 and its repetition, want 1", opened)
			}
			mu.Unlock()
			together(50, func(int) { wantStatus(t, tr, 200, "GET", "https://"+host+"/v2/a/manifests/1", "") })
			mu.Lock()
			defer mu.Unlock()
			if most := map[bool]int{true: 1, false: 4}[h2]; opened > most {
				t.Errorf("%d connections, want at most %d", opened, most)
			}
		})
	}
}

// crowd counts who is inside.
type crowd struct {
	mu        sync.Mutex
	now, most int
}

// enter returns how many are inside now.
func (c *crowd) enter(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += n
	c.most = max(c.most, c.now)
	return c.now
}

// TestAnHTTP2HostIsAskedForNoMoreThanItTakes has a host that answers some
// requests at once, more or fewer than every host is to take. It has one
// connection whatever it takes, and is sent as many as that at once.
func TestAnHTTP2HostIsAskedForNoMoreThanItTakes(t *testing.T) {
	for takes, want := range map[int]int{sureHTTP2: sureHTTP2, 128: 128, 1000: inFlightHTTP2} {
		t.Run(fmt.Sprint(takes), func(t *testing.T) {
			var opened, connections atomic.Int32
			var crowd crowd
			var once sync.Once
			full := make(chan struct{})
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				defer crowd.enter(-1)
				if crowd.enter(1) == want { // more would come soon
					once.Do(func() {
						time.AfterFunc(100*time.Millisecond, func() {
							connections.Store(opened.Load())
							close(full)
						})
					})
				}
				if r.URL.Path == "/v2/b/manifests/1" {
					select {
					case <-full:
					case <-time.After(10 * time.Second):
					}
				}
			}))
			server.EnableHTTP2, server.Config.ErrorLog = true, quiet(t)
			server.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: takes}
			server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				if s == http.StateNew {
					opened.Add(1)
				}
			}
			server.StartTLS()
			defer server.Close()
			host := server.Listener.Addr().String()
			tr := New(Options{Host: set(HostConfig{Insecure: true})})
			tr.Announce(host, "a", false)
			tr.Announce(host, "b", false)
			wantStatus(t, tr, 200, "GET", "https://"+host+"/v2/a/manifests/1", "")
			before := opened.Load()
			together(300, func(int) { wantStatus(t, tr, 200, "GET", "https://"+host+"/v2/b/manifests/1", "") })
			if more := connections.Load() - before; more != 0 || crowd.most != want {
				t.Errorf("%d more connections and %d requests at once, want none and %d", more, crowd.most, want)
			}
		})
	}
}
