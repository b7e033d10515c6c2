package manifest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/store"
	"manifest-tool/internal/store/wire"
)

// PushOptions are the choices of one push.
type PushOptions struct {
	Type IndexType
	// IgnoreMissing skips sources that their registry answers as not found.
	IgnoreMissing bool
	// Verify says whether declared platforms are compared with configs; the
	// zero value is VerifyConfig.
	Verify PushVerify
	// VerifyWarn tells of what VerifyBinaries and Strict find in the images,
	// instead of stopping.
	VerifyWarn bool
	// Redact takes secrets out of what a registry wrote; nil changes nothing.
	Redact func(string) string
	// Strict makes a contradiction between spec and config an error.
	Strict bool
	// AllowDuplicates lets two entries have one platform.
	AllowDuplicates bool
	// DropAttestations leaves the attestations of index sources out.
	DropAttestations bool
	// Expect, when set, is what the target must name before the push: a
	// digest, or ExpectAbsent.
	Expect digest.Digest
	// Confirm reads every tag back.
	Confirm bool
	// Wait pauses; it returns early with an error when ctx ends.
	Wait func(ctx context.Context, d time.Duration) error
	// Warn is told what the user should know while the run goes on.
	Warn func(string)
}

// Plan is a push that was thought through: nothing of it is written yet.
type Plan struct {
	// Target is the tag of the index; Tags are further tags of its repository.
	Target store.Ref
	Tags   []string
	// Index is the index, in the bytes that will be written.
	Index store.Object
	// Present is what the target's tag names now.
	Present present
	// Copies are the manifests the target's repository needs first, children
	// before the indexes that name them.
	Copies []Copy
	// sources are the entries of the index and where each was read from.
	sources []located
	// Local are the manifests that were read from the target's repository: a
	// registry that has lost one of them gets it again.
	Local []Copy
}

// errAllMissing is the predecessor's answer when nothing is left to push.
var errAllMissing = errors.New("all entries were skipped due to missing source image references; no manifest list to push")

// MakePlan reads all sources of a spec and decides the bytes of the index. It
// writes nothing. Bad input is an *InputError; a source that is not there is
// store.ErrNotFound.
func MakePlan(ctx context.Context, r Reader, spec Spec, o PushOptions) (Plan, error) {
	refs, err := parseRefs(spec)
	if err != nil {
		return Plan{}, err
	}
	if o.Type == TypeDocker && len(spec.Annotations) > 0 {
		return Plan{}, &InputError{Err: errors.New("manifest list (Docker media type) does not support annotations; use --type oci instead")}
	}
	r.Expect(refs.target, true)
	for _, ref := range refs.sources {
		r.Expect(ref, false)
	}
	now := make(chan present, 1)
	go func() { now <- presentDigest(ctx, r, refs.target) }()
	all, err := gatherAll(ctx, r, spec, refs, o)
	if err != nil {
		return Plan{}, err
	}
	plan, err := assemble(spec, refs.target, all, o)
	plan.Present = <-now
	return plan, err
}

// refs are the references of a spec, read.
type refs struct {
	target  store.Ref
	sources []store.Ref
}

func parseRefs(spec Spec) (refs, error) {
	target, err := store.Parse(spec.Image)
	if err != nil {
		return refs{}, &InputError{Err: fmt.Errorf("error parsing name for manifest list (%s): %w", spec.Image, err)}
	}
	if target.Tag == "" || target.Digest != "" {
		return refs{}, &InputError{Err: fmt.Errorf("the target %s must be a name with a tag, such as %s:latest", spec.Image, target.AtTag(""))}
	}
	if len(spec.Manifests) == 0 {
		return refs{}, &InputError{Err: fmt.Errorf("no manifests are named for %s", spec.Image)}
	}
	out := refs{target: target}
	for _, src := range spec.Manifests {
		ref, err := store.Parse(src.Image)
		if err == nil {
			err = ref.NeedsManifest()
		}
		if err != nil {
			return refs{}, &InputError{Err: fmt.Errorf("unable to parse image reference: %s: %w", src.Image, err)}
		}
		if err := checkDeclared(src); err != nil {
			return refs{}, err
		}
		out.sources = append(out.sources, ref)
	}
	return out, nil
}

// gatherAll reads every source at once and reports in the order of the spec.
func gatherAll(ctx context.Context, r Reader, spec Spec, refs refs, o PushOptions) ([]*gathered, error) {
	all := make([]*gathered, len(refs.sources))
	missing := make([]error, len(refs.sources))
	g, ctx := errgroup.WithContext(ctx)
	for i, ref := range refs.sources {
		g.Go(func() (err error) {
			one := source{Source: spec.Manifests[i], ref: ref, target: refs.target, verify: o.Verify, r: r}
			all[i], err = one.gather(ctx)
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
	return all, report(spec, all, missing, o)
}

// report tells of missing sources and contradictions, or fails for them.
func report(spec Spec, all []*gathered, missing []error, o PushOptions) error {
	for i, g := range all {
		if g.missing && !o.IgnoreMissing {
			return missing[i]
		}
		if g.missing {
			o.Warn(fmt.Sprintf("Couldn't access image '%s'. Skipping due to 'ignore missing' configuration.", spec.Manifests[i].Image))
		}
		if o.Strict && !o.VerifyWarn && len(g.conflicts) > 0 {
			return &InputError{Err: errors.New(g.conflicts[0]), Hint: "correct the spec or rebuild the image; without --strict this is a warning"}
		}
		for _, w := range append(g.warnings, g.conflicts...) {
			o.Warn(w)
		}
	}
	return nil
}

// assemble puts the entries in their order, images as the spec has them, then
// attestations, and encodes the index.
func assemble(spec Spec, target store.Ref, all []*gathered, o PushOptions) (Plan, error) {
	plan := Plan{Target: target, Tags: spec.Tags}
	var images, attestations []ocispec.Descriptor
	sources := map[digest.Digest]store.Ref{}
	for _, g := range all {
		for _, d := range append(g.images, g.attestations...) {
			sources[d.Digest] = g.ref
		}
		images = append(images, g.images...)
		attestations = append(attestations, g.attestations...)
		plan.Copies = append(plan.Copies, g.copies...)
		plan.Local = append(plan.Local, g.local...)
	}
	if len(images) == 0 {
		return plan, errAllMissing
	}
	if !o.AllowDuplicates {
		if err := refuseDuplicates(images); err != nil {
			return plan, err
		}
	}
	entries := append(images, keepAttestations(images, attestations, o)...)
	for _, d := range entries {
		plan.sources = append(plan.sources, located{sources[d.Digest], d})
	}
	plan.Copies = needed(plan.Copies, entries)
	var err error
	plan.Index, err = o.Type.choose(entries, spec.Annotations).encode(entries, spec.Annotations)
	if err == nil && plan.Index.Descriptor.Size > wire.MaxManifest {
		err = &InputError{Err: fmt.Errorf("the index of %s would be %d bytes long, and registries need not take more than %d", target, plan.Index.Descriptor.Size, wire.MaxManifest)}
	}
	return plan, err
}
