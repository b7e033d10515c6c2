package store

import (
	"context"
	"errors"
	"manifest-tool/internal/reference"
	"net/http"
	"net/url"

	ggcr "github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Head asks what a reference names without fetching it. Media type, digest
// and size are what the place claims: no byte was hashed. A registry that
// does not answer HEAD in full is asked by GET.
func (s *Store) Head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	if err := ref.CheckDigest(); err != nil {
		return ocispec.Descriptor{}, err
	}
	if ref.Kind == reference.Registry {
		return s.registry.head(ctx, ref)
	}
	o, err := s.layout.get(ctx, ref)
	return o.Descriptor, err
}

func (r *registry) head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	got, err := r.puller.Head(ctx, ggcrReference(ref))
	if err == nil {
		return ocispec.Descriptor{
			MediaType: mediaType(string(got.MediaType)), Digest: digest.Digest(got.Digest.String()), Size: got.Size,
		}, nil
	}
	if isFinal(err) {
		return ocispec.Descriptor{}, readError(ref, err)
	}
	o, err := r.get(ctx, ref)
	return o.Descriptor, err
}

// isFinal tells a refusal or a broken connection from what GET may mend: a
// server that does not do HEAD, or leaves out digest, length or type.
func isFinal(err error) bool {
	var (
		answer *ggcr.Error
		broken *url.Error
	)
	if errors.As(err, &answer) {
		return answer.StatusCode != http.StatusMethodNotAllowed
	}
	return errors.As(err, &broken)
}
