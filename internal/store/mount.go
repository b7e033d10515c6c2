package store

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"

	"manifest-tool/internal/progress"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// mountCache records the sources that a registry refused to mount from, so that
// a refusal costs one request and not one per blob.
type mountCache struct{ refused sync.Map }

// storeBlob makes a blob present in a repository. It requests a mount first:
// from the source if that is in the same registry, otherwise from the target
// repository itself, which shows whether the blob exists already. A repository of
// another registry is never named. If the mount is not granted, the response opens
// an upload session, which is then used; after any other response, an upload is
// started: a mount only saves one (distribution-spec, "Mounting a blob from another
// repository").
func (r *registry) storeBlob(ctx context.Context, to reference.Ref, b blobCopy) error {
	from := to
	if to.SameRegistry(b.from) {
		from = b.from
	}
	body := r.readAhead(ctx, b)
	defer body.close()
	s, mounted, err := r.mount(ctx, to, from, b)
	if mounted {
		b.counter.Skip(mountState(from, to))
	}
	if err != nil || mounted {
		return writeError(to, err)
	}
	if b.sameHost {
		slots := r.slots.at(to.Repository.RegistryStr(), r.transport)
		if err := slots.acquire(ctx); err != nil {
			r.cancelUpload(ctx, to, s)
			return err
		}
		defer slots.release()
	}
	return writeError(to, r.send(ctx, to, s, b, body))
}

// mountState returns what a granted mount means: one from the target itself shows that
// the target had the blob.
func mountState(from, to reference.Ref) progress.State {
	if from.SameRepository(to) {
		return progress.StateExists
	}
	return progress.StateMounted
}

func (r *registry) mount(ctx context.Context, to, from reference.Ref, b blobCopy) (s upload, mounted bool, err error) {
	pair := to.Repository.Name() + " " + from.Repository.Name()
	if _, refused := r.mounts.refused.Load(pair); !refused && !b.hints.Force {
		query := url.Values{"mount": {b.desc.Digest.String()}, "from": {from.Repository.RepositoryStr()}}
		s, mounted, err = r.startUpload(transport.With(ctx, transport.NotRepeated), to, query)
		if err == nil || status(err) == 0 && !errors.Is(err, http.ErrNoLocation) {
			return s, mounted, err
		}
		if isLastingRefusal(err) {
			r.mounts.refused.Store(pair, true)
		}
	}
	s, _, err = r.startUpload(ctx, to, nil)
	return s, false, err
}

// isLastingRefusal reports whether the next mount from the same source will most
// likely be refused as well. A busy server does not mean that.
func isLastingRefusal(err error) bool {
	switch status(err) {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return false
	}
	return true
}

// startUpload opens an upload session, or mounts if the query requests it.
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
