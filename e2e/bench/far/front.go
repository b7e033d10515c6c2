//go:build e2e

package far

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Front is a registry as a client far away meets it: TLS, HTTP/2, the token
// server on the same host and port.
type Front struct {
	// Host is HOST:PORT for clients.
	Host   string
	server *http.Server
	opened atomic.Int64
}

// NewFront puts a Front before the backend. Every request waits one round trip
// before the backend gets it, and a new connection waits two before its first
// byte is read: one for TCP, one for TLS. The record gets every request, token
// requests too.
//
// The port is opened on 127.0.0.1; clients use host. 0.0.0.0 leads to the
// same place, and since it is no loopback address, clients treat it as they
// treat any far registry: https, without trying http first.
func NewFront(b *Backend, ca *Authority, host string, roundTrip time.Duration, seen *Record) (*Front, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, err
	}
	f := &Front{Host: net.JoinHostPort(host, port)}
	f.server = &http.Server{
		Handler:   seen.around(delayed(b.behind(f.Host), roundTrip)),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{ca.server}, MinVersion: tls.VersionTLS12},
		ErrorLog:  log.New(io.Discard, "", 0), // a client that ends early is its own business
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				f.opened.Add(1)
			}
		},
	}
	go func() { _ = f.server.ServeTLS(&slow{listener, roundTrip}, "", "") }() // ends with Close
	return f, nil
}

// Connections returns how many connections were opened.
func (f *Front) Connections() int { return int(f.opened.Load()) }

// Close ends the server and its connections.
func (f *Front) Close() { _ = f.server.Close() }

// behind answers with the backend's words, in which the token server has the
// address of the front.
func (b *Backend) behind(host string) http.Handler {
	pass := &httputil.ReverseProxy{
		Transport: b.client.Transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: b.Host})
			r.Out.Host = r.In.Host // Location headers lead back to the front
			r.SetXForwarded()
		},
		ModifyResponse: func(r *http.Response) error {
			for i, challenge := range r.Header["Www-Authenticate"] {
				r.Header["Www-Authenticate"][i] = strings.Replace(challenge, realm, "https://"+host+"/token", 1)
			}
			return nil
		},
	}
	mux := http.NewServeMux()
	mux.Handle("/", pass)
	if b.tokens != nil {
		mux.Handle("/token", b.tokens)
	}
	return mux
}

// delayed makes each request wait.
func delayed(next http.Handler, wait time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(wait)
		next.ServeHTTP(w, r)
	})
}

// slow is a listener whose connections take two round trips to open.
type slow struct {
	net.Listener
	roundTrip time.Duration
}

func (s *slow) Accept() (net.Conn, error) {
	conn, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	ready := sync.OnceFunc(func() { time.Sleep(2 * s.roundTrip) })
	return &settingUp{conn, ready}, nil
}

type settingUp struct {
	net.Conn
	ready func()
}

func (c *settingUp) Read(p []byte) (int, error) {
	c.ready()
	return c.Conn.Read(p)
}
