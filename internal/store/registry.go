package store

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	ggcr "github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// registry implements storage in registries, without mirrors.
type registry struct {
	transport *transport.Transport
	client    *http.Client
	puller    *remote.Puller
	mounts    mountCache
	slots     semaphores
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
	return &registry{transport: t, client: &http.Client{Transport: t}, puller: puller}, nil
}

// capabilities are those of every registry: none has a step that compares and sets
// (distribution-spec, "Pushing Manifests").
func (r *registry) capabilities() Capabilities { return Capabilities{ChecksChildren: true} }

// do sends a request whose response body is not needed.
func (r *registry) do(req *http.Request, want ...int) (*http.Response, error) {
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer transport.Discard(resp)
	return resp, transport.CheckResponse(resp, want...)
}

// ggcrReference converts a reference to ggcr's: the digest if it has one.
func ggcrReference(r reference.Ref) name.Reference {
	if r.Digest != "" {
		return r.Repository.Digest(r.Digest.String())
	}
	return r.Repository.Tag(r.Tag)
}

// requestURL returns the URL of part of a repository. The transport chooses the
// scheme.
func requestURL(r reference.Ref, kind, identifier string) *url.URL {
	return &url.URL{
		Scheme: "https", Host: r.Repository.RegistryStr(),
		Path: "/v2/" + r.Repository.RepositoryStr() + "/" + kind + "/" + identifier,
	}
}

// blobName is the name of a blob in error messages.
type blobName struct {
	ref    reference.Ref
	digest digest.Digest
}

func (b blobName) String() string { return fmt.Sprintf("blob %s of %s", b.digest, b.ref) }
