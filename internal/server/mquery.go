package server

import (
	"context"
	"net/http"

	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/server/cache"
)

// mqueryBody is the answer of mquery's service, field by field.
type mqueryBody struct {
	// CacheTS is when the answer was compared with the registry, in seconds since 1970.
	CacheTS   int64               `json:"cachets"`
	IsList    bool                `json:"islist"`
	ImageName string              `json:"imagename"`
	Digest    string              `json:"digest"`
	MediaType string              `json:"mediatype"`
	ArchList  []platform.Platform `json:"archlist"`
}

// mquery answers as mquery of v2 did: GET with ?image=, and 400 for anything that fails.
func (s *Server) mquery(w http.ResponseWriter, r *http.Request, _ string) {
	ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
	defer cancel()
	name := r.URL.Query().Get("image")
	ref, err := parseImage(name)
	if err != nil {
		s.fail(w, err)
		return
	}
	found, state, err := s.query(ctx, ref, nil)
	if err != nil {
		s.failWith(w, http.StatusBadRequest, err, state)
		return
	}
	s.answer(w, r, s.mqueryAnswer(name, found, state), state, nil)
}

func (s *Server) mqueryAnswer(name string, found inspect.QueryResult, state cache.State) mqueryBody {
	checked := state.Checked
	if checked.IsZero() { // what a digest names does not change
		checked = s.Now()
	}
	out := mqueryBody{
		CacheTS: checked.Unix(), IsList: found.Index, ImageName: name,
		Digest: found.Digest.String(), MediaType: found.MediaType, ArchList: []platform.Platform{},
	}
	for _, p := range found.Platforms {
		if p.Platform != nil {
			out.ArchList = append(out.ArchList, *p.Platform)
		}
	}
	return out
}
