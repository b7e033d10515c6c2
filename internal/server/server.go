package server

import (
	"log/slog"
	"net/http"
	"time"

	"manifest-tool/internal/server/cache"
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
}

// Server answers requests. It is an http.Handler.
type Server struct {
	Options

	routes *http.ServeMux
}

// New returns a Server.
func New(o Options) *Server {
	s := &Server{Options: o, routes: http.NewServeMux()}
	s.routes.HandleFunc("/mquery", s.mquery)
	s.routes.HandleFunc("GET /v1/images/{ref...}", s.image)
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.routes.ServeHTTP(w, r) }
