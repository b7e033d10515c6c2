package push

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// parseSubject returns the reference of the subject of an index, nil if it has none. A
// digest alone is in the repository of the first target.
func parseSubject(s spec.Spec, first Target) (*reference.Ref, error) {
	if s.Subject == "" {
		return nil, nil
	}
	if d, err := digest.Parse(s.Subject); err == nil {
		ref := first.Ref.WithDigest(d)
		return &ref, nil
	}
	ref, err := reference.Parse(s.Subject)
	if err == nil {
		err = ref.RequireTagOrDigest()
	}
	if err != nil {
		return nil, manifest.InputErrorf("the subject %s of %s is neither a digest nor a reference: %w", reference.RedactUserinfo(s.Subject), s.Image, err)
	}
	return &ref, nil
}

// readSubject returns the descriptor of the subject, nil if there is none.
func (r Request) readSubject(ctx context.Context, from manifest.Reader) (*ocispec.Descriptor, error) {
	if r.subject == nil {
		return nil, nil
	}
	o, err := from.Get(ctx, *r.subject)
	if err != nil {
		return nil, fmt.Errorf("reading the subject of %s: %w", r.Targets[0].Ref, err)
	}
	d := o.Descriptor
	return &ocispec.Descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: d.Size}, nil
}

// linkSubject checks that an index is found from its subject: a registry with the
// referrers API does that by itself. For others the fallback tag is written if
// Options.ReferrersTag is set (distribution-spec, "Pushing Manifests with Subject"); if
// that fails, the error is a *PartialError.
func (t *tagPusher) linkSubject(ctx context.Context, written Result) error {
	if t.plan.subject == nil {
		return nil
	}
	subject := t.plan.Target.WithDigest(t.plan.subject.Digest)
	listed, err := t.w.Referrers(ctx, subject)
	switch {
	case err != nil:
		return fmt.Errorf("%s was written, but the referrers of its subject cannot be read: %w", t.plan.Target, err)
	case t.isListed(listed):
		return nil
	case t.o.ReferrersTag:
		tag := subject.WithTag(subject.ReferrersTag())
		if err := t.addReferrer(ctx, tag); err != nil {
			return summarize(append(written.all(), TagResult{Tag: tag.Tag, Err: err}), fmt.Errorf("adding it to the referrers of its subject: %w", err))
		}
		return nil
	}
	t.o.Warn(fmt.Sprintf("%s: the registry does not list it as a referrer of its subject; --referrers-tag writes the tag that clients read instead", t.plan.Target))
	return nil
}

func (t *tagPusher) isListed(all []ocispec.Descriptor) bool {
	return slices.ContainsFunc(all, func(d ocispec.Descriptor) bool { return d.Digest == t.plan.Index.Descriptor.Digest })
}

// addReferrer adds the index to those that the fallback tag of its subject lists, unless
// it is there already. It tries again if another client changes the tag meanwhile, and with
// --confirm also if the tag does not list the index afterwards: clients that write at the
// same time replace each other's list.
func (t *tagPusher) addReferrer(ctx context.Context, ref reference.Ref) error {
	var failed error
	for range 6 {
		list, current, err := t.readReferrers(ctx, ref)
		var unconfirmed *UnconfirmedError
		if err != nil && errors.As(failed, &unconfirmed) {
			return &UnconfirmedError{ref, err}
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", ref, err)
		}
		if t.isListed(list.Manifests) {
			return nil
		}
		list.Manifests = append(list.Manifests, t.plan.referrer())
		raw, err := json.MarshalIndent(list, "", "  ")
		if err != nil {
			return err
		}
		o := store.Document{Raw: raw, Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: digest.FromBytes(raw), Size: int64(len(raw))}}
		failed = t.w.CompareAndPutTags(ctx, ref, current, []string{ref.Tag}, o)[0].Err
		var changed *store.TagMismatchError
		switch {
		case failed == nil && t.o.Confirm:
			failed = &UnconfirmedError{ref, errors.New("it does not list the index")}
			if err := t.o.backOff(ctx); err != nil { // those that read the list before this write
				return &UnconfirmedError{ref, err}
			}
		case failed == nil, !errors.As(failed, &changed):
			return failed
		}
	}
	return failed
}

// readReferrers reads the list of a fallback tag. The list is empty if the tag does not
// exist. Any other kind of manifest under the tag is an error, so that it is not replaced
// (distribution-spec, "Pushing Manifests with Subject").
func (t *tagPusher) readReferrers(ctx context.Context, ref reference.Ref) (ocispec.Index, digest.Digest, error) {
	o, err := unshared(t.w).Get(ctx, ref)
	if errors.Is(err, store.ErrNotFound) {
		return ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}, "", nil
	}
	if err != nil {
		return ocispec.Index{}, "", err
	}
	if o.Descriptor.MediaType != ocispec.MediaTypeImageIndex {
		return ocispec.Index{}, "", fmt.Errorf("it is %s, not a list of referrers", o.Descriptor.MediaType)
	}
	list, err := manifest.ParseIndex(o.Raw)
	return list, o.Descriptor.Digest, err
}

// referrer is the entry of the index among the referrers of its subject.
func (p Plan) referrer() ocispec.Descriptor {
	d := p.Index.Descriptor
	return ocispec.Descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: d.Size, ArtifactType: p.artifactType, Annotations: p.annotations}
}
