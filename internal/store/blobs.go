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
		return err
	}
	return r.upload(ctx, session, b)
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

// upload sends the whole blob in one PUT to its session. The source is opened
// again whenever the request has to be repeated.
func (r *registry) upload(ctx context.Context, session *url.URL, b blob) error {
	query := session.Query()
	query.Set("digest", b.desc.Digest.String())
	session.RawQuery = query.Encode()
	body, err := b.open(ctx)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, session.String(), body)
	if err != nil {
		_ = body.Close()
		return err
	}
	req.ContentLength = b.desc.Size
	req.GetBody = reopen(ctx, b)
	if b.desc.Size == 0 {
		// net/http takes length 0 with a body for an unknown length.
		req.Body = http.NoBody
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	_, err = r.do(req, http.StatusCreated, http.StatusOK, http.StatusNoContent)
	return err
}

func reopen(ctx context.Context, b blob) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return b.open(ctx) }
}
