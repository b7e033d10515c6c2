package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-containerregistry/pkg/authn"
)

// TestFault54ACallerThatLeavesDoesNotTakeTheTokenAlong is about two requests that
// wait for one token, the first of which is cancelled.
func TestFault54ACallerThatLeavesDoesNotTakeTheTokenAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := &gate{name: "https://registry.example", asks: bearerAuth}
		net, tr := around(registry)
		release := make(chan struct{})
		net.hosts[registry.name] = func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				<-release
			}
			registry.ServeHTTP(w, r)
		}
		tr.Announce("registry.example", "a", true)
		stop := errors.New("stopped by hand")
		first, cancel := context.WithCancelCause(t.Context())
		left := make(chan error, 1)
		go func() {
			_, err := send(first, tr, "GET", manifestOf("a"), "")
			left <- err
		}()
		synctest.Wait() // the first one has asked for the token
		go wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
		synctest.Wait()
		cancel(stop)
		synctest.Wait()
		select {
		case err := <-left:
			if !errors.Is(err, stop) {
				t.Errorf("the cancelled request ended with %v", err)
			}
		default:
			t.Error("the cancelled request still waits")
		}
		close(release)
		synctest.Wait()
		net.wantExactly(t, map[string]int{
			"GET " + manifestOf("a") + " - 401":                                        1,
			"GET " + registry.tokenURL("repository:a:pull,push") + " alice:rabbit 200": 1,
			"GET " + manifestOf("a") + " repository:a:pull,push 200":                   1,
		})
	})
}

// asking is a keychain that counts, and waits when requested.
type asking struct {
	calls int
	wait  <-chan struct{}
	err   error
}

func (*asking) Namespace(string, string) string { return "" }

func (a *asking) Credential(ctx context.Context, _, _ string) (authn.AuthConfig, error) {
	if a.calls++; a.wait != nil {
		select {
		case <-a.wait:
		case <-ctx.Done():
			return authn.AuthConfig{}, ctx.Err()
		}
	}
	return alice, a.err
}

func TestTheKeychainIsAskedOncePerRegistry(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: bearerAuth}
	net, _ := around(registry)
	for _, broken := range []error{nil, errors.New("the config file is broken")} {
		keychain := &asking{err: broken}
		tr := New(Options{Base: net, Credentials: keychain})
		tr.Announce("registry.example", "a", true)
		together(many, func(int) {
			if _, err := send(t.Context(), tr, "GET", manifestOf("a"), ""); !errors.Is(err, broken) {
				t.Errorf("error %v, want %v", err, broken)
			}
		})
		if keychain.calls != 1 {
			t.Errorf("with error %v the keychain was asked %d times", broken, keychain.calls)
		}
	}
}

func TestFault54ACallerThatLeavesDoesNotTakeTheCredentialAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := &gate{name: "https://registry.example", asks: basicAuth}
		net, _ := around(registry)
		unlock := make(chan struct{})
		tr := New(Options{Base: net, Credentials: &asking{wait: unlock}})
		tr.Announce("registry.example", "a", true)
		leaving, cancel := context.WithCancel(t.Context())
		for range 2 { // one asks the keychain, one waits for the answer
			go func() {
				if _, err := send(leaving, tr, "GET", manifestOf("a"), ""); !errors.Is(err, context.Canceled) {
					t.Errorf("a cancelled request ended with %v", err)
				}
			}()
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		go wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
		synctest.Wait()
		close(unlock)
		synctest.Wait()
	})
}

// TestABodyIsReadAgainFromTheHostItIsSentTo is about a blob on its way from one
// repository of a registry to another. Its PUT is the first request to the
// registry and the only one that may be in flight; sending it again means
// reading it again, which must not wait for the PUT.
func TestABodyIsReadAgainFromTheHostItIsSentTo(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusServiceUnavailable} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { wantReadAgain(t, status) })
		})
	}
}

func wantReadAgain(t *testing.T, status int) {
	registry := &gate{name: "https://registry.example"}
	net, _ := around(registry)
	refused := false
	net.hosts[registry.name] = func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && !refused {
			refused = true
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(status)
			return
		}
		registry.ServeHTTP(w, r)
	}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}, Host: set(HostConfig{Jobs: 1})})
	tr.Announce("registry.example", "a", false)
	tr.Announce("registry.example", "d", true)
	req := newSource("blob").request(t.Context(), t, "PUT", manifestOf("d"))
	req.GetBody = func() (io.ReadCloser, error) {
		if _, err := send(With(t.Context(), Nested), tr, "GET", manifestOf("a"), ""); err != nil {
			return nil, err
		}
		return newSource("blob").read()
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if len(net.seen) != 3 || resp.StatusCode != http.StatusCreated {
		t.Errorf("status %d after %q", resp.StatusCode, net.seen)
	}
}

// TestACancelledRequestIsNotSent checks that it is not observed either, and requests
// for no token.
func TestACancelledRequestIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := &gate{name: "https://registry.example", asks: bearerAuth}
		net, _ := around(registry)
		seen := &watched{}
		tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}, Observe: seen.tell})
		tr.Announce("registry.example", "a", false)
		wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
		before := len(seen.events)
		stop := errors.New("stopped by hand")
		cancelled, cancel := context.WithCancelCause(t.Context())
		cancel(stop)
		for _, repository := range []string{"a", "b"} { // b's token is yet to come
			tr.Announce("registry.example", repository, false)
			if _, err := send(cancelled, tr, "GET", manifestOf(repository), ""); !errors.Is(err, stop) {
				t.Errorf("error %v, want %v", err, stop)
			}
		}
		synctest.Wait()
		if len(seen.events) != before {
			t.Errorf("sent: %+v", seen.events[before:])
		}
	})
}
