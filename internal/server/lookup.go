package server

import (
	"context"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/resolve"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/server/cache"
)

// maxName is the longest name of an image that is looked at, in bytes. The
// distribution-spec limits a repository to 255 with its host; tag and digest follow.
const maxName = 255 + 1 + 128 + 1 + 7 + 1 + 128

// parseImage parses the name of an image in a registry; without a tag or digest it
// gets the tag latest. The error is an InputError.
func parseImage(name string) (reference.Ref, error) {
	if name == "" {
		return reference.Ref{}, manifest.InputErrorf("the name of an image is missing")
	}
	if len(name) > maxName {
		return reference.Ref{}, manifest.InputErrorf("the name of an image has more than %d characters", maxName)
	}
	ref, err := manifest.ParseReference(name, "latest")
	if err != nil {
		return ref, err
	}
	if ref.Host() == "" {
		return ref, manifest.InputErrorf("%.80q is not an image in a registry", name)
	}
	return ref, nil
}

// query reads the platforms of an image, and which of those in has are missing.
func (s *Server) query(ctx context.Context, ref reference.Ref, has []platform.Platform) (inspect.QueryResult, cache.State, error) {
	r := s.Cache.Reader()
	found := inspect.QueryOne(ctx, r, ref.String(), has)
	found.Name = ref.Original // as it was given
	return found, r.State(), found.Err
}

// resolve reads which images nodes of some platforms pull.
func (s *Server) resolve(ctx context.Context, ref reference.Ref, rule platform.SelectionRule, wants []platform.Platform) (resolve.Resolution, cache.State, error) {
	r := s.Cache.Reader()
	found, err := resolve.Resolve(ctx, r, ref.String(), rule, wants)
	return found, r.State(), err
}
