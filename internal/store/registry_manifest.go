package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	ggcr "github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/mediatype"
	"manifest-tool/internal/store/transport"
)

func (r *registry) get(ctx context.Context, ref reference.Ref) (Document, error) {
	got, err := r.puller.Get(ctx, ggcrReference(ref))
	var differs *transport.DigestHeaderError
	if ref.Digest != "" && errors.As(err, &differs) {
		err = digestMismatch(differs.Got)
	}
	if err != nil {
		return Document{}, readError(ref, err)
	}
	o, err := newDocument(string(got.MediaType), got.Manifest, ref.Digest)
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", ref, err)
	}
	return o, nil
}

func (r *registry) head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	got, err := r.puller.Head(ctx, ggcrReference(ref))
	if err == nil {
		return ocispec.Descriptor{
			MediaType: mediatype.OfHeader(string(got.MediaType)), Digest: digest.Digest(got.Digest.String()), Size: got.Size,
		}, nil
	}
	if isFinal(err) {
		return ocispec.Descriptor{}, readError(ref, err)
	}
	o, err := r.get(ctx, ref)
	return o.Descriptor, err
}

// isFinal distinguishes a refusal or a broken connection from what a GET may
// solve: a server that does not support HEAD, or omits digest, length or type.
func isFinal(err error) bool {
	var (
		answer *ggcr.Error
		broken *url.Error
	)
	if errors.As(err, &answer) {
		return !isHeadRefused(answer)
	}
	return errors.As(err, &broken)
}

// newDocument computes the descriptor of a fetched document and compares it with
// the requested digest, if there is one.
func newDocument(contentType string, raw []byte, want digest.Digest) (Document, error) {
	if mediatype.IsSchema1(raw) {
		return Document{}, mediatype.ErrSchema1
	}
	algorithm := digest.Canonical
	if want != "" {
		algorithm = want.Algorithm()
	}
	got := algorithm.FromBytes(raw)
	if want != "" && got != want {
		return Document{}, digestMismatch(got)
	}
	kind, err := mediatype.Of(contentType, raw)
	if err != nil {
		return Document{}, err
	}
	return Document{Raw: raw, Descriptor: ocispec.Descriptor{MediaType: kind, Digest: got, Size: int64(len(raw))}}, nil
}

// digestMismatch reports that a manifest does not have the requested digest.
func digestMismatch(got digest.Digest) error {
	return &MismatchError{Field: "digest", Err: fmt.Errorf("the manifest received has another digest: %s", got)}
}

// put is one PUT. ggcr's Pusher would drop the response headers, which contain the
// digest under which the manifest was stored.
func (r *registry) put(ctx context.Context, ref reference.Ref, o Document) error {
	resp, sent, err := r.putManifest(ctx, requestURL(ref, "manifests", ggcrReference(ref).Identifier()), o,
		http.StatusCreated, http.StatusOK, http.StatusAccepted, http.StatusNoContent)
	if err != nil {
		err = putError(ref, o.Descriptor.MediaType, err)
		if sent && isUncertain(err) {
			err = &UncertainError{err}
		}
		return err
	}
	said := resp.Header.Get("Docker-Content-Digest")
	if said == "" {
		return r.readBack(ctx, ref, o, resp.StatusCode)
	}
	if said != o.Descriptor.Digest.String() {
		return fmt.Errorf("%s: the registry stored it as %s, not as %s", ref, said, o.Descriptor.Digest)
	}
	return nil
}

// putManifest reports as well whether the request was sent, at least in part.
func (r *registry) putManifest(ctx context.Context, u *url.URL, o Document, want ...int) (resp *http.Response, sent bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, u.String(), bytes.NewReader(o.Raw))
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Content-Type", o.Descriptor.MediaType)
	isSent := noteSent(req)
	resp, err = r.do(req, want...)
	return resp, isSent.Load(), err
}

// readBack fetches what a registry stored without reporting its digest. Only 201
// means that it was stored under that tag (distribution-spec, "Pushing
// Manifests"); after any other response, such as that of a login page, the tag is
// read instead.
func (r *registry) readBack(ctx context.Context, ref reference.Ref, o Document, status int) error {
	at := ref.WithDigest(o.Descriptor.Digest)
	if status != http.StatusCreated {
		at = ref
	}
	got, err := r.get(ctx, at)
	if err == nil && got.Descriptor.Digest != o.Descriptor.Digest {
		err = fmt.Errorf("it names %s, not %s", got.Descriptor.Digest, o.Descriptor.Digest)
	} else if err != nil && isUncertain(err) {
		err = &UncertainError{err}
	}
	if err != nil {
		return fmt.Errorf("reading back what was pushed to %s: %w", ref, err)
	}
	return nil
}

// putWithTagParams is one PUT by digest that names the tags, and returns those that
// the registry did not report as set (distribution-spec, "Pushing Manifests", tag
// parameters and OCI-Tag): all of them if it does not support that. sent is set if the
// registry got the request and did not respond.
func (r *registry) putWithTagParams(ctx context.Context, ref reference.Ref, tags []string, o Document) (left []string, sent bool) {
	u := requestURL(ref, "manifests", o.Descriptor.Digest.String())
	u.RawQuery = url.Values{"tag": tags}.Encode()
	resp, sent, err := r.putManifest(ctx, u, o, http.StatusCreated)
	if err != nil || resp.Header.Get("Docker-Content-Digest") != o.Descriptor.Digest.String() {
		return tags, sent && err != nil && isUncertain(err)
	}
	set := resp.Header.Values("OCI-Tag")
	return slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return slices.Contains(set, tag) }), false
}
