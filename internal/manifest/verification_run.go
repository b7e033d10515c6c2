package manifest

import (
	"context"
	"fmt"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/store"
)

// Binaries says which programs of an image are looked at.
type Binaries string

// What may be looked at: the programs that the image's command starts, every
// program and shared object of all layers, or none.
const (
	BinariesEntrypoint Binaries = "entrypoint"
	BinariesAll        Binaries = "all"
	BinariesNone       Binaries = "none"
)

// ParseBinaries reads the value of --binaries; others than the three are an
// InputError.
func ParseBinaries(s string) (Binaries, error) {
	switch b := Binaries(s); b {
	case BinariesEntrypoint, BinariesAll, BinariesNone:
		return b, nil
	}
	return "", &InputError{Err: fmt.Errorf("unknown value %q of --binaries: it is entrypoint, all or none", s)}
}

// VerifyOptions are the choices of one verification. The zero value looks at
// the programs that images start and leaves nothing out.
type VerifyOptions struct {
	Binaries Binaries
	// Platform, when set, is the only one whose entries are looked at.
	Platform *platform.Platform
	// Deep reads every layer, to compare its digest.
	Deep bool
	// Ignore are codes whose findings are left out; Severity is the least that
	// a finding must have, "" for any.
	Ignore   []Code
	Severity Severity
	// Redact takes secrets out of what a registry wrote; nil changes nothing.
	Redact func(string) string
	// Limits bound what a layer can make us do; the zero value means the
	// default ones.
	Limits rootfs.Limits
}

// keeps reports whether a finding is to be told.
func (o VerifyOptions) keeps(f Finding) bool {
	return !slices.Contains(o.Ignore, f.Code) && f.Severity.rank() >= o.Severity.rank()
}

func (o VerifyOptions) redact(err error) string {
	if o.Redact == nil {
		return err.Error()
	}
	return o.Redact(err.Error())
}

// layersAtOnce is how many large layers are unpacked at the same time.
const layersAtOnce = 3

func (o VerifyOptions) reader() *rootfs.Reader {
	limits := o.Limits
	if limits == (rootfs.Limits{}) {
		limits = rootfs.DefaultLimits()
	}
	return rootfs.NewReader(rootfs.Options{
		Limits: limits, Programs: o.Binaries == BinariesAll, Whole: o.Deep, DiffIDs: o.Deep, AtOnce: layersAtOnce,
	})
}

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

// verifying is what one reference names, on its way to a result.
type verifying struct {
	out     VerifiedImage
	own     findings // about the index itself
	entries []*examined
}

// imagesAtOnce is how many references are worked on together.
const imagesAtOnce = 16

// eachImage calls work with the number of every image, several at a time.
func (v *verifier) eachImage(images []*verifying, work func(i int)) {
	var g errgroup.Group
	g.SetLimit(imagesAtOnce)
	for i := range images {
		g.Go(func() error {
			work(i)
			return nil
		})
	}
	_ = g.Wait() // what went wrong is among the findings
}

// read fetches what one reference names: manifests and configs.
func (v *verifier) read(ctx context.Context, name string, ref store.Ref) *verifying {
	i := &verifying{out: VerifiedImage{Name: name, Entries: []VerifiedEntry{}, Findings: []Finding{}}}
	o, err := v.r.Get(ctx, ref)
	if err == nil && !isIndex(o.Descriptor.MediaType) && !isImage(o.Descriptor.MediaType) {
		err = fmt.Errorf("%s: unknown descriptor type: %s", ref, o.Descriptor.MediaType)
	}
	if err != nil {
		i.out.err, i.out.Error = err, v.opts.redact(err)
		return i
	}
	i.out.Digest, i.out.MediaType = o.Descriptor.Digest, o.Descriptor.MediaType
	if isIndex(o.Descriptor.MediaType) {
		i.entries = v.collect(ctx, ref, o, &i.own)
		return i
	}
	single := &examined{ref: ref.AtDigest(o.Descriptor.Digest), desc: o.Descriptor, kind: KindImage, object: &o}
	v.open(ctx, single)
	i.entries = []*examined{single}
	return i
}

// prepare does what needs no reading: it picks the entries that were asked for
// and compares what index and configs say.
func (v *verifier) prepare(i *verifying) {
	if i.out.err != nil {
		return
	}
	i.entries = v.choose(i.entries, &i.own)
	findDuplicates(i.entries)
	for _, e := range i.entries {
		e.compare()
		v.share(e)
	}
}

// look reads layers, for the programs in them, and asks for all other blobs.
func (v *verifier) look(ctx context.Context, entries []*examined) {
	v.eachEntry(ctx, entries, v.binaries)
	v.eachEntry(ctx, entries, v.blobsOf)
}

// eachEntry calls work for every entry, several at a time.
func (v *verifier) eachEntry(ctx context.Context, entries []*examined, work func(context.Context, *examined)) {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, e := range entries {
		g.Go(func() error {
			work(ctx, e)
			return nil
		})
	}
	_ = g.Wait() // what went wrong is among the findings
}

// choose leaves the entries of the platform that was asked for.
func (v *verifier) choose(entries []*examined, own *findings) []*examined {
	if v.opts.Platform == nil {
		return entries
	}
	want := platform.Canonical(*v.opts.Platform)
	var kept []*examined
	var there []string
	for _, e := range entries {
		p := e.desc.Platform
		if p == nil {
			p = e.configured
		}
		if p == nil || e.kind == KindIndex {
			continue
		}
		there = append(there, platform.Format(*p))
		got := platform.Canonical(*p)
		if got.OS == want.OS && got.Architecture == want.Architecture && got.Variant == want.Variant &&
			(want.OSVersion == "" || got.OSVersion == want.OSVersion) {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 {
		own.add(CodePlatformAbsent, Finding{
			Wanted: platform.Format(*v.opts.Platform), Got: listed(there), How: "the platforms of the index's entries",
		})
	}
	return kept
}

// conclude puts the findings that are to be told together.
func (v *verifier) conclude(i *verifying) VerifiedImage {
	keep := func(all findings) (kept []Finding) {
		for _, f := range all {
			if v.opts.keeps(f) {
				kept = append(kept, f)
			}
		}
		return kept
	}
	out := i.out
	out.Findings = append(out.Findings, keep(i.own)...)
	for _, e := range i.entries {
		for k := range e.found {
			e.found[k].Entry = nameOf(e.desc, e.configured)
		}
		told := keep(e.found)
		out.Findings = append(out.Findings, told...)
		out.Entries = append(out.Entries, e.verified(told))
	}
	return out
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
