package server

import (
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"manifest-tool/internal/server/cache"
	"manifest-tool/internal/server/page"
)

// Options are the settings of a Server.
type Options struct {
	// Cache is what images are read through.
	Cache *cache.Cache
	// Log gets one line for each request.
	Log *slog.Logger
	Now func() time.Time
	// Timeout bounds the work on one request.
	Timeout time.Duration
	// Hosts are the names by which clients may call the server, host or host:port. With
	// none all names are accepted. IP addresses always are at an unlimited route.
	Hosts []string
	// TrustedProxies are the proxies whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Rate limits the requests of a client in a second, on average; 0 means no limit.
	Rate int
	// MaxRequests limits the requests that are answered at the same time; 0 means no
	// limit.
	MaxRequests int
	// Version is that of the program, for the web page.
	Version string
}

// Server answers requests. It is an http.Handler.
type Server struct {
	Options

	table    []route
	metrics  *serverMetrics
	renderer *page.Renderer
	clients  *clientLimits
	working  chan struct{}
	draining atomic.Bool
}

// New returns a Server.
func New(o Options) *Server {
	s := &Server{Options: o, clients: newClientLimits(o.Rate), renderer: page.NewRenderer()}
	if o.MaxRequests > 0 {
		s.working = make(chan struct{}, o.MaxRequests)
	}
	s.table = s.routes()
	s.metrics = newMetrics(s.table)
	return s
}

// Drain makes /readyz report that no more requests should be sent, and closes each
// connection after its request.
func (s *Server) Drain() { s.draining.Store(true) }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := &response{ResponseWriter: w, started: s.Now()}
	s.metrics.inProgress.Inc()
	defer s.metrics.inProgress.Dec()
	defer s.finish(answer, r)
	h := answer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	if s.draining.Load() {
		h.Set("Connection", "close")
	}
	at, rest := s.find(r.URL.EscapedPath())
	answer.route, answer.path = at.path, loggedPath(at.path, rest, r)
	if err := s.admit(answer, r, at); err != nil {
		s.reject(answer, err)
		return
	}
	if s.working != nil && !at.unlimited {
		select {
		case s.working <- struct{}{}:
			defer func() { <-s.working }()
		default:
			s.reject(answer, &rejection{status: http.StatusServiceUnavailable, message: "the service is busy", retryAfter: time.Second})
			return
		}
	}
	at.answer(answer, r, rest)
}
