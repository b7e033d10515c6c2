package push

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Plan is the push of an index to one repository, ready to be carried out: nothing of
// it is written yet.
type Plan struct {
	// Target is the tag of the index; Tags are further tags of its repository.
	Target reference.Ref
	Tags   []string
	// Index is the index, in the bytes that will be written.
	Index store.Document
	// Current is what the target's tag named when the plan was made.
	Current tagState
	// Copies are the manifests the target's repository needs first, children
	// before the indexes that name them.
	Copies []transfer.Copy
	// Existing are the manifests that were read from the target's repository.
	// They are pushed again if the registry has lost them.
	Existing []transfer.Copy

	// entries are those of the index, with where each was read from.
	entries []entry
	// sources are those of the request, with what they were when the plan was made.
	sources []plannedSource
	// subject, artifactType and annotations are those of the index.
	subject      *ocispec.Descriptor
	artifactType string
	annotations  map[string]string
	// platformTags are the tags of the images.
	platformTags []PlatformTag
	// typeReason says why the index has its media type.
	typeReason string
}

// plannedSource is a source with its digest, which is empty if it did not exist.
type plannedSource struct {
	requestSource
	digest digest.Digest
}

// copyHints returns what is known of the blobs: those of a new tag are probably
// new to the repository as well.
func (p Plan) copyHints() store.CopyHints {
	return store.CopyHints{Absent: p.Current.Digest == "" && p.Current.Err == nil}
}

// errAllMissing is v2's error if nothing is left to push.
var errAllMissing = errors.New("all entries were skipped due to missing source image references; no manifest list to push")

// NewPlans reads all sources of a request and decides the bytes of the index. It
// returns a plan for each target, in their order; all have the same index. It writes
// nothing. The error is an *InputError for bad input, and store.ErrNotFound for a
// source that does not exist.
func NewPlans(ctx context.Context, r manifest.Reader, request Request, o Options) ([]Plan, error) {
	o = o.with(request.spec)
	if err := cmp.Or(o.Type.checkType(request.spec), request.checkFloating(o)); err != nil {
		return nil, err
	}
	request.announce(r, o)
	ctx, stop := context.WithCancel(ctx)
	defer stop() // if a source fails, the requests for the targets' tags are cancelled
	current := inBackground(func() ([]tagState, error) { return lookUpTargets(ctx, r, request.Targets), nil })
	floating := inBackground(func() ([]Target, error) { return request.addFloating(ctx, r, o) })
	defer func() { stop(); _, _ = floating() }() // it may call Note, which must not come after the return
	subject := inBackground(func() (*ocispec.Descriptor, error) { return request.readSubject(ctx, r) })
	all, err := readSources(ctx, r, request, o)
	if err != nil {
		return nil, err
	}
	about, err := subject()
	if err != nil {
		return nil, err
	}
	index, err := buildIndex(request, about, all, o)
	if err != nil {
		return nil, err
	}
	targets, err := floating()
	if err != nil {
		return nil, err
	}
	states, _ := current() // a tag that could not be looked at has the error in its state
	return index.plans(targets, states, o)
}

// announce names all repositories of the request to the reader, so that one
// login covers them.
func (r Request) announce(reader manifest.Reader, o Options) {
	for _, to := range r.Targets {
		reader.Announce(to.Ref, !o.DryRun)
	}
	if r.subject != nil {
		reader.Announce(*r.subject, false)
	}
	for _, src := range r.sources {
		reader.Announce(src.ref, false)
	}
}

// inBackground calls f at once, in the background, and returns a function that waits
// for its results.
func inBackground[T any](f func() (T, error)) func() (T, error) {
	var value T
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		value, err = f()
	}()
	return func() (T, error) { <-done; return value, err }
}

// lookUpTargets asks what the first tag of each target names.
func lookUpTargets(ctx context.Context, r manifest.Reader, targets []Target) []tagState {
	all := make([]tagState, len(targets))
	var wg sync.WaitGroup
	for i, to := range targets {
		wg.Go(func() { all[i] = lookUpTag(ctx, r, to.Ref) })
	}
	wg.Wait()
	return all
}

// readSources reads all sources at the same time and returns the results in the
// order of the spec.
func readSources(ctx context.Context, r manifest.Reader, request Request, o Options) ([]*sourceResult, error) {
	all := make([]*sourceResult, len(request.sources))
	g, ctx := errgroup.WithContext(ctx)
	for i, src := range request.sources {
		g.Go(func() (err error) {
			one := sourceReader{requestSource: src, isLocal: request.isLocal(src.ref) && o.PlatformTags.template == nil, o: o, r: r}
			all[i], err = one.read(ctx)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return all, checkSources(all, o)
}
