package transport

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// rated is a host that takes five requests a second and is some way off.
type rated struct {
	far     time.Duration
	mu      sync.Mutex
	taken   map[int64]int
	refused int
	lost    map[string]int // refusals by path
}

func (h *rated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(h.far)
	h.mu.Lock()
	defer h.mu.Unlock()
	if second := time.Now().Unix(); h.taken[second] < 5 {
		h.taken[second]++
		return
	}
	h.refused++
	h.lost[r.URL.Path]++
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusTooManyRequests)
}

// TestARateLimitedHostIsLeftAloneUntilItWants sends many requests at once to a
// host that takes five a second: all of them get through, in about the time
// that takes, and none is refused again and again. What is near answers
// before the next request is sent, what is far refuses a whole wave at once.
func TestARateLimitedHostIsLeftAloneUntilItWants(t *testing.T) {
	for name, far := range map[string]time.Duration{"near": 0, "far": 150 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := &rated{far: far, taken: map[int64]int{}, lost: map[string]int{}}
				net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": host.ServeHTTP}}
				tr, start := New(Options{Base: net}), time.Now()
				together(60, func(i int) {
					wantStatus(t, tr, http.StatusOK, http.MethodGet, fmt.Sprintf("https://registry.example/v2/a/manifests/%d", i), "")
				})
				if took := time.Since(start); took > 20*time.Second {
					t.Errorf("it took %v", took)
				}
				// The first wave and, until it ends, three or four a second.
				if host.refused > 90 {
					t.Errorf("%d requests were refused", host.refused)
				}
				for path, times := range host.lost {
					if times > maxTries {
						t.Errorf("%s was refused %d times", path, times)
					}
				}
			})
		})
	}
}

// TestFault48AHostThatRefusesEverythingIsGivenUp: those that are refused
// together wait together, but not for ever.
func TestFault48AHostThatRefusesEverythingIsGivenUp(t *testing.T) {
	for _, after := range []string{"", "1", "60"} {
		t.Run("Retry-After "+after, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var refused atomic.Int32
				net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, _ *http.Request) {
					time.Sleep(100 * time.Millisecond)
					refused.Add(1)
					w.Header().Set("Retry-After", after)
					w.WriteHeader(http.StatusTooManyRequests)
				}}}
				tr, start := New(Options{Base: net}), time.Now()
				together(60, func(int) {
					wantStatus(t, tr, http.StatusTooManyRequests, http.MethodGet, "https://registry.example/v2/a/manifests/1", "")
				})
				took := time.Since(start)
				if took > maxTotalWait || refused.Load() > 60+inFlightHTTP1+maxTries {
					t.Errorf("it took %v and %d refusals", took, refused.Load())
				}
			})
		})
	}
}

// TestWhatCameFirstGoesFirst has requests wait for one place: the one that
// came first to the transport gets it, however late it asks again.
func TestWhatCameFirstGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, order := newLimiter(1), make(chan int64, 3)
		if _, err := l.acquire(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int64{3, 2, 1} {
			go func() {
				if _, err := l.acquire(With(t.Context(), func(c *call) { c.ticket = &ticket{number: n} }), true); err != nil {
					t.Error(err)
				}
				order <- n
				(&slot{of: l}).release()
			}()
			synctest.Wait()
		}
		(&slot{of: l}).release()
		for want := range int64(3) {
			if got := <-order; got != want+1 {
				t.Errorf("%d came when it was the turn of %d", got, want+1)
			}
		}
	})
}

// TestNobodyGoesWhileAHostIsLeftAlone holds a host twice; the second hold ends
// first.
func TestNobodyGoesWhileAHostIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, start := newLimiter(8), time.Now()
		if l.onTooManyRequests(2*time.Second, Timing{}.afterFunc) || !l.onTooManyRequests(time.Second, Timing{}.afterFunc) {
			t.Error("the second refusal comes while the host is left alone, the first does not")
		}
		if _, err := l.acquire(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("a request went after %v", took)
		}
	})
}

// TestAFirstHeadFindsOutAboutTLS: the message that shows a TLS server's response
// to plain http is in the body, which HEAD does not get.
func TestAFirstHeadFindsOutAboutTLS(t *testing.T) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/bad/manifests/1" {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	secure, plain := httptest.NewTLSServer(answer), httptest.NewServer(answer)
	defer secure.Close()
	defer plain.Close()
	for _, tt := range []struct {
		server *httptest.Server
		path   string
		want   int
	}{{secure, "good", 200}, {secure, "bad", 400}, {plain, "good", 200}, {plain, "bad", 400}} {
		host := tt.server.Listener.Addr().String()
		tr := New(Options{Host: set(HostConfig{Insecure: true})})
		tr.Announce(host, tt.path, false)
		wantStatus(t, tr, tt.want, http.MethodHead, "https://"+host+"/v2/"+tt.path+"/manifests/1", "")
	}
}
