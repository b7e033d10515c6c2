package manifest

import (
	"context"
	"errors"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/store"
)

// gathered is what one source of a spec contributes to the index.
type gathered struct {
	images       []ocispec.Descriptor
	attestations []ocispec.Descriptor
	copies       []Copy
	missing      bool
	warnings     []string
	conflicts    []string
}

// Copy is a manifest that has to be made present in the target's repository,
// with the blobs it names, before the index that names it.
type Copy struct {
	// From is where the manifest came from; its blobs are in the same
	// repository.
	From   store.Ref
	Object store.Object
}

// gather reads one source. What it finds missing it says; the caller decides.
func gather(ctx context.Context, r Reader, src Source, ref, target store.Ref) (*gathered, error) {
	o, err := r.Get(ctx, ref)
	if errors.Is(err, store.ErrNotFound) {
		return &gathered{missing: true}, fmt.Errorf("inspect of image %q failed with error: %w", src.Image, err)
	}
	if err != nil {
		return nil, fmt.Errorf("inspect of image %q failed with error: %w", src.Image, err)
	}
	switch kind := o.Descriptor.MediaType; {
	case isIndex(kind):
		return gatherIndex(ctx, r, src, ref, target, o)
	case isImage(kind):
		return gatherImage(ctx, r, src, ref, target, o)
	default:
		return nil, &InputError{Err: fmt.Errorf("cannot include unknown media type '%s' in a manifest list/index push", kind)}
	}
}

// gatherImage makes an entry of a single image: the platform is what the spec
// declares, and what it leaves open comes from the config (decision 10).
func gatherImage(ctx context.Context, r Reader, src Source, ref, target store.Ref, o store.Object) (*gathered, error) {
	m, err := parseManifest(o.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	config, err := readConfig(ctx, r, ref, m)
	if err != nil {
		return nil, fmt.Errorf("inspect of image %q failed with error: %w", src.Image, err)
	}
	g := &gathered{}
	filled := platform.Fill(src.Platform, config.Platform)
	if err := g.judge(src, config.Platform, filled); err != nil {
		return nil, fmt.Errorf("unable to create platform object for manifest %s: %w", o.Descriptor.Digest, err)
	}
	entry := o.Descriptor
	entry.Platform, entry.Annotations = &filled, src.Annotations
	g.images = []ocispec.Descriptor{entry}
	if !ref.SameRepository(target) {
		g.copies = []Copy{{From: ref, Object: o}}
	}
	return g, nil
}

// judge validates a platform and notes where spec and config contradict each
// other.
func (g *gathered) judge(src Source, configured, filled ocispec.Platform) error {
	warning, err := platform.Validate(filled)
	if err != nil {
		return unsupported(src, err)
	}
	if warning != "" {
		g.warnings = append(g.warnings, fmt.Sprintf("image %s: %s", src.Image, warning))
	}
	for _, c := range platform.Conflicts(src.Platform, configured) {
		g.conflicts = append(g.conflicts, fmt.Sprintf(
			"image %s: its %s is declared as %q, its config says %q", src.Image, c.Field, c.Declared, c.Configured))
	}
	return nil
}

// checkDeclared refuses a platform that no image could make valid, before
// anything is read.
func checkDeclared(src Source) error {
	if src.Platform.OS == "" || src.Platform.Architecture == "" {
		return nil
	}
	if _, err := platform.Validate(src.Platform); err != nil {
		return unsupported(src, err)
	}
	return nil
}

// unsupported ends the predecessor's sentence with what is wrong.
func unsupported(src Source, err error) error {
	bad := &InputError{Err: fmt.Errorf("manifest entry for image %s has %w", src.Image, err)}
	var known *platform.UnsupportedError
	if errors.As(err, &known) {
		bad.Hint = known.Hint()
	}
	return bad
}

// gatherIndex takes the entries of an index as they are.
func gatherIndex(ctx context.Context, r Reader, src Source, ref, target store.Ref, o store.Object) (*gathered, error) {
	index, err := parseIndex(o.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	g := &gathered{}
	if declared := platform.Format(src.Platform); src.Platform.OS+src.Platform.Architecture != "" {
		g.warnings = append(g.warnings, fmt.Sprintf(
			"image %s is an index: its entries keep their platforms, the declared %s is ignored", src.Image, declared))
	}
	for _, d := range index.Manifests {
		if isAttestation(d) {
			g.attestations = append(g.attestations, d)
		} else {
			g.images = append(g.images, d)
		}
	}
	if ref.SameRepository(target) {
		return g, nil
	}
	g.copies, err = children(ctx, r, ref, index.Manifests, 1)
	return g, err
}

// maxDepth bounds how deep indexes may be nested.
const maxDepth = 4

// children fetches the manifests of an index, those of nested indexes before
// the nested index itself, so that they can be written in that order.
func children(ctx context.Context, r Reader, ref store.Ref, entries []ocispec.Descriptor, depth int) ([]Copy, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: indexes are nested more than %d deep", ref, maxDepth)
	}
	lists := make([][]Copy, len(entries))
	g, ctx := errgroup.WithContext(ctx)
	for i, d := range entries {
		g.Go(func() (err error) {
			lists[i], err = childCopies(ctx, r, ref, d, depth)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var all []Copy
	for _, l := range lists {
		all = append(all, l...)
	}
	return all, nil
}

func childCopies(ctx context.Context, r Reader, ref store.Ref, d ocispec.Descriptor, depth int) ([]Copy, error) {
	o, err := child(ctx, r, ref, d)
	if err != nil {
		return nil, fmt.Errorf("reading entry %s of %s: %w", d.Digest, ref, err)
	}
	self := Copy{From: ref.AtDigest(d.Digest), Object: o}
	if !isIndex(o.Descriptor.MediaType) {
		return []Copy{self}, nil
	}
	nested, err := parseIndex(o.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", self.From, err)
	}
	below, err := children(ctx, r, ref, nested.Manifests, depth+1)
	return append(below, self), err
}
