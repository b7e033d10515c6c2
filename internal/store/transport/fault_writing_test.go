package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestFault59ATokenThatEndsEarlyIsReplaced is about tokens that the registry
// takes for a number of requests only, whatever their life was said to be.
func TestFault59ATokenThatEndsEarlyIsReplaced(t *testing.T) {
	for _, uses := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(uses), func(t *testing.T) {
			issued, left := 0, 0
			registry := func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/token":
					issued++
					left = uses
					fmt.Fprintf(w, `{"token":"t%d","expires_in":3600}`, issued)
				case r.Header.Get("Authorization") != fmt.Sprintf("Bearer t%d", issued) || left == 0:
					w.Header().Set("WWW-Authenticate", `Bearer realm="https://registry.example/token"`)
					w.WriteHeader(http.StatusUnauthorized)
				default:
					left--
					if got := bodyOf(r); got != "blob" {
						t.Errorf("the body came as %q", got)
					}
					w.WriteHeader(http.StatusCreated)
				}
			}
			net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": registry}}
			tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}})
			tr.Announce("registry.example", "a", true)
			for range 10 {
				wantStatus(t, tr, 201, "PATCH", "https://registry.example/v2/a/blobs/uploads/1", "blob")
			}
			if want := 10 / uses; issued != want {
				t.Errorf("%d tokens were asked for, want %d", issued, want)
			}
		})
	}
}

// TestFault59ATokenThatNeverWasGoodIsFinal holds that a registry that refuses
// every token is not asked again and again: once more where it calls the token
// invalid, as one does whose clock is behind.
func TestFault59ATokenThatNeverWasGoodIsFinal(t *testing.T) {
	for _, tt := range []struct {
		reason string
		late   int  // tokens that are refused at first
		wider  bool // the token of the run is for more than the request
		issued int
		status int
	}{
		{"", 100, false, 1, 401},
		{"", 100, true, 2, 401},
		{`,error="insufficient_scope"`, 100, false, 1, 401},
		{`,error="invalid_token"`, 100, false, 2, 401},
		{`,error="invalid_token"`, 100, true, 4, 401},
		{`,error="invalid_token"`, 1, false, 2, 200},
		{`,error="invalid_token"`, 1, true, 2, 200},
	} {
		t.Run(fmt.Sprint(tt.reason, tt.late, tt.wider), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var issued atomic.Int32
				net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/token" {
						fmt.Fprintf(w, `{"token":"t%d"}`, issued.Add(1))
						return
					}
					time.Sleep(time.Millisecond)
					var token int
					if _, err := fmt.Sscanf(r.Header.Get("Authorization"), "Bearer t%d", &token); err == nil && token > tt.late {
						return
					}
					w.Header().Set("WWW-Authenticate", `Bearer realm="https://registry.example/token"`+tt.reason)
					w.WriteHeader(http.StatusUnauthorized)
				}}}
				tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}})
				tr.Announce("registry.example", "a", true)
				if tt.wider {
					tr.Announce("registry.example", "b", false)
				}
				together(20, func(int) { wantStatus(t, tr, tt.status, "PUT", manifestOf("a"), "{}") })
				if got := int(issued.Load()); got != tt.issued {
					t.Errorf("%d tokens were asked for, want %d", got, tt.issued)
				}
			})
		})
	}
}

func TestFault60AWriteDoesNotBecomeARead(t *testing.T) {
	for _, method := range []string{"PUT", "PATCH", "POST"} {
		for _, status := range []int{301, 302, 303} {
			for _, at := range []string{"/v2/a/manifests/2", "https://storage.example/x"} {
				t.Run(fmt.Sprint(method, " ", status, " ", at), func(t *testing.T) {
					net, tr := redirecting(status, at)
					if got, err := send(t.Context(), tr, method, manifestOf("a"), "{}"); err == nil {
						t.Errorf("answered with %d", got)
					}
					net.wantExactly(t, map[string]int{method + " " + manifestOf("a") + " - " + statusText(status): 1})
				})
			}
		}
	}
}

func TestFault61AWriteIsRedirectedAsItIs(t *testing.T) {
	for _, method := range []string{"PUT", "PATCH", "POST"} {
		for _, status := range []int{307, 308} {
			for at, good := range map[string]bool{
				"/v2/a/manifests/2": true, "https://storage.example/x": true,
				"http://storage.example/x": false, "http://registry.example/v2/a/manifests/2": false,
			} {
				t.Run(fmt.Sprint(method, " ", status, " ", at), func(t *testing.T) {
					net, tr := redirecting(status, at)
					got, err := send(t.Context(), tr, method, manifestOf("a"), "{}")
					want := map[string]int{method + " " + manifestOf("a") + " - " + statusText(status): 1}
					if good {
						base, _ := url.Parse(manifestOf("a"))
						to, _ := base.Parse(at)
						want[method+" "+to.String()+" - 201"] = 1
					}
					if good != (err == nil && got == 201) {
						t.Errorf("status %d, %v", got, err)
					}
					net.wantExactly(t, want)
				})
			}
		}
	}
}

// redirecting is a registry that sends requests for one manifest elsewhere.
// Every other place takes the body {} and nothing else.
func redirecting(status int, at string) (*network, *Transport) {
	take := func(w http.ResponseWriter, r *http.Request) {
		if bodyOf(r) == "{}" {
			w.WriteHeader(http.StatusCreated)
		}
	}
	net := &network{hosts: map[string]http.HandlerFunc{
		"https://storage.example": take, "http://storage.example": take, "http://registry.example": take,
		"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.String() != manifestOf("a") {
				take(w, r)
				return
			}
			w.Header().Set("Location", at)
			w.WriteHeader(status)
		},
	}}
	tr := New(Options{Base: net})
	tr.Announce("registry.example", "a", true)
	return net, tr
}

func TestFault91OldTLSIsRefused(t *testing.T) {
	for version, good := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
			server.Config.ErrorLog = quiet(t)
			server.StartTLS()
			defer server.Close()
			host := server.Listener.Addr().String()
			tr := New(Options{Host: set(HostConfig{Insecure: true})})
			tr.Announce(host, "a", false)
			_, err := send(t.Context(), tr, "GET", "https://"+host+"/v2/a/manifests/1", "")
			if (err == nil) != good {
				t.Errorf("error %v, want success: %v", err, good)
			}
		})
	}
}

// TestFault91InsecureIsForNamedHosts has an announced registry redirect to a
// host that was not announced, both with certificates of an unknown CA.
func TestFault91InsecureIsForNamedHosts(t *testing.T) {
	serve := func(h http.HandlerFunc) *httptest.Server {
		server := httptest.NewUnstartedServer(h)
		server.Config.ErrorLog = quiet(t)
		server.StartTLS()
		t.Cleanup(server.Close)
		return server
	}
	reached := false
	storage := serve(func(http.ResponseWriter, *http.Request) { reached = true })
	registry := serve(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/blobs/") {
			http.Redirect(w, r, storage.URL+"/x", http.StatusTemporaryRedirect)
		}
	})
	host := registry.Listener.Addr().String()
	tr := New(Options{Host: set(HostConfig{Insecure: true})})
	tr.Announce(host, "a", false)
	wantStatus(t, tr, 200, "GET", "https://"+host+"/v2/a/manifests/1", "")
	_, err := send(t.Context(), tr, "GET", "https://"+host+"/v2/a/blobs/sha256:00", "")
	var certificate *tls.CertificateVerificationError
	if !errors.As(err, &certificate) || reached {
		t.Errorf("error %v, reached: %v", err, reached)
	}
}

// TestFault92AProxyThatSaysNo has a proxy refuse to connect, ask for a
// password, or stay silent. Its own password is nowhere in the errors.
func TestFault92AProxyThatSaysNo(t *testing.T) {
	const canary = "CaNaRy"
	for _, tt := range []struct {
		name, answer string // "" is none
		plain        bool
		timeout      time.Duration
		status       int
	}{
		{"asks for a password", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", false, answerLimit, 407},
		{"asks for a password for http", "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", true, answerLimit, 407},
		{"refuses to connect", "HTTP/1.1 403 Forbidden\r\n\r\n", false, answerLimit, 403},
		{"cannot connect", "HTTP/1.1 502 Bad Gateway\r\n\r\n", false, answerLimit, 502},
		{"is silent", "", false, time.Second, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var calls atomic.Int32
			at := listen(t, func(c net.Conn) {
				calls.Add(1)
				buffer := make([]byte, 4<<10)
				_, _ = c.Read(buffer)
				_, _ = c.Write([]byte(tt.answer))
				_, _ = c.Read(buffer) // until the client hangs up
			})
			tr := throughProxyAt(t, &url.URL{Scheme: "http", Host: at, User: url.UserPassword("user", canary)}, tt.plain, tt.timeout)
			_, err := send(t.Context(), tr, "GET", manifestOf("a"), "")
			var (
				refused *ProxyError
				silent  *ResponseTimeoutError
			)
			switch {
			case err == nil || strings.Contains(err.Error(), canary):
				t.Errorf("error %v", err)
			case tt.status != 0 && (!errors.As(err, &refused) || refused.Status != tt.status):
				t.Errorf("error %v, want the proxy's %d", err, tt.status)
			case tt.status == 0 && !errors.As(err, &silent):
				t.Errorf("error %v, want silence", err)
			}
			if got := calls.Load(); got != 1 {
				t.Errorf("the proxy was asked %d times", got)
			}
		})
	}
}

// throughProxyAt is a transport on the real network whose proxy is given, and
// which waits so long for an answer.
func throughProxyAt(t *testing.T, proxy *url.URL, plain bool, answer time.Duration) *Transport {
	t.Helper()
	network := newNetwork(2, &guard{announced: func(string) bool { return true }})
	network.Proxy = http.ProxyURL(proxy)
	t.Cleanup(network.CloseIdleConnections)
	limited := &timeouts{next: through{network}, answer: answer, blob: blobLimit, stalls: stallLimit}
	tr := New(Options{Base: limited, Host: set(HostConfig{PlainHTTP: plain})})
	tr.Announce("registry.example", "a", false)
	return tr
}

// through is a network as base has it.
type through struct{ next http.RoundTripper }

func (n through) RoundTrip(req *http.Request) (*http.Response, error) {
	return throughProxy(n.next.RoundTrip(req))
}
