package server

import (
	"net/http"
	"strings"

	"manifest-tool/internal/server/page"
)

// route is an address with its answer.
type route struct {
	// path is the whole path, or what it begins with if it ends with a slash.
	path string
	// suffix is the end of such a path.
	suffix string
	// unlimited is set for an address that machines ask regularly: no limit applies,
	// and they may call it by the IP address of the server.
	unlimited bool
	// answer answers a GET or HEAD. rest is what follows path, still escaped.
	answer func(w http.ResponseWriter, r *http.Request, rest string)
}

// routes returns all addresses; openapi.json describes them. The paths are compared
// with what the client sent: http.ServeMux would clean .. and // out of the name of
// an image, and answer about another one (fault 96).
func (s *Server) routes() []route {
	return []route{
		{path: "/", answer: s.showPage},
		{path: page.StaticPath, answer: s.static},
		{path: "/mquery", answer: s.mquery},
		{path: "/v1/images/", answer: s.image},
		{path: "/badge/", suffix: ".svg", answer: s.badge},
		{path: "/healthz", unlimited: true, answer: s.health},
		{path: "/readyz", unlimited: true, answer: s.ready},
		{path: "/metrics", unlimited: true, answer: s.showMetrics},
		{path: "/openapi.json", answer: s.openAPI},
	}
}

// find returns the route of a path, and the rest of the path. An unknown path has a
// route that answers so.
func (s *Server) find(path string) (at route, rest string) {
	for _, at := range s.table {
		if path == at.path && at.suffix == "" {
			return at, ""
		}
		rest, ok := strings.CutPrefix(path, at.path)
		if !ok || !strings.HasSuffix(at.path, "/") || at.path == "/" {
			continue
		}
		if rest, ok = strings.CutSuffix(rest, at.suffix); ok {
			return at, rest
		}
	}
	return route{answer: s.unknown}, path
}

func (s *Server) unknown(w http.ResponseWriter, _ *http.Request, _ string) {
	s.reject(w, &rejection{status: http.StatusNotFound, message: "there is nothing at this address: /openapi.json describes all addresses"})
}
