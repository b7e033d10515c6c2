package manifest

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/store"
)

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
