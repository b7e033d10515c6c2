package manifest

import (
	"context"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/store"
)

// Verify looks at what references name, each an index or an image, in three
// ways: whether all of it is there and has the digests, sizes and types that it
// is said to have; whether the index and the configs say the same platforms;
// and whether the programs in the layers were built for those. Whatever is not
// as it should be is a Finding, and none keeps others from being found.
//
// A reference that cannot be read at all is an image with an Error. The error
// returned is for bad input and for the end of ctx. Source: issue 7.
func Verify(ctx context.Context, r BlobReader, names []string, o VerifyOptions) (Verification, error) {
	refs := make([]store.Ref, len(names))
	for i, name := range names {
		ref, err := store.Parse(name)
		if err == nil {
			err = ref.NeedsManifest()
		}
		if err != nil {
			return Verification{}, &InputError{Err: fmt.Errorf("error parsing image reference: %w", err)}
		}
		refs[i] = ref
		r.Expect(ref, false)
	}
	run := &verifier{r: r, opts: o, layers: o.reader()}
	images := make([]*verifying, len(refs))
	run.eachImage(images, func(i int) { images[i] = run.read(ctx, names[i], refs[i]) })
	for _, i := range images {
		run.prepare(i)
	}
	run.eachImage(images, func(i int) { run.look(ctx, images[i].entries) })
	if ctx.Err() != nil {
		return Verification{}, context.Cause(ctx)
	}
	v := Verification{Schema: VerificationSchema}
	for _, i := range images {
		v.Images = append(v.Images, run.conclude(i))
		v.Findings.count(v.Images[len(v.Images)-1].Findings)
	}
	return v, nil
}

func (c *Counts) count(all []Finding) {
	for _, f := range all {
		switch f.Severity {
		case SeverityError:
			c.Errors++
		case SeverityWarning:
			c.Warnings++
		default:
			c.Infos++
		}
	}
}

// verifier is the work on all references.
type verifier struct {
	r      BlobReader
	opts   VerifyOptions
	layers *rootfs.Reader
	blobs  once[blobAnswer]
	// children and configs are asked for once, however many entries name them.
	children once[childAnswer]
	configs  once[configAnswer]
}

// blobAnswer is what asking for a blob came to.
type blobAnswer struct {
	size int64
	err  error
}

type childAnswer struct {
	object store.Object
	err    error
}

type configAnswer struct {
	raw []byte
	err error
}

// descriptorKey makes one key of a blob and the place it was asked for in.
func descriptorKey(ref store.Ref, d ocispec.Descriptor) string {
	return ref.AtDigest(d.Digest).String() + fmt.Sprint(" ", d.Size)
}
