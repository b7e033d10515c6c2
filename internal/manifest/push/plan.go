package push

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/manifest/verify"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Plan is a push that was thought through: nothing of it is written yet.
type Plan struct {
	// Target is the tag of the index; Tags are further tags of its repository.
	Target reference.Ref
	Tags   []string
	// Index is the index, in the bytes that will be written.
	Index store.Document
	// Current is what the target's tag names now.
	Current tagState
	// Copies are the manifests the target's repository needs first, children
	// before the indexes that name them.
	Copies []transfer.Copy
	// Existing are the manifests that were read from the target's repository: a
	// registry that has lost one of them gets it again.
	Existing []transfer.Copy

	// sources are the entries of the index, with where each was read from.
	sources []verify.SourceEntry
}

// copyHints returns what is known of the blobs: those of a new tag are most
// likely new to the repository as well.
func (p Plan) copyHints() store.CopyHints {
	return store.CopyHints{Absent: p.Current.Digest == "" && p.Current.Err == nil}
}

// errAllMissing is the predecessor's answer when nothing is left to push.
var errAllMissing = errors.New("all entries were skipped due to missing source image references; no manifest list to push")

// NewPlan reads all sources of a spec and decides the bytes of the index. It
// writes nothing. Bad input is an *InputError; a source that is not there is
// store.ErrNotFound.
func NewPlan(ctx context.Context, r manifest.Reader, spec spec.Spec, o Options) (Plan, error) {
	refs, err := parseRefs(spec)
	if err != nil {
		return Plan{}, err
	}
	if o.Type == TypeDocker && len(spec.Annotations) > 0 {
		return Plan{}, &manifest.InputError{Err: errors.New("manifest list (Docker media type) does not support annotations; use --type oci instead")}
	}
	r.Announce(refs.target, true)
	for _, ref := range refs.sources {
		r.Announce(ref, false)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop() // where a source fails, nobody waits for the look at the target
	now := make(chan tagState, 1)
	go func() { now <- lookUpTag(ctx, r, refs.target) }()
	all, err := readSources(ctx, r, spec, refs, o)
	if err != nil {
		return Plan{}, err
	}
	plan, err := buildIndex(spec, refs.target, all, o)
	plan.Current = <-now
	return plan, err
}

// planRefs are the references of a spec, read.
type planRefs struct {
	target  reference.Ref
	sources []reference.Ref
}

func parseRefs(spec spec.Spec) (planRefs, error) {
	target, err := reference.Parse(spec.Image)
	if err != nil {
		return planRefs{}, &manifest.InputError{Err: fmt.Errorf("error parsing name for manifest list (%s): %w", reference.RedactUserinfo(spec.Image), err)}
	}
	if target.Tag == "" || target.Digest != "" {
		return planRefs{}, &manifest.InputError{Err: fmt.Errorf("the target %s must be a name with a tag, such as %s:latest", spec.Image, target.WithTag(""))}
	}
	if len(spec.Manifests) == 0 {
		return planRefs{}, &manifest.InputError{Err: fmt.Errorf("no manifests are named for %s", spec.Image)}
	}
	out := planRefs{target: target}
	for _, src := range spec.Manifests {
		ref, err := reference.Parse(src.Image)
		if err == nil {
			err = ref.RequireTagOrDigest()
		}
		if err != nil {
			return planRefs{}, &manifest.InputError{Err: fmt.Errorf("unable to parse image reference: %s: %w", reference.RedactUserinfo(src.Image), err)}
		}
		if err := checkDeclared(src); err != nil {
			return planRefs{}, err
		}
		out.sources = append(out.sources, ref)
	}
	return out, nil
}

// readSources reads every source at once and reports in the order of the spec.
func readSources(ctx context.Context, r manifest.Reader, spec spec.Spec, refs planRefs, o Options) ([]*sourceResult, error) {
	all := make([]*sourceResult, len(refs.sources))
	missing := make([]error, len(refs.sources))
	g, ctx := errgroup.WithContext(ctx)
	for i, ref := range refs.sources {
		g.Go(func() (err error) {
			one := sourceReader{Source: spec.Manifests[i], ref: ref, target: refs.target, verify: o.Verify, r: r}
			all[i], err = one.read(ctx)
			if all[i] != nil {
				all[i].ref = ref
			}
			if all[i] != nil && all[i].missing {
				missing[i], err = err, nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return all, checkSources(spec, all, missing, o)
}
