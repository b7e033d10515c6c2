package transport

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestFault90TheSchemeOfAName(t *testing.T) {
	tests := []struct {
		host      string
		plainHTTP bool
		want      string
	}{
		{"registry.example", false, "https"},
		{"registry.example:5000", false, "https"},
		{"registry.example:80", false, "https"},
		{"10.0.0.1:5000", false, "https"},
		{"192.168.1.1", false, "https"},
		{"registry.local", false, "https"},
		{"localhost.example", false, "https"},
		{"registry.localhost:5000", false, "https"},
		{"127.0.0.1.example:5000", false, "https"},
		{"registry.example", true, "http"},
		{"10.0.0.1:5000", true, "http"},
		{"localhost", false, "http"},
		{"localhost:5000", false, "http"},
		{"127.0.0.1:5000", false, "http"},
		{"127.8.9.1:5000", false, "http"},
		{"[::1]:5000", false, "http"},
		{"[::ffff:127.0.0.1]:5000", false, "http"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.host, tt.plainHTTP), func(t *testing.T) {
			registry := &gate{name: tt.want + "://" + tt.host}
			net := &network{hosts: map[string]http.HandlerFunc{registry.name: registry.ServeHTTP}}
			tr := New(Options{Base: net, Host: set(HostConfig{PlainHTTP: tt.plainHTTP})})
			tr.Announce(tt.host, "a", true)
			wantStatus(t, tr, 201, "PUT", "https://"+tt.host+"/v2/a/manifests/1", "{}")
			net.wantExactly(t, map[string]int{"PUT " + registry.name + "/v2/a/manifests/1 - 201": 1})
		})
	}
}

// TestWhatTheSettingsSayIsNotTried sends nothing in plain http to a host of this
// machine whose settings are about TLS.
func TestWhatTheSettingsSayIsNotTried(t *testing.T) {
	for want, settings := range map[string]HostConfig{"https": {HTTPS: true}, "http": {HTTPS: true, PlainHTTP: true}} {
		t.Run(want, func(t *testing.T) {
			registry := &gate{name: want + "://localhost:5000"}
			net := &network{hosts: map[string]http.HandlerFunc{registry.name: registry.ServeHTTP}}
			tr := New(Options{Base: net, Host: set(settings)})
			tr.Announce("localhost:5000", "a", true)
			wantStatus(t, tr, 201, "PUT", "https://localhost:5000/v2/a/manifests/1", "{}")
			net.wantExactly(t, map[string]int{"PUT " + registry.name + "/v2/a/manifests/1 - 201": 1})
		})
	}
}

// TestALoopbackNameWithoutAPort has nothing listen on port 80: the name means
// 443 as well. A port that is named means no other.
func TestALoopbackNameWithoutAPort(t *testing.T) {
	refused, unknown := &failing{err: syscall.ECONNREFUSED}, &failing{err: errors.New("no TLS")}
	tests := []struct {
		name, host string
		secure     http.RoundTripper
		scheme     string // in the end; "" is success
	}{
		{"a registry at 443", "localhost", nil, ""},
		{"a registry at 443, by address", "[::1]", nil, ""},
		{"something else at 443", "localhost", unknown, "https"},
		{"nothing there either", "localhost", refused, "http"},
		{"a port that is named", "localhost:80", nil, "http"},
		{"another port that is named", "localhost:5000", nil, "http"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			registry := &gate{name: "https://" + tt.host}
			memory, _ := around(registry)
			if tt.secure == nil {
				tt.secure = memory
			}
			tr := New(Options{Base: byScheme{"http": refused, "https": tt.secure}})
			tr.Announce(tt.host, "a", true)
			status, err := send(t.Context(), tr, "PUT", "https://"+tt.host+"/v2/a/manifests/1", "{}")
			if tt.scheme == "" {
				if err != nil || status != 201 {
					t.Errorf("status %d, error %v", status, err)
				}
				return
			}
			if err == nil || SchemeOf(err, "https") != tt.scheme {
				t.Errorf("error %v in %s, want one in %s", err, SchemeOf(err, "https"), tt.scheme)
			}
			memory.wantExactly(t, map[string]int{})
		})
	}
}

func TestALoopbackRegistryThatSpeaksTLS(t *testing.T) {
	const sentence = "Client sent an HTTP request to an HTTPS server.\n"
	tests := []struct {
		name  string
		plain http.HandlerFunc
	}{
		{"as Go answers", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, sentence, 400) }},
		{"as nginx answers", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<center>The plain HTTP request was sent to HTTPS port</center>", 400)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			registry := &gate{name: "https://localhost:5000", asks: basicAuth}
			net, tr := around(registry)
			net.hosts["http://localhost:5000"] = tt.plain
			tr.Announce("localhost:5000", "a", true)
			for range 3 {
				wantStatus(t, tr, 201, "PUT", "https://localhost:5000/v2/a/manifests/1", "{}")
			}
			net.wantExactly(t, map[string]int{
				"PUT http://localhost:5000/v2/a/manifests/1 - 400":             1,
				"PUT https://localhost:5000/v2/a/manifests/1 - 401":            1,
				"PUT https://localhost:5000/v2/a/manifests/1 alice:rabbit 201": 3,
			})
		})
	}
}

// TestA400IsNotTLS holds that an ordinary refusal of a loopback registry comes
// back whole.
func TestA400IsNotTLS(t *testing.T) {
	net := &network{hosts: map[string]http.HandlerFunc{"http://localhost:5000": func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, strings.Repeat("MANIFEST_INVALID ", 1000), http.StatusBadRequest)
	}}}
	tr := New(Options{Base: net})
	tr.Announce("localhost:5000", "a", true)
	req := httptest.NewRequest("GET", "https://localhost:5000/v2/a/manifests/1", nil)
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := bodyOf(&http.Request{Body: resp.Body}); got != strings.Repeat("MANIFEST_INVALID ", 1000)+"\n" {
		t.Errorf("the answer came back with %d bytes", len(got))
	}
}

// TestABrokenConnectionIsNotTLS is about a plain registry that drops its first
// connection: the next try is in plain http again.
func TestABrokenConnectionIsNotTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := &gate{name: "http://localhost:5000"}
		net, _ := around(registry)
		tr := New(Options{Base: &dropping{next: net, times: 1}})
		tr.Announce("localhost:5000", "a", true)
		wantStatus(t, tr, 201, "PUT", "https://localhost:5000/v2/a/manifests/1", "{}")
		wantStatus(t, tr, 201, "PUT", "https://localhost:5000/v2/a/manifests/1", "{}")
		net.wantExactly(t, map[string]int{
			"PUT https://localhost:5000/v2/a/manifests/1 - refused": 1,
			"PUT http://localhost:5000/v2/a/manifests/1 - 201":      2,
		})
	})
}

func TestARealTLSServerOnLoopback(t *testing.T) {
	tests := []struct {
		name     string
		insecure bool
		announce bool
		works    bool
	}{
		{"its certificate is checked", false, true, false},
		{"unless the check is off", true, true, true},
		{"for the hosts of the command line only", true, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			registry := &gate{}
			server := httptest.NewUnstartedServer(registry)
			server.Config.ErrorLog = quiet(t)
			server.StartTLS()
			defer server.Close()
			host := server.Listener.Addr().String()
			tr := New(Options{Host: set(HostConfig{Insecure: tt.insecure})})
			tr.Announce("other.example", "a", true)
			if tt.announce {
				tr.Announce(host, "a", true)
			}
			for range 2 {
				status, err := send(t.Context(), tr, "PUT", "https://"+host+"/v2/a/manifests/1", "{}")
				// A host that was not announced is not even connected to, here:
				// it is on loopback, and nothing of this run is.
				unknown, inside := x509.UnknownAuthorityError{}, &PrivateAddressError{}
				refused := errors.As(err, &unknown)
				if !tt.announce {
					refused = errors.As(err, &inside)
				}
				if tt.works && (err != nil || status != 201) || !tt.works && !refused {
					t.Errorf("status %d, error %v", status, err)
				}
			}
		})
	}
}

// TestAServerThatClosesPlainConnections is about TLS servers that say nothing
// to plain http, about ones that reset it, and about ones that answer with a
// TLS alert.
func TestAServerThatClosesPlainConnections(t *testing.T) {
	for name, end := range map[string]func(net.Conn) error{
		"without a word": func(net.Conn) error { return nil },
		"with a reset": func(c net.Conn) error {
			tcp, ok := c.(*net.TCPConn)
			if !ok {
				return errors.New("no TCP connection")
			}
			return tcp.SetLinger(0)
		},
		"with an alert": func(c net.Conn) error {
			_, err := c.Write([]byte("\x15\x03\x01\x00\x02\x02\x46"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			plain := listen(t, func(c net.Conn) {
				_, _ = http.ReadRequest(bufio.NewReader(c))
				if err := end(c); err != nil {
					t.Error(err)
				}
			})
			registry := &gate{name: "https://" + plain}
			memory, _ := around(registry)
			tr := New(Options{Base: byScheme{"http": &http.Transport{}, "https": memory}})
			tr.Announce(plain, "a", true)
			wantStatus(t, tr, 201, "PUT", "https://"+plain+"/v2/a/manifests/1", "{}")
			memory.wantExactly(t, map[string]int{"PUT https://" + plain + "/v2/a/manifests/1 - 201": 1})
		})
	}
}

// TestABadCertificateIsToldAsOne is about a TLS server that closes plain
// connections and whose certificate is not trusted: that is what is wrong, not
// the connection that was closed.
func TestABadCertificateIsToldAsOne(t *testing.T) {
	bad := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	secure := &failing{err: bad}
	tr := New(Options{Base: byScheme{"http": &failing{err: io.EOF}, "https": secure}})
	tr.Announce("localhost:5000", "a", false)
	for range 2 {
		if _, err := send(t.Context(), tr, "GET", "https://localhost:5000/v2/a/manifests/1", ""); !errors.Is(err, bad) {
			t.Errorf("error %v", err)
		}
	}
	if secure.calls != 2 {
		t.Errorf("https was tried %d times, want once for each request", secure.calls)
	}
}

// TestWhoWaitsForTheSchemeGoesWithTheOthers sends many requests to a host of
// this machine that takes a second for each: the first one alone, which finds
// out about TLS, then all others at once.
func TestWhoWaitsForTheSchemeGoesWithTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := &network{hosts: map[string]http.HandlerFunc{"http://127.0.0.1:5000": func(http.ResponseWriter, *http.Request) {
			time.Sleep(time.Second) // the bubble's clock
		}}}
		tr, start := New(Options{Base: net}), time.Now()
		tr.Announce("127.0.0.1:5000", "a", true)
		together(20, func(int) { wantStatus(t, tr, 200, "GET", "https://127.0.0.1:5000/v2/a/manifests/1", "") })
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("it took %v, want a second for the first and one for all others", took)
		}
	})
}
