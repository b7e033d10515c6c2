package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/server/cache"
)

// mqueryBody is the answer of mquery, field by field.
type mqueryBody struct {
	// CacheTS is when the answer was compared with the registry.
	CacheTS   string   `json:"cachets"`
	IsList    bool     `json:"islist"`
	ImageName string   `json:"imagename"`
	Digest    string   `json:"digest"`
	MediaType string   `json:"mediatype"`
	ArchList  []string `json:"archlist"`
}

// mquery answers as mquery of v2 did: GET with ?image=, 400 for anything that fails and
// 405 for other methods.
func (s *Server) mquery(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		s.mqueryError(w, http.StatusMethodNotAllowed, "only GET is supported")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
	defer cancel()
	name := r.URL.Query().Get("image")
	ref, err := parseImage(name)
	if err != nil {
		s.mqueryError(w, http.StatusBadRequest, err.Error())
		return
	}
	found, state, err := s.query(ctx, ref)
	if err != nil {
		s.mqueryError(w, http.StatusBadRequest, err.Error())
		return
	}
	s.answer(w, r, mqueryAnswer(name, found, state), state, nil)
}

func mqueryAnswer(name string, found inspect.QueryResult, state cache.State) mqueryBody {
	out := mqueryBody{
		CacheTS: state.Checked.UTC().Format(time.RFC3339), IsList: found.Index, ImageName: name,
		Digest: found.Digest.String(), MediaType: found.MediaType, ArchList: []string{},
	}
	for _, p := range found.Platforms {
		out.ArchList = append(out.ArchList, strings.TrimSpace(p.PlatformText))
	}
	return out
}

func (s *Server) mqueryError(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(errorBody{message}) // the client has gone
}
