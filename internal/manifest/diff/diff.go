// Package diff compares what two references name: entry by entry, and for images
// that changed their manifests, configs and layers. It reads through a
// manifest.Reader and returns a Result, which is diff/v1 of docs/output.
package diff

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// Options are the choices of Diff.
type Options struct {
	// Only narrows the comparison to the entries that satisfy one of these.
	Only []platform.Platform
	// Shallow compares the entries as the indexes have them and reads no image.
	Shallow bool
}

// Diff compares what two references name. Both need a tag or a digest and may
// be in different repositories or layouts. A single image is compared as an index that has
// only this entry. Two indexes cost a request each; for each image that
// changed come two manifests and, where they differ, two configs, unless
// Shallow is set. A manifest that is gone is a note, not an error.
func Diff(ctx context.Context, r manifest.Reader, oldName, newName string, o Options) (Result, error) {
	before, after, err := fetchBoth(ctx, r, oldName, newName)
	if err != nil {
		return Result{}, err
	}
	d := Result{
		Schema: Schema, Equal: bytes.Equal(before.Raw, after.Raw),
		Old: side(oldName, before), New: side(newName, after), Entries: []EntryDifference{},
	}
	was, is, err := bothEntries(ctx, r, &before, &after, d.Equal)
	if err != nil {
		return Result{}, err
	}
	pairs := pairEntries(filterByPlatform(was, o.Only), filterByPlatform(is, o.Only))
	if len(o.Only) == 0 {
		d.Fields = documentFields(before, after)
	} else {
		d.recordFilter(was, is, o.Only)
	}
	c := &imageDiffer{r: r, before: before, after: after, shallow: o.Shallow}
	if d.Entries, err = c.compare(ctx, pairs); err != nil {
		return Result{}, err
	}
	d.summarize(len(o.Only) > 0)
	return d, nil
}

// fetchBoth fetches both sides at once, and waits for both: which of two errors
// is returned is then deterministic.
func fetchBoth(ctx context.Context, r manifest.Reader, oldName, newName string) (before, after manifest.Root, err error) {
	oldRef, err := manifest.ParseReference(oldName, "")
	if err != nil {
		return before, after, err
	}
	newRef, err := manifest.ParseReference(newName, "")
	if err != nil {
		return before, after, err
	}
	r.Announce(oldRef, false)
	r.Announce(newRef, false)
	var g sync.WaitGroup
	var oldErr, newErr error
	g.Go(func() { before, oldErr = manifest.FetchRoot(ctx, r, oldRef) })
	g.Go(func() { after, newErr = manifest.FetchRoot(ctx, r, newRef) })
	g.Wait()
	return before, after, cmp.Or(oldErr, newErr)
}

func side(name string, n manifest.Root) Side {
	return Side{
		Name: name, Reference: n.Ref.String(), Digest: n.Descriptor.Digest,
		MediaType: n.Descriptor.MediaType, Index: manifest.IsIndex(n.Descriptor.MediaType),
	}
}

// bothEntries returns the entries of both sides. Those of equal documents are
// the same, and a config of theirs is read once.
func bothEntries(ctx context.Context, r manifest.Reader, before, after *manifest.Root, same bool) (was, is []sideEntry, err error) {
	old, err := before.Entries(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	was, is = withSubjectPlatforms(old), withSubjectPlatforms(old)
	if same {
		return was, is, nil
	}
	fresh, err := after.Entries(ctx, r)
	return was, withSubjectPlatforms(fresh), err
}

// recordFilter notes to which platforms the comparison was narrowed.
func (d *Result) recordFilter(was, is []sideEntry, wants []platform.Platform) {
	for _, want := range wants {
		d.Platforms = append(d.Platforms, platform.Format(want))
		all := slices.Concat(was, is)
		if !slices.ContainsFunc(all, func(e sideEntry) bool { return e.satisfies(want) }) {
			d.MissingPlatforms = append(d.MissingPlatforms, platform.Format(want))
		}
	}
}

// summarize counts, and decides Equal if the comparison was narrowed.
func (d *Result) summarize(narrowed bool) {
	for _, e := range d.Entries {
		switch e.State {
		case Added:
			d.Summary.Added++
		case Removed:
			d.Summary.Removed++
		case Changed:
			d.Summary.Changed++
		case Equal:
			d.Summary.Equal++
		}
	}
	if narrowed {
		s := d.Summary
		d.Equal = s.Added+s.Removed+s.Changed == 0 && len(d.MissingPlatforms) == 0
	}
}

// documentFields compares two documents without their entries.
func documentFields(before, after manifest.Root) []FieldChange {
	var f fieldChanges
	f.compare("mediaType", before.Descriptor.MediaType, after.Descriptor.MediaType)
	if !manifest.IsIndex(before.Descriptor.MediaType) || !manifest.IsIndex(after.Descriptor.MediaType) {
		return f
	}
	was, errOld := manifest.ParseIndex(before.Raw)
	is, errNew := manifest.ParseIndex(after.Raw)
	if errOld != nil || errNew != nil {
		return f // entries has refused them before
	}
	f.compare("artifactType", was.ArtifactType, is.ArtifactType)
	f.compare("subject", subjectDigest(was.Subject), subjectDigest(is.Subject))
	f.annotations(was.Annotations, is.Annotations)
	if sameEntries(was.Manifests, is.Manifests) && !slices.EqualFunc(was.Manifests, is.Manifests, sameDigest) {
		f = append(f, FieldChange{Field: "manifests", State: Changed, Old: "the same entries", New: "in another order"})
	}
	return f
}

func subjectDigest(d *ocispec.Descriptor) string {
	if d == nil {
		return ""
	}
	return d.Digest.String()
}

func sameDigest(a, b ocispec.Descriptor) bool { return a.Digest == b.Digest }

// sameEntries reports whether both indexes name the same manifests as often.
func sameEntries(a, b []ocispec.Descriptor) bool {
	count := map[digest.Digest]int{}
	for _, d := range a {
		count[d.Digest]++
	}
	for _, d := range b {
		if count[d.Digest]--; count[d.Digest] < 0 {
			return false
		}
	}
	return len(a) == len(b)
}

// note formats a note.
func (e *EntryDifference) note(format string, args ...any) {
	e.Notes = append(e.Notes, fmt.Sprintf(format, args...))
}
