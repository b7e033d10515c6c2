package store

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	ggcr "github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// registry is the place of all registry references.
type registry struct {
	wire   *transport.Transport
	client *http.Client
	puller *remote.Puller
	mounts mountCache
	turns  semaphores
}

func newRegistry(t *transport.Transport) (*registry, error) {
	// A token-less Wrapper makes ggcr use the transport as it is: no ping,
	// no login, no retry of its own.
	plain, err := ggcr.FromToken(name.Registry{}, authn.Anonymous, t, &ggcr.Challenge{}, nil)
	if err != nil {
		return nil, err
	}
	puller, err := remote.NewPuller(remote.WithTransport(plain), remote.WithRetryPredicate(func(error) bool { return false }))
	if err != nil {
		return nil, err
	}
	return &registry{wire: t, client: &http.Client{Transport: t}, puller: puller}, nil
}

func (r *registry) get(ctx context.Context, ref reference.Ref) (Document, error) {
	var differs transport.DigestHeaderError
	if ref.Digest != "" { // what differs is an error then, and no doubt
		ctx = transport.WithDigestNote(ctx, &differs)
	}
	got, err := r.puller.Get(ctx, ggcrReference(ref))
	if err != nil && ref.Digest != "" && differs.Claimed == ref.Digest {
		err = digestMismatch(differs.Got)
	}
	if err != nil {
		return Document{}, readError(ref, err)
	}
	o, err := newObject(string(got.MediaType), got.Manifest, ref.Digest)
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", ref, err)
	}
	return o, nil
}

// newObject computes the descriptor of a fetched document and compares it
// with the digest it was asked for by, where there is one.
func newObject(contentType string, raw []byte, want digest.Digest) (Document, error) {
	if isSchema1(raw) {
		return Document{}, ErrSchema1
	}
	algorithm := digest.Canonical
	if want != "" {
		algorithm = want.Algorithm()
	}
	got := algorithm.FromBytes(raw)
	if want != "" && got != want {
		return Document{}, digestMismatch(got)
	}
	kind, err := classify(contentType, raw)
	if err != nil {
		return Document{}, err
	}
	return Document{Raw: raw, Descriptor: ocispec.Descriptor{MediaType: kind, Digest: got, Size: int64(len(raw))}}, nil
}

// digestMismatch says that a manifest has another digest than was asked for.
func digestMismatch(got digest.Digest) error {
	return &MismatchError{Field: "digest", Err: fmt.Errorf("the manifest received has another digest: %s", got)}
}

// put is one PUT. ggcr's Pusher would drop the answer's headers, which say
// under which digest the manifest was stored.
func (r *registry) put(ctx context.Context, ref reference.Ref, o Document) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, requestURL(ref, "manifests", ggcrIdentifier(ref)).String(), bytes.NewReader(o.Raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", o.Descriptor.MediaType)
	resp, err := r.do(req, http.StatusCreated, http.StatusOK, http.StatusAccepted, http.StatusNoContent)
	if err != nil {
		return putError(ref, o.Descriptor.MediaType, err)
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

// readBack fetches what was stored by a registry that did not say as what. Only
// 201 says that it was stored under that tag (distribution-spec, "Pushing
// Manifests"); after another answer, that of a login page say, the tag is what
// is looked at.
func (r *registry) readBack(ctx context.Context, ref reference.Ref, o Document, status int) error {
	at := ref.WithDigest(o.Descriptor.Digest)
	if status != http.StatusCreated {
		at = ref
	}
	got, err := r.get(ctx, at)
	if err == nil && got.Descriptor.Digest != o.Descriptor.Digest {
		err = fmt.Errorf("it names %s, not %s", got.Descriptor.Digest, o.Descriptor.Digest)
	}
	if err != nil {
		return fmt.Errorf("reading back what was pushed to %s: %w", ref, err)
	}
	return nil
}

// do sends a request whose answer has no body of interest.
func (r *registry) do(req *http.Request, want ...int) (*http.Response, error) {
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer transport.Discard(resp)
	return resp, transport.CheckResponse(resp, want...)
}

// ggcrReference is the reference in ggcr's terms: the digest where there is one.
func ggcrReference(r reference.Ref) name.Reference {
	if r.Digest != "" {
		return r.Repository.Digest(r.Digest.String())
	}
	return r.Repository.Tag(r.Tag)
}

func ggcrIdentifier(r reference.Ref) string { return ggcrReference(r).Identifier() }

// requestURL returns the address of part of a repository. The transport settles
// the scheme.
func requestURL(r reference.Ref, kind, identifier string) *url.URL {
	return &url.URL{
		Scheme: "https", Host: r.Repository.RegistryStr(),
		Path: "/v2/" + r.Repository.RepositoryStr() + "/" + kind + "/" + identifier,
	}
}

// blobName shows a blob in error messages.
type blobName struct {
	ref    reference.Ref
	digest digest.Digest
}

func (b blobName) String() string { return fmt.Sprintf("blob %s of %s", b.digest, b.ref) }
