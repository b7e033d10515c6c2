package manifest

import (
	"errors"
	"fmt"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/store"
	"manifest-tool/internal/store/wire"
)

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
		return plan, nothingLeft(all)
	}
	for _, g := range all {
		if g.lack != "" {
			o.Warn(g.lack + ": it adds nothing")
		}
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
	if err != nil {
		return plan, err
	}
	return plan, checkSize(plan.Index, target)
}

// nothingLeft says why there are no images to push.
func nothingLeft(all []*gathered) error {
	for _, g := range all {
		if g.lack != "" {
			return &InputError{Err: errors.New("there is no image to push: " + g.lack)}
		}
	}
	return errAllMissing
}

// checkSize refuses an index that is larger than what registries have to take.
func checkSize(index store.Document, target store.Ref) error {
	if index.Descriptor.Size <= wire.MaxManifest {
		return nil
	}
	return &InputError{Err: fmt.Errorf("the index of %s would be %d bytes long, and registries need not take more than %d", target, index.Descriptor.Size, wire.MaxManifest)}
}
