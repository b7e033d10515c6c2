package transport

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-containerregistry/pkg/authn"
)

const many = 12

func TestAnOpenRegistrySeesTheRequestsAndNothingElse(t *testing.T) {
	registry := &gate{name: "https://registry.example"}
	net, tr := around(registry)
	tr.Announce("registry.example", "a", false)
	want := map[string]int{}
	for i := range many {
		want[fmt.Sprintf("GET https://registry.example/v2/a/manifests/%d - 200", i)] = 1
	}
	together(many, func(i int) {
		wantStatus(t, tr, 200, "GET", fmt.Sprintf("https://registry.example/v2/a/manifests/%d", i), "")
	})
	net.wantExactly(t, want)
}

// held makes a handler wait until release is closed.
func held(h http.HandlerFunc, release <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		<-release
		h(w, r)
	}
}

func TestWhoWaitsForTheFirstAnswer(t *testing.T) {
	tests := []struct {
		name  string
		key   authn.AuthConfig
		write bool
		first int // requests before any answer
	}{
		// Without credentials only an open registry can be written to.
		{"an anonymous push does not wait", authn.AuthConfig{}, true, many},
		{"an anonymous read waits", authn.AuthConfig{}, false, 1},
		{"a push with credentials waits", alice, true, 1},
		{"a read with credentials waits", alice, false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { wantFirstWave(t, tt.key, tt.write, tt.first) })
		})
	}
}

func wantFirstWave(t *testing.T, key authn.AuthConfig, write bool, want int) {
	release := make(chan struct{})
	arrived := make(chan struct{}, many)
	registry := &gate{name: "https://registry.example"}
	net := &network{hosts: map[string]http.HandlerFunc{registry.name: func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		held(registry.ServeHTTP, release)(w, r)
	}}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": key}})
	tr.Announce("registry.example", "a", write)
	go together(many, func(i int) {
		wantStatus(t, tr, 200, "GET", fmt.Sprintf("https://registry.example/v2/a/manifests/%d", i), "")
	})
	synctest.Wait()
	if got := len(arrived); got != want {
		t.Errorf("%d requests before the first answer, want %d", got, want)
	}
	release <- struct{}{} // one answer is enough for all who wait
	synctest.Wait()
	if got := len(arrived); got != many {
		t.Errorf("%d requests after the first answer, want %d", got, many)
	}
	close(release)
	synctest.Wait()
	if got := len(arrived); got != many {
		t.Errorf("%d requests in all, want %d", got, many)
	}
}

func TestAFirstRequestThatFailsLetsTheNextOneTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		registry := &gate{name: "https://registry.example"}
		net := &network{hosts: map[string]http.HandlerFunc{}}
		tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}})
		net.hosts[registry.name] = func(w http.ResponseWriter, r *http.Request) {
			if calls++; calls == 1 {
				<-r.Context().Done()
				return
			}
			registry.ServeHTTP(w, r)
		}
		tr.Announce("registry.example", "a", false)
		first, cancel := context.WithCancel(t.Context())
		go func() {
			if status, err := send(first, tr, "GET", "https://registry.example/v2/a/manifests/1", ""); err == nil {
				t.Errorf("the cancelled request was answered with %d", status)
			}
		}()
		synctest.Wait()
		go wantStatus(t, tr, 200, "GET", "https://registry.example/v2/a/manifests/2", "")
		synctest.Wait()
		cancel()
		synctest.Wait()
		net.wantExactly(t, map[string]int{
			"GET https://registry.example/v2/a/manifests/1 - cancelled": 1,
			"GET https://registry.example/v2/a/manifests/2 - 200":       1,
		})
	})
}

func TestAtMostJobsRequestsAreInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, arrived := make(chan struct{}), make(chan struct{}, many)
		net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(http.ResponseWriter, *http.Request) {
			arrived <- struct{}{}
			<-release
		}}}
		tr := New(Options{Base: net, Host: set(HostConfig{Jobs: 3})})
		tr.Announce("registry.example", "a", true)
		go together(many, func(int) { wantStatus(t, tr, 200, "GET", "https://registry.example/v2/a/manifests/1", "") })
		synctest.Wait()
		if got := len(arrived); got != 3 {
			t.Errorf("%d requests in flight, want 3", got)
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := send(cancelled, tr, "GET", "https://registry.example/v2/a/manifests/1", ""); err == nil {
			t.Error("a cancelled request went on waiting for a slot")
		}
		close(release)
		synctest.Wait()
		if got := len(arrived); got != many {
			t.Errorf("%d requests in all, want %d", got, many)
		}
	})
}
