// Package verify checks images and indexes: whether all content exists and
// matches its descriptors, whether index and configs declare the same platforms,
// and whether the programs in the layers were built for them. Verify checks what
// references name, Entries an index that is not written yet. Results are
// findings with a Code each; Result is verify/v1 of docs/output.
package verify

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/oncemap"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/store/mediatype"
	"manifest-tool/internal/store/transport"
)

// Verify looks at what references name, each an index or an image, in three
// ways: whether all of it is there and has the digests, sizes and types that it
// is said to have; whether the index and the configs say the same platforms;
// and whether the programs in the layers were built for those. Whatever is not
// as it should be is a Finding, and none keeps others from being found.
//
// A reference that cannot be read at all is an image with an Error. The error
// returned is for bad input and for the end of ctx. Source: issue 7.
func Verify(ctx context.Context, r manifest.BlobReader, names []string, o Options) (Result, error) {
	refs := make([]reference.Ref, len(names))
	for i, name := range names {
		ref, err := manifest.ParseReference(name, "")
		if err != nil {
			return Result{}, err
		}
		refs[i] = ref
		r.Announce(ref, false)
	}
	run := newVerifier(r, o)
	images := make([]*imageCheck, len(refs))
	run.eachImage(images, func(i int) { images[i] = run.read(ctx, names[i], refs[i]) })
	for _, i := range images {
		run.compareDeclared(ctx, i)
	}
	run.eachImage(images, func(i int) { run.checkContents(ctx, images[i].entries) })
	if ctx.Err() != nil {
		return Result{}, context.Cause(ctx)
	}
	v := Result{Schema: Schema}
	for _, i := range images {
		v.Images = append(v.Images, run.result(i))
		v.Summary.count(v.Images[len(v.Images)-1].Findings)
	}
	return v, nil
}

func (c *FindingCounts) count(all []Finding) {
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
	r      manifest.BlobReader
	opts   Options
	layers *rootfs.Reader
	// manifests, configs and blobs are requested once, however many entries
	// name them.
	manifests manifest.Reader
	configs   oncemap.Map[string, []byte]
	blobs     oncemap.Map[string, int64] // sizes
}

func newVerifier(r manifest.BlobReader, o Options) *verifier {
	return &verifier{r: r, opts: o, layers: o.reader(), manifests: manifest.CacheManifests(r)}
}

// imageCheck is what one reference names, on its way to a result.
type imageCheck struct {
	ref           reference.Ref
	out           Image
	indexFindings findings // about the index itself
	entries       []*entryCheck
}

// maxImages is how many references are worked on together.
const maxImages = 16

// eachImage calls work with the number of every image, several at a time.
func (v *verifier) eachImage(images []*imageCheck, work func(i int)) {
	var g errgroup.Group
	g.SetLimit(maxImages)
	for i := range images {
		g.Go(func() error {
			work(i)
			return nil
		})
	}
	_ = g.Wait() // what went wrong is among the findings
}

// read fetches what one reference names: manifests and configs.
func (v *verifier) read(ctx context.Context, name string, ref reference.Ref) *imageCheck {
	i := &imageCheck{ref: ref, out: Image{Name: name, Entries: []Entry{}, Findings: []Finding{}}}
	var differs transport.DigestHeaderError
	reported := transport.With(ctx, transport.OnDigestMismatch(func(e *transport.DigestHeaderError) { differs = *e }))
	n, err := manifest.FetchRoot(reported, v.r, ref)
	if differs.Claimed != "" {
		i.out.Digest = differs.Got
		i.indexFindings.add(CodeDigestMismatch, Finding{Expected: differs.Claimed.String(), Actual: differs.Got.String(), Evidence: "GET of the tag"})
		if errors.Is(err, mediatype.ErrNotAManifest) {
			return i // that is why
		}
	}
	if err != nil {
		i.out.err, i.out.Error = err, err.Error()
		return i
	}
	o := n.Document
	i.out.Digest, i.out.MediaType = o.Descriptor.Digest, o.Descriptor.MediaType
	if manifest.IsIndex(o.Descriptor.MediaType) {
		i.entries = v.readIndex(ctx, ref, o, &i.indexFindings)
		return i
	}
	single := &entryCheck{ref: ref.WithDigest(o.Descriptor.Digest), desc: o.Descriptor, kind: manifest.KindImage, object: &o}
	v.readManifest(ctx, single)
	i.entries = []*entryCheck{single}
	return i
}

// compareDeclared selects the requested entries and compares the platforms that
// index and configs declare. Nothing is requested that was read before.
func (v *verifier) compareDeclared(ctx context.Context, i *imageCheck) {
	if i.out.err != nil {
		return
	}
	findLevels(i.entries)
	i.entries = v.filterByPlatform(ctx, i)
	findDuplicates(i.entries)
	for _, e := range i.entries {
		e.compare()
		v.noteOtherLayers(e)
		v.announceLayers(e)
	}
}

// checkContents reads layers for the programs in them, and requests all other
// blobs.
func (v *verifier) checkContents(ctx context.Context, entries []*entryCheck) {
	v.eachEntry(ctx, entries, v.checkBinaries)
	v.eachEntry(ctx, entries, v.blobsOf)
}

// eachEntry calls work for every entry, several at a time.
func (v *verifier) eachEntry(ctx context.Context, entries []*entryCheck, work func(context.Context, *entryCheck)) {
	var g errgroup.Group
	g.SetLimit(manifest.MaxConcurrent)
	for _, e := range entries {
		g.Go(func() error {
			work(ctx, e)
			return nil
		})
	}
	_ = g.Wait() // what went wrong is among the findings
}

// result collects the findings to report.
func (v *verifier) result(i *imageCheck) Image {
	keep := func(all findings) (kept []Finding) {
		for _, f := range all {
			if v.opts.includes(f) {
				kept = append(kept, f)
			}
		}
		return kept
	}
	out := i.out
	out.Findings = append(out.Findings, keep(i.indexFindings)...)
	for _, e := range i.entries {
		for k := range e.found {
			e.found[k].Entry = entryRef(e.desc, e.configured)
		}
		included := keep(e.found)
		out.Findings = append(out.Findings, included...)
		out.Entries = append(out.Entries, e.result(included))
	}
	return out
}
