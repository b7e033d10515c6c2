package server

import (
	_ "embed"
	"net/http"

	"manifest-tool/internal/server/cache"
)

//go:embed openapi.json
var openAPIDocument []byte

// openAPI answers GET /openapi.json: the description of all addresses.
func (s *Server) openAPI(w http.ResponseWriter, r *http.Request, _ string) {
	s.write(w, r, "application/json", openAPIDocument, cache.State{})
}
