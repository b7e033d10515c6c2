package push

import (
	"context"
	"errors"
	"fmt"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/store"
)

// sourceReader is one source of a spec on its way into the index.
type sourceReader struct {
	requestSource
	// isLocal is set if all targets are in the repository of the source, so that
	// nothing has to be copied, and no image has to be tagged.
	isLocal bool
	o       Options
	r       manifest.Reader
}

// sourceResult is what a source contributes to the index.
type sourceResult struct {
	requestSource
	// digest is that of its manifest.
	digest       digest.Digest
	images       []entry
	attestations []entry
	// children are the manifests that were read, in the order in which they can be
	// written. All that an entry leads to are among them, unless the source is local.
	children []transfer.Copy
	// missing is the error of a source that does not exist; the other fields
	// are empty then.
	missing error
	// emptyReason says what is wrong with an index that has no images.
	emptyReason string
	conflicts   []string
	// variantDiffers is set if a declared variant contradicts the config: it is then
	// reported once, also if it is not a known one.
	variantDiffers bool
}

// read reads one source. A missing one is a result, since the caller decides
// whether it is an error. Bad input is reported with its place.
func (s sourceReader) read(ctx context.Context) (*sourceResult, error) {
	result, err := s.readSource(ctx)
	var bad *manifest.InputError
	if errors.As(err, &bad) {
		err = withPlace(s.Origin, err)
	}
	return result, err
}

func (s sourceReader) readSource(ctx context.Context) (*sourceResult, error) {
	o, err := s.fetch(ctx)
	if err != nil {
		// A platform that is not valid is bad input, unless the source is an index.
		if invalid := checkDeclared(s.Source, s.o); invalid != nil {
			return nil, invalid
		}
		err = fmt.Errorf("inspect of image %q failed with error: %w", s.Image, err)
		if errors.Is(err, store.ErrNotFound) {
			return &sourceResult{requestSource: s.requestSource, missing: err}, nil
		}
		return nil, err
	}
	if s.expected != "" && o.Descriptor.Digest != s.expected {
		return nil, &SourceMovedError{Image: s.Image, Ref: s.ref, Want: s.expected, Have: o.Descriptor.Digest}
	}
	result, err := s.assemble(ctx, o)
	if err != nil {
		return nil, err
	}
	result.digest = o.Descriptor.Digest
	return result, nil
}

// assemble reads the entries of an image or an index.
func (s sourceReader) assemble(ctx context.Context, o store.Document) (*sourceResult, error) {
	switch kind := o.Descriptor.MediaType; {
	case manifest.IsIndex(kind):
		return s.index(ctx, o)
	case manifest.IsImage(kind):
		return s.image(ctx, o)
	default:
		return nil, &manifest.InputError{Err: fmt.Errorf("cannot include unknown media type '%s' in a manifest list/index push", kind)}
	}
}

// fetch reads the source's manifest, once for all requests of a run. Where neither its
// bytes nor its config are needed, it only requests the descriptor.
func (s sourceReader) fetch(ctx context.Context) (store.Document, error) {
	shared, ok := s.r.(*sharingWriter)
	if !ok {
		return s.await(ctx)
	}
	how := "GET"
	if s.needsHeadOnly() {
		how = "HEAD"
	}
	return shared.source(ctx, s.ref, how, func() (store.Document, error) { return s.await(ctx) })
}

// needsHeadOnly reports whether the bytes of the source are not needed if it is an image.
func (s sourceReader) needsHeadOnly() bool { return s.o.Verify.skipsConfig(s.Source) && s.isLocal }

// request sends the requests for the source's manifest.
func (s sourceReader) request(ctx context.Context) (store.Document, error) {
	if s.needsHeadOnly() {
		d, err := s.r.Head(ctx, s.ref)
		if err != nil || manifest.IsImage(d.MediaType) {
			return store.Document{Descriptor: d}, err
		}
	}
	return s.r.Get(ctx, s.ref)
}
