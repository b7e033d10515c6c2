package store

import (
	"context"
	"manifest-tool/internal/reference"
	"net/http"
	"net/url"
	"sync"
)

// mountCache remembers which sources a registry refused to mount from, so that
// the refusal costs one request and not one per blob.
type mountCache struct{ refused sync.Map }

// storeBlob makes a blob present in a repository. It asks to mount it first:
// from the source where that is in the same registry, else from the target
// repository itself, which answers whether the blob is there already. Another
// registry's repository is never named. A mount that is not granted leaves an
// upload session, which the bytes then use.
func (r *registry) storeBlob(ctx context.Context, to reference.Ref, b transfer) error {
	from := to
	if to.SameRegistry(b.from) {
		from = b.from
	}
	body := r.readAhead(ctx, b)
	defer body.close()
	s, mounted, err := r.mount(ctx, to, from, b)
	if err != nil || mounted {
		return writeError(to, err)
	}
	if b.sameHost {
		turns := r.turns.at(to.Repository.RegistryStr(), r.wire)
		if err := turns.acquire(ctx); err != nil {
			r.cancelUpload(ctx, to, s)
			return err
		}
		defer turns.release()
	}
	return writeError(to, r.send(ctx, to, s, b, body))
}

func (r *registry) mount(ctx context.Context, to, from reference.Ref, b transfer) (s upload, mounted bool, err error) {
	pair := to.Repository.Name() + " " + from.Repository.Name()
	if _, refused := r.mounts.refused.Load(pair); !refused && !b.force {
		query := url.Values{"mount": {b.desc.Digest.String()}, "from": {from.Repository.RepositoryStr()}}
		s, mounted, err = r.startUpload(ctx, to, query)
		if err == nil || !mountRefused(err) {
			return s, mounted, err
		}
		r.mounts.refused.Store(pair, true)
	}
	s, _, err = r.startUpload(ctx, to, nil)
	return s, false, err
}

// mountRefused reports whether a registry said no to the mount, where an
// upload may still be welcome.
func mountRefused(err error) bool {
	switch status(err) {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return true
	}
	return false
}

// startUpload opens an upload session, or mounts when the query says so.
func (r *registry) startUpload(ctx context.Context, to reference.Ref, query url.Values) (s upload, mounted bool, err error) {
	u := requestURL(to, "blobs", "uploads/")
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), nil)
	if err != nil {
		return s, false, err
	}
	resp, err := r.do(req, http.StatusCreated, http.StatusAccepted)
	if err != nil || resp.StatusCode == http.StatusCreated {
		return s, err == nil, err
	}
	s.chunk = minChunkSize(resp)
	s.at, err = location(resp)
	return s, false, err
}
