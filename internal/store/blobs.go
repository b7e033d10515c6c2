package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"manifest-tool/internal/store/wire"
)

// mounts remembers which sources a registry refused to mount from, so that
// the refusal costs one request and not one per blob.
type mounts struct{ refused sync.Map }

// receive makes a blob present in a repository. It asks to mount it first:
// from the source where that is in the same registry, else from the target
// repository itself, which answers whether the blob is there already. Another
// registry's repository is never named. A mount that is not granted leaves an
// upload session, which the bytes then use.
func (r *registry) receive(ctx context.Context, to Ref, b blob) error {
	from := to
	if to.SameRegistry(b.from) {
		from = b.from
	}
	session, mounted, err := r.mount(ctx, to, from, b)
	if err != nil || mounted {
		return writeError(to, err)
	}
	return r.upload(ctx, to, session, b)
}

func (r *registry) mount(ctx context.Context, to, from Ref, b blob) (session *url.URL, mounted bool, err error) {
	pair := to.Repository.Name() + " " + from.Repository.Name()
	if _, refused := r.mounts.refused.Load(pair); !refused {
		query := url.Values{"mount": {b.desc.Digest.String()}, "from": {from.Repository.RepositoryStr()}}
		session, mounted, err = r.post(ctx, to, query)
		if err == nil || !mountRefused(err) {
			return session, mounted, err
		}
		r.mounts.refused.Store(pair, true)
	}
	session, _, err = r.post(ctx, to, nil)
	return session, false, err
}

// mountRefused reports whether a registry said no to the mount, where an
// upload may still be welcome.
func mountRefused(err error) bool {
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return false
	}
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return true
	}
	return false
}

// post opens an upload session, or mounts when the query says so.
func (r *registry) post(ctx context.Context, to Ref, query url.Values) (session *url.URL, mounted bool, err error) {
	u := to.url("blobs", "uploads/")
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), nil)
	if err != nil {
		return nil, false, err
	}
	resp, err := r.do(req, http.StatusCreated, http.StatusAccepted)
	if err != nil {
		return nil, false, err
	}
	if resp.StatusCode == http.StatusCreated {
		return nil, true, nil
	}
	session, err = location(resp)
	return session, false, err
}

// location is where an upload goes on. It may be relative (RFC 9110, section
// 10.2.2), and may not leave https.
func location(resp *http.Response) (*url.URL, error) {
	u, err := resp.Location()
	if err != nil {
		return nil, fmt.Errorf("the registry opened an upload without saying where: %w", err)
	}
	if resp.Request.URL.Scheme == "https" && u.Scheme != "https" {
		return nil, fmt.Errorf("refusing to upload to %s://%s: the registry is on https", u.Scheme, u.Host)
	}
	return u, nil
}

// upload sends the whole blob in one PUT to its session. A session on another
// host gets no credentials, also where that host is a registry of this run.
func (r *registry) upload(ctx context.Context, to Ref, session *url.URL, b blob) error {
	query := session.Query()
	query.Set("digest", b.desc.Digest.String())
	session.RawQuery = query.Encode()
	sending := ctx
	if session.Host != to.Repository.RegistryStr() {
		sending = wire.Bare(ctx)
	}
	req, err := http.NewRequestWithContext(sending, http.MethodPut, session.String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	if err := fill(ctx, req, b); err != nil {
		return err
	}
	_, err = r.do(req, http.StatusCreated, http.StatusOK, http.StatusNoContent)
	return writeError(to, err)
}

// fill gives a request the blob as its body. The source is opened again
// whenever the request has to be repeated.
func fill(ctx context.Context, req *http.Request, b blob) (err error) {
	if b.desc.Size == 0 {
		return nil // net/http takes length 0 with a body for an unknown length
	}
	req.ContentLength = b.desc.Size
	req.GetBody = func() (io.ReadCloser, error) { return b.open(wire.Nested(ctx)) }
	req.Body, err = b.open(ctx)
	return err
}
