package wire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// TestARateLimitedHostIsLeftAloneUntilItWants sends many requests at once to a
// host that takes five a second: all of them get through, in about the time
// that takes, and few are refused more than once.
func TestARateLimitedHostIsLeftAloneUntilItWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken, refused := map[int64]int{}, 0
		net := &network{hosts: map[string]http.HandlerFunc{}}
		gate := make(chan struct{}, 1)
		net.hosts["https://registry.example"] = func(w http.ResponseWriter, _ *http.Request) {
			gate <- struct{}{}
			defer func() { <-gate }()
			if second := time.Now().Unix(); taken[second] < 5 {
				taken[second]++
				return
			}
			refused++
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		}
		tr, start := New(Options{Base: net}), time.Now()
		together(60, func(int) {
			wantStatus(t, tr, http.StatusOK, http.MethodGet, "https://registry.example/v2/a/manifests/1", "")
		})
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("it took %v", took)
		}
		if refused > 60 {
			t.Errorf("%d requests were refused", refused)
		}
	})
}

// TestWhatWasRefusedComesFirst has a request that is sent again stand before
// those that were not sent yet.
func TestWhatWasRefusedComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, order := newLimiter(1), make(chan string, 2)
		if err := l.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, ctx := range map[string]context.Context{"new": t.Context(), "again": repeatedRequest.on(t.Context())} {
			go func() {
				if name == "again" {
					time.Sleep(time.Second)
				}
				if err := l.acquire(ctx); err != nil {
					t.Error(err)
				}
				order <- name
				l.release()
			}()
		}
		time.Sleep(2 * time.Second)
		l.release()
		if first := <-order; first != "again" {
			t.Errorf("%s came first", first)
		}
		<-order
	})
}

// TestAFirstHeadFindsOutAboutTLS: the sentence that tells a TLS server's answer
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
		tr := New(Options{Insecure: true})
		tr.Expect(host, tt.path, false)
		wantStatus(t, tr, tt.want, http.MethodHead, "https://"+host+"/v2/"+tt.path+"/manifests/1", "")
	}
}
