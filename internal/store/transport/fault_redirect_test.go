package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// trap listens on a port of this machine; nothing may connect to it.
type trap struct {
	address, port string
	connections   atomic.Int32
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	sprung := &trap{}
	sprung.address = listen(t, func(net.Conn) { sprung.connections.Add(1) })
	_, sprung.port, _ = net.SplitHostPort(sprung.address)
	return sprung
}

func (s *trap) wantNothing(t *testing.T) {
	t.Helper()
	if n := s.connections.Load(); n > 0 {
		t.Errorf("%d connections to an inner address", n)
	}
}

// mapped is a network of public registries in memory. Other hosts are really
// dialled, by our dialler, with the addresses of a resolver of ours.
type mapped struct {
	*network
	tr    *Transport
	guard *guard
	real  *http.Transport
}

func newMapped(t *testing.T, o Options) *mapped {
	t.Helper()
	m := &mapped{network: &network{hosts: map[string]http.HandlerFunc{}}}
	o.Base = m
	o.Timing.Wait = func(context.Context, time.Duration) error { return nil }
	m.tr = New(o)
	m.guard = m.tr.guard
	m.real = newNetwork(1, m.guard)
	dial := m.real.DialContext
	m.real.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if found, ok := resolver()[host]; ok {
			address = net.JoinHostPort(found, port)
		}
		// Without the guard nothing responds at most of them. With it none of them
		// is dialled, so this time only passes where the guard fails.
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		return dial(ctx, network, address)
	}
	t.Cleanup(m.real.CloseIdleConnections)
	return m
}

// resolver knows invented names and, as some systems do, old spellings of
// addresses.
func resolver() map[string]string {
	return map[string]string{
		"inner.example": "127.0.0.1", "metadata.example": "169.254.169.254", "six.example": "::1", "nat.example": "64:ff9b::7f00:1",
		"localhost": "127.0.0.1", "LOCALHOST": "127.0.0.1", "localhost.": "127.0.0.1", "127.1": "127.0.0.1", "0": "0.0.0.0",
		"0x7f000001": "127.0.0.1", "0x7f.1": "127.0.0.1", "0177.0.0.1": "127.0.0.1", "2130706433": "127.0.0.1",
	}
}

func (m *mapped) RoundTrip(req *http.Request) (*http.Response, error) {
	if m.hosts[req.URL.Scheme+"://"+req.URL.Host] != nil {
		return m.network.RoundTrip(req)
	}
	return m.real.RoundTrip(m.guard.markUnknownHost(req, false))
}

// leading answers every request with a redirect.
func leading(status int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	}
}

// wantNoDowngrade holds that a registry on https cannot lead to http.
func wantNoDowngrade(t *testing.T, path, to string) {
	t.Helper()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, method := range []string{"GET", "HEAD"} {
			taking := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
			net := &network{hosts: map[string]http.HandlerFunc{
				"https://registry.example": leading(status, to),
				"http://registry.example":  taking, "http://trap.example": taking,
			}}
			tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}})
			tr.Announce("registry.example", "a", false)
			_, err := send(t.Context(), tr, method, "https://registry.example"+path, "")
			if err == nil || !strings.Contains(err.Error(), "refusing a redirect from https") {
				t.Errorf("%s, %d: error %v", method, status, err)
			}
			net.wantExactly(t, map[string]int{fmt.Sprintf("%s https://registry.example%s - %d", method, path, status): 1})
		}
	}
}

// TestFault06FirstAnswerCannotLeadToPlainHTTP is about the request by which a
// registry is met: whatever it answers, the session stays on https.
func TestFault06FirstAnswerCannotLeadToPlainHTTP(t *testing.T) {
	for _, path := range []string{"/v2/", "/v2/a/manifests/1"} {
		for _, to := range []string{"http://registry.example" + path, "http://registry.example:80" + path} {
			t.Run(to, func(t *testing.T) { wantNoDowngrade(t, path, to) })
		}
	}
}

func TestFault07RedirectToStorageCarriesNoCredentials(t *testing.T) {
	for name, asks := range map[string]authScheme{"password": basicAuth, "token": bearerAuth} {
		t.Run(name, func(t *testing.T) {
			registry := &gate{name: "https://registry.example", asks: asks}
			net, tr, check := trapped(registry, "https://storage.example")
			net.hosts[registry.name] = behind(registry, "https://storage.example/blob?quiet=1")
			tr.Announce("registry.example", "a", false)
			wantStatus(t, tr, 200, "GET", "https://registry.example/v2/a/blobs/sha256:00", "")
			check(t)
			if net.count()["GET https://storage.example/blob?quiet=1 - 200"] != 1 {
				t.Errorf("requests: %v", net.count())
			}
		})
	}
}

func TestFault08RedirectToPlainHTTPIsRefused(t *testing.T) {
	for _, path := range []string{"/v2/a/manifests/1", "/v2/a/blobs/sha256:00"} {
		t.Run(path, func(t *testing.T) { wantNoDowngrade(t, path, "http://trap.example/blob") })
	}
}

func TestFault09RedirectLoopStopsAtFiveHops(t *testing.T) {
	tests := []struct{ method, path string }{
		{"GET", "/v2/a/manifests/1"},
		{"HEAD", "/v2/a/manifests/1"},
		{"GET", "/v2/a/blobs/sha256:00"},
		{"POST", "/v2/a/blobs/uploads/"},
		{"PATCH", "/v2/a/blobs/uploads/1"},
		{"PUT", "/v2/a/manifests/1"},
	}
	for _, tt := range tests {
		for _, to := range []string{"https://registry.example" + tt.path, "https://other.example/loop"} {
			t.Run(tt.method+" "+tt.path+" by "+to, func(t *testing.T) {
				loop := leading(http.StatusTemporaryRedirect, to)
				net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": loop, "https://other.example": loop}}
				tr := New(Options{Base: net})
				tr.Announce("registry.example", "a", true)
				_, err := send(t.Context(), tr, tt.method, "https://registry.example"+tt.path, "")
				if err == nil || !strings.Contains(err.Error(), "redirects") || len(net.seen) != maxRedirects+1 {
					t.Errorf("%d requests, error %v", len(net.seen), err)
				}
			})
		}
	}
}

func TestFault10RedirectAndLocationToAnInnerAddressAreRefused(t *testing.T) {
	trap := newTrap(t)
	for _, host := range []string{"inner.example", "127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "metadata.example"} {
		to := "https://" + host + ":" + trap.port + "/x"
		wantRefused := func(t *testing.T, err error) {
			t.Helper()
			var inside *PrivateAddressError
			if !errors.As(err, &inside) {
				t.Errorf("error %v", err)
			}
		}
		m := newMapped(t, Options{Credentials: keys{"registry.example": alice}})
		m.hosts["https://registry.example"] = leading(http.StatusTemporaryRedirect, to)
		m.tr.Announce("registry.example", "a", true)
		for _, method := range []string{"GET", "HEAD", "PUT"} {
			t.Run(method+" led to "+host, func(t *testing.T) {
				_, err := send(t.Context(), m.tr, method, manifestOf("a"), "")
				wantRefused(t, err)
			})
		}
		t.Run("an upload at "+host, func(t *testing.T) {
			_, err := send(With(t.Context(), Anonymous), m.tr, "PUT", to+"?digest=sha256:00", "layer")
			wantRefused(t, err)
		})
	}
	trap.wantNothing(t)
}

// TestFault11AnotherPortOfTheHostGetsNoCredentials has two servers of one
// name, which differ in their ports.
func TestFault11AnotherPortOfTheHostGetsNoCredentials(t *testing.T) {
	var got []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = append(got, shown(r))
	}))
	defer other.Close()
	registry := &gate{asks: basicAuth}
	server := httptest.NewServer(behind(registry, other.URL+"/blob"))
	defer server.Close()
	host := server.Listener.Addr().String()
	tr := New(Options{Credentials: keys{host: alice, other.Listener.Addr().String(): alice}})
	tr.Announce(host, "a", false)
	tr.Announce(other.Listener.Addr().String(), "a", false)
	wantStatus(t, tr, 200, "GET", "https://"+host+"/v2/a/blobs/sha256:00", "")
	if len(got) != 1 || got[0] != "-" {
		t.Errorf("the other port was sent %q", got)
	}
}
