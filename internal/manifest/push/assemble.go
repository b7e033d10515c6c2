package push

import (
	"errors"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// checkSources warns of missing sources and contradictions, or returns an error
// for the first one that o does not allow.
func checkSources(all []*sourceResult, o Options) error {
	for _, g := range all {
		if g.missing != nil && !o.IgnoreMissing && !g.Optional {
			return g.missing
		}
		if g.missing != nil && g.Optional {
			o.Warn(fmt.Sprintf("image %s is optional and was not found: it is left out", g.Image))
		} else if g.missing != nil {
			o.Warn(fmt.Sprintf("Couldn't access image '%s'. Skipping due to 'ignore missing' configuration.", g.Image))
		}
		if o.Strict && !o.VerifyWarn && len(g.conflicts) > 0 {
			return &manifest.InputError{Err: withPlace(g.Origin, errors.New(g.conflicts[0])), HintText: "correct the spec or rebuild the image; without --strict this is a warning"}
		}
		for _, w := range g.conflicts {
			o.Warn(w)
		}
	}
	return nil
}

// assembled is an index that was put together, for any target.
type assembled struct {
	index   store.Document
	entries []entry
	// children are the manifests that the entries lead to, as far as they were read.
	children []transfer.Copy
	// subject is nil if there is none.
	subject *ocispec.Descriptor
	spec    spec.Spec
	// sources are those of the request.
	sources []plannedSource
	// typeReason says why the index has its media type.
	typeReason string
}

// buildIndex puts the entries in their order, images as the spec has them, then
// attestations, and encodes the index.
func buildIndex(request Request, subject *ocispec.Descriptor, all []*sourceResult, o Options) (assembled, error) {
	a := assembled{subject: subject, spec: request.spec}
	var images, attestations []entry
	for _, g := range all {
		images = append(images, g.images...)
		attestations = append(attestations, g.attestations...)
		a.children = append(a.children, g.children...)
		a.sources = append(a.sources, plannedSource{g.requestSource, g.digest})
	}
	images = dropCovered(images)
	if err := request.checkRequired(images, o); err != nil {
		return a, err
	}
	if len(images) == 0 {
		return a, noImagesError(all)
	}
	for _, g := range all {
		if g.emptyReason != "" {
			o.Warn(g.emptyReason + ": it adds nothing")
		}
	}
	var err error
	if a.entries, err = selectEntries(images, attestations, o); err != nil {
		return a, err
	}
	if err := annotateEntries(a.entries, request.spec.EntryAnnotations); err != nil {
		return a, err
	}
	var kind IndexType
	kind, a.typeReason = o.Type.resolve(a.entries, request.spec)
	a.index, err = kind.encode(a.entries, request.spec, subject)
	if err != nil {
		return a, err
	}
	return a, checkSize(a.index, request.Targets[0].Ref)
}

// plans returns what has to be written for each target. states are what their tags name.
func (a assembled) plans(targets []Target, states []tagState, o Options) ([]Plan, error) {
	var all []Plan
	for i, to := range targets {
		tags, err := o.PlatformTags.plan(to, a)
		if err != nil {
			return nil, err
		}
		p := a.plan(to, states[i])
		p.platformTags = tags
		all = append(all, p)
	}
	return all, nil
}

// plan returns what has to be written for one target.
func (a assembled) plan(to Target, current tagState) Plan {
	p := Plan{
		Target: to.Ref, Tags: to.Tags, Index: a.index, Current: current, entries: a.entries, sources: a.sources, typeReason: a.typeReason,
		subject: a.subject, artifactType: a.spec.ArtifactType, annotations: a.spec.Annotations,
	}
	for _, c := range a.children {
		if c.From.SameRepository(to.Ref) {
			p.Existing = append(p.Existing, c)
		} else {
			p.Copies = append(p.Copies, c)
		}
	}
	p.Copies = pruneCopies(p.Copies, a.entries)
	return p
}

// selectEntries merges equal entries, rejects those with the same platform, and
// appends the attestations of the images.
func selectEntries(images, attestations []entry, o Options) ([]entry, error) {
	images, repeated, err := mergeEqual(images)
	if err != nil {
		return nil, err
	}
	for _, name := range repeated {
		if o.Strict {
			return nil, manifest.InputErrorf("image %s is listed more than once with the same platform", name)
		}
		o.Warn(fmt.Sprintf("image %s is listed more than once with the same platform: it becomes one entry", name))
	}
	if attestations, _, err = mergeEqual(attestations); err != nil {
		return nil, err
	}
	if !o.AllowDuplicates {
		if err := checkDuplicates(images, o); err != nil {
			return nil, err
		}
	}
	return append(images, filterAttestations(images, attestations, o)...), nil
}

// noImagesError says why there are no images to push.
func noImagesError(all []*sourceResult) error {
	for _, g := range all {
		if g.emptyReason != "" {
			return &manifest.InputError{Err: errors.New("there is no image to push: " + g.emptyReason)}
		}
	}
	return errAllMissing
}

// checkSize refuses an index that is larger than what registries have to take.
func checkSize(index store.Document, target reference.Ref) error {
	if index.Descriptor.Size <= transport.MaxManifest {
		return nil
	}
	return &manifest.InputError{Err: fmt.Errorf("the index of %s would be %d bytes long, and registries need not take more than %d", target, index.Descriptor.Size, transport.MaxManifest)}
}
