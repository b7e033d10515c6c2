package server

import "net/http"

type healthBody struct {
	Status string `json:"status"`
}

// health answers GET /healthz: the process answers requests.
func (s *Server) health(w http.ResponseWriter, r *http.Request, _ string) {
	s.plain(w, r, healthBody{"ok"})
}

// ready answers GET /readyz: 503 once the server is about to end.
func (s *Server) ready(w http.ResponseWriter, r *http.Request, _ string) {
	if s.draining.Load() {
		s.reject(w, &rejection{status: http.StatusServiceUnavailable, message: "the service is about to end"})
		return
	}
	s.plain(w, r, healthBody{"ready"})
}
