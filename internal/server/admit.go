package server

import (
	"encoding/json"
	"math"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxURL is the longest URL of a request, in bytes: more than the longest name of an
// image, escaped, with a list of platforms.
const maxURL = 8 << 10

// rejection is a request that is not answered, and why.
type rejection struct {
	status     int
	message    string
	retryAfter time.Duration
}

func (e *rejection) Error() string { return e.message }

// admit checks a request before it is answered.
func (s *Server) admit(w *response, r *http.Request, at route) *rejection {
	client := clientOf(r, s.TrustedProxies)
	w.client = client.String()
	switch {
	case len(r.RequestURI) > maxURL:
		return &rejection{status: http.StatusRequestURITooLong, message: "the URL is too long"}
	case !s.isOwnName(r.Host, at):
		return &rejection{status: http.StatusMisdirectedRequest, message: "this service is not called by that name: --host allows it"}
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		return &rejection{status: http.StatusMethodNotAllowed, message: "only GET and HEAD are supported"}
	case at.unlimited:
		return nil
	}
	if wait := s.clients.take(client, s.Now()); wait > 0 {
		return &rejection{status: http.StatusTooManyRequests, message: "too many requests from your address", retryAfter: wait}
	}
	return nil
}

// isOwnName reports whether the server may be called by a name. A web page of
// someone else can make its name lead here (DNS rebinding): at a loopback address the
// server answers only to the names that it was given (fault 102). Probes and Prometheus
// call by an IP address, which no name leads to.
func (s *Server) isOwnName(hostport string, at route) bool {
	if len(s.Hosts) == 0 || at.unlimited && isAddress(hostport) {
		return true
	}
	host := hostName(hostport)
	return slices.ContainsFunc(s.Hosts, func(own string) bool {
		return strings.EqualFold(own, hostport) || strings.EqualFold(strings.Trim(own, "[]"), host)
	})
}

// isAddress reports whether a Host header has an IP address.
func isAddress(hostport string) bool {
	_, err := netip.ParseAddr(hostName(hostport))
	return err == nil
}

// hostName is a Host header without its port and brackets.
func hostName(hostport string) string {
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		hostport = name
	}
	return strings.Trim(hostport, "[]")
}

// reject answers with an error as JSON.
func (s *Server) reject(w http.ResponseWriter, e *rejection) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	if e.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.retryAfter.Seconds()))))
	}
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(errorBody{e.message}) // the client has gone
}
