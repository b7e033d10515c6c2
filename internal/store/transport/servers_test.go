package transport

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
)

// dropping is a network that breaks the first connections to http.
type dropping struct {
	next  http.RoundTripper
	times int32
	seen  atomic.Int32
}

func (d *dropping) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme == "http" && d.seen.Add(1) <= d.times {
		return nil, io.EOF
	}
	return d.next.RoundTrip(req)
}

// byScheme is a network for each scheme.
type byScheme map[string]http.RoundTripper

func (b byScheme) RoundTrip(req *http.Request) (*http.Response, error) {
	return b[req.URL.Scheme].RoundTrip(req)
}

// listen serves raw connections until the test is over and returns host:port.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// quiet keeps a server's complaints out of the test's output unless it fails.
func quiet(t *testing.T) *log.Logger { return log.New(t.Output(), "server: ", 0) }

// set makes settings those of every host; http and certificates that are not
// checked are for the registries of the run alone, as users mean them.
func set(h HostConfig) func(string, bool) HostConfig {
	return func(_ string, named bool) HostConfig {
		h := h
		h.PlainHTTP, h.Insecure = h.PlainHTTP && named, h.Insecure && named
		return h
	}
}
