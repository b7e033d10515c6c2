package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// publicNetwork is a network for a service: dial resolves names, and 192.0.2.1, which
// is a public address to the guard, is that of a server in this test.
func publicNetwork(t *testing.T, server *httptest.Server, resolve func(host string) string, allowed ...string) http.RoundTripper {
	t.Helper()
	shared, ok := NewPublicNetwork(Options{Host: func(string, bool) HostConfig { return HostConfig{} }}, func(host string) bool {
		return strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+host+" ")
	}).(*transportCache)
	if !ok {
		t.Fatal("it is another type")
	}
	made, err := shared.open(hostRoute{host: "any"})
	if err != nil {
		t.Fatal(err)
	}
	dial := made.DialContext
	made.DisableKeepAlives = true
	made.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if host = resolve(host); host != "192.0.2.1" {
			return dial(ctx, network, net.JoinHostPort(host, port))
		}
		if err := shared.guard.control(ctx, network, net.JoinHostPort(host, port), nil); err != nil {
			return nil, err
		}
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}
	t.Cleanup(made.CloseIdleConnections)
	return shared
}

// TestFault95RefusesEveryAddressThatIsNotPublic names private addresses in each way
// that a client or a server has.
func TestFault95RefusesEveryAddressThatIsNotPublic(t *testing.T) {
	trap := newTrap(t)
	names := map[string]string{"public.example": "192.0.2.1", "inner.example": "127.0.0.1", "metadata.example": "169.254.169.254", "private.example": "10.1.2.3"}
	resolve := func(host string) string {
		if found := names[host]; found != "" {
			return found
		}
		return host
	}
	var redirect atomic.Value
	redirect.Store("")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if to, _ := redirect.Load().(string); to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	for _, host := range []string{
		trap.address, "localhost:" + trap.port, "[::1]:" + trap.port, "[::ffff:127.0.0.1]:" + trap.port, "0.0.0.0:" + trap.port,
		"inner.example:" + trap.port, "metadata.example", "private.example", "169.254.169.254", "[fd00:ec2::254]", "100.100.100.200",
	} {
		for _, way := range []string{"named", "redirect"} {
			t.Run(way+" "+host, func(t *testing.T) {
				client := &http.Client{Transport: publicNetwork(t, server, resolve)}
				first := "http://" + host + "/v2/"
				redirect.Store("")
				if way == "redirect" {
					redirect.Store(first)
					first = "http://public.example/v2/"
				}
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, first, nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := client.Do(req)
				Discard(resp)
				if private := (*PrivateAddressError)(nil); !errors.As(err, &private) {
					t.Errorf("error %v", err)
				}
			})
		}
	}
	trap.wantNothing(t)
}

// TestFault95RefusesAReboundName has a resolver that answers with a public address,
// then with a private one.
func TestFault95RefusesAReboundName(t *testing.T) {
	trap := newTrap(t)
	var lookups atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	network := publicNetwork(t, server, func(string) string {
		if lookups.Add(1) == 1 {
			return "192.0.2.1"
		}
		return "127.0.0.1"
	})
	for i, wantErr := range []bool{false, true} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://rebound.example:"+trap.port+"/v2/", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := network.RoundTrip(req)
		Discard(resp)
		if private := (*PrivateAddressError)(nil); errors.As(err, &private) != wantErr {
			t.Errorf("request %d: error %v", i+1, err)
		}
	}
	trap.wantNothing(t)
}

// TestFault95AllowedRegistryOpensNoOther reads an allowed registry inside first: unlike
// in a run of a command, it does not allow other addresses.
func TestFault95AllowedRegistryOpensNoOther(t *testing.T) {
	trap := newTrap(t)
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer inside.Close()
	allowed := inside.Listener.Addr().String()
	network := publicNetwork(t, inside, func(host string) string { return host }, allowed)
	for _, host := range []string{allowed, trap.address} {
		tr := New(Options{Base: network, Service: true})
		tr.Announce(host, "app", false)
		for range 2 { // the second one comes after the first has connected
			_, err := send(t.Context(), tr, http.MethodGet, "http://"+host+"/v2/app/manifests/1", "")
			if private := (*PrivateAddressError)(nil); errors.As(err, &private) != (host != allowed) {
				t.Errorf("%s: error %v", host, err)
			}
		}
	}
	trap.wantNothing(t)
}

// TestFault95UsesNoProxy has a proxy, which would connect to any address.
func TestFault95UsesNoProxy(t *testing.T) {
	req := httptest.NewRequest(http.MethodGet, "http://inner.example/", nil)
	if proxy, err := (&guard{public: true}).proxy(req); proxy != nil || err != nil {
		t.Errorf("proxy %v, error %v", proxy, err)
	}
	if newNetwork(1, &guard{public: true}).Proxy == nil {
		t.Error("the network does not ask the guard for its proxy")
	}
}
