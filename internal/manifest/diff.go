package manifest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
)

// DiffSchema names the fields of Difference and what they mean.
const DiffSchema = "diff/v1"

// Difference is what lies between two references, entry by entry.
type Difference struct {
	Schema string `json:"schema"`
	// Equal is the answer: the bytes are the same or, when the comparison was
	// narrowed to some platforms, the entries of these.
	Equal bool `json:"equal"`
	Old   Side `json:"old"`
	New   Side `json:"new"`
	// Only holds the platforms to which the comparison was narrowed, Absent
	// those of them that neither side has: an Absent one is not Equal.
	Only   []string `json:"only,omitempty"`
	Absent []string `json:"absent,omitempty"`
	// Fields are those of the two documents themselves; empty when narrowed.
	Fields []FieldChange `json:"fields,omitempty"`
	// Entries has every entry of both sides, in the order of the new one, the
	// removed ones at the end.
	Entries []EntryDifference `json:"entries"`
	Summary DiffSummary       `json:"summary"`
}

// Side is one of the two references.
type Side struct {
	// Name is the reference as it was given, Reference the same in full.
	Name      string        `json:"name"`
	Reference string        `json:"reference"`
	Digest    digest.Digest `json:"digest"`
	MediaType string        `json:"mediaType"`
	Index     bool          `json:"index"`
}

// DiffSummary counts entries, attestations among them.
type DiffSummary struct {
	Added   int `json:"added"`
	Removed int `json:"removed"`
	Changed int `json:"changed"`
	Equal   int `json:"equal"`
}

// State is what happened to an entry or a field from old to new.
type State string

// The states. A field is never Same.
const (
	Added   State = "added"
	Removed State = "removed"
	Changed State = "changed"
	Same    State = "equal"
)

// FieldChange is one field that differs. Old and New are as they are written;
// lists and numbers are JSON. The one of the side that lacks it is empty.
type FieldChange struct {
	// Field is the path of the field, such as size, annotations[a.b] or, of the
	// image's config, config.Env[PATH] and created.
	Field string `json:"field"`
	State State  `json:"state"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// EntryDifference is one entry that one side has, or both.
type EntryDifference struct {
	State State `json:"state"`
	Kind  Kind  `json:"kind"`
	// Platform is that of the new side where both have it. An attestation has
	// the platform of the image it is about.
	Platform     *platform.Platform `json:"platform,omitempty"`
	PlatformText string             `json:"platformText"`
	Old          *EntrySide         `json:"old,omitempty"`
	New          *EntrySide         `json:"new,omitempty"`
	Fields       []FieldChange      `json:"fields,omitempty"`
	// Layers is set where the manifests of both sides were read.
	Layers *LayerChange `json:"layers,omitempty"`
	// Notes say what could not be compared.
	Notes []string `json:"notes,omitempty"`
}

// EntrySide is the descriptor of an entry on one side.
type EntrySide struct {
	Digest    digest.Digest `json:"digest"`
	MediaType string        `json:"mediaType"`
	// Size is that of the manifest, in bytes.
	Size int64 `json:"size"`
}

// LayerChange compares the layers of two images. Sizes are in bytes, as they
// are stored, compressed.
type LayerChange struct {
	Added   []Layer `json:"added"`
	Removed []Layer `json:"removed"`
	// Shared counts the layers that both have, SharedBytes their size:
	// what a node that has the old image does not fetch again.
	Shared       int   `json:"shared"`
	SharedBytes  int64 `json:"sharedBytes"`
	AddedBytes   int64 `json:"addedBytes"`
	RemovedBytes int64 `json:"removedBytes"`
	// Reordered is set where both have the same layers in another order.
	Reordered bool `json:"reordered"`
}

// Layer is one layer.
type Layer struct {
	Digest digest.Digest `json:"digest"`
	Size   int64         `json:"size"`
}

// DiffOptions are the choices of Diff.
type DiffOptions struct {
	// Only narrows the comparison to the entries that satisfy one of these.
	Only []platform.Platform
	// Shallow compares the entries as the indexes have them and reads no image.
	Shallow bool
}

// Diff compares what two references name. Both need a tag or a digest and may
// lie in different places. A single image is compared as an index that has
// only this entry. Two indexes cost a request each; for each image that
// changed come two manifests and, where they differ, two configs, unless
// Shallow is set. A manifest that is gone is a note, not an error.
func Diff(ctx context.Context, r Reader, oldName, newName string, o DiffOptions) (Difference, error) {
	before, after, err := fetchBoth(ctx, r, oldName, newName)
	if err != nil {
		return Difference{}, err
	}
	d := Difference{
		Schema: DiffSchema, Equal: bytes.Equal(before.Raw, after.Raw),
		Old: side(oldName, before), New: side(newName, after), Entries: []EntryDifference{},
	}
	was, is, err := bothEntries(ctx, r, &before, &after, d.Equal)
	if err != nil {
		return Difference{}, err
	}
	pairs := match(only(was, o.Only), only(is, o.Only))
	if len(o.Only) == 0 {
		d.Fields = documentFields(before, after)
	} else {
		d.narrow(was, is, o.Only)
	}
	c := &comparer{r: r, before: before, after: after, shallow: o.Shallow}
	if d.Entries, err = c.compare(ctx, pairs); err != nil {
		return Difference{}, err
	}
	d.sum(len(o.Only) > 0)
	return d, nil
}

// fetchBoth fetches both sides at once, and waits for both: which of two errors
// is told is then no matter of chance.
func fetchBoth(ctx context.Context, r Reader, oldName, newName string) (before, after named, err error) {
	oldRef, err := parseNamed(oldName, "")
	if err != nil {
		return before, after, err
	}
	newRef, err := parseNamed(newName, "")
	if err != nil {
		return before, after, err
	}
	r.Expect(oldRef, false)
	r.Expect(newRef, false)
	var g sync.WaitGroup
	var oldErr, newErr error
	g.Go(func() { before, oldErr = fetchNamed(ctx, r, oldRef) })
	g.Go(func() { after, newErr = fetchNamed(ctx, r, newRef) })
	g.Wait()
	return before, after, cmp.Or(oldErr, newErr)
}

func side(name string, n named) Side {
	return Side{
		Name: name, Reference: n.ref.String(), Digest: n.Descriptor.Digest,
		MediaType: n.Descriptor.MediaType, Index: isIndex(n.Descriptor.MediaType),
	}
}

// bothEntries returns the entries of both sides. Those of equal documents are
// the same, and a config of theirs is read once.
func bothEntries(ctx context.Context, r Reader, before, after *named, same bool) (was, is []entry, err error) {
	old, err := before.entries(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	was, is = subjects(old), subjects(old)
	if same {
		return was, is, nil
	}
	fresh, err := after.entries(ctx, r)
	return was, subjects(fresh), err
}

// narrow notes to which platforms the comparison was narrowed.
func (d *Difference) narrow(was, is []entry, wants []platform.Platform) {
	for _, want := range wants {
		d.Only = append(d.Only, platform.Format(want))
		all := slices.Concat(was, is)
		if !slices.ContainsFunc(all, func(e entry) bool { return e.satisfies(want) }) {
			d.Absent = append(d.Absent, platform.Format(want))
		}
	}
}

// sum counts, and answers the question where the comparison was narrowed.
func (d *Difference) sum(narrowed bool) {
	for _, e := range d.Entries {
		switch e.State {
		case Added:
			d.Summary.Added++
		case Removed:
			d.Summary.Removed++
		case Changed:
			d.Summary.Changed++
		case Same:
			d.Summary.Equal++
		}
	}
	if narrowed {
		s := d.Summary
		d.Equal = s.Added+s.Removed+s.Changed == 0 && len(d.Absent) == 0
	}
}

// documentFields compares two documents beside their entries.
func documentFields(before, after named) []FieldChange {
	var f fields
	f.text("mediaType", before.Descriptor.MediaType, after.Descriptor.MediaType)
	if !isIndex(before.Descriptor.MediaType) || !isIndex(after.Descriptor.MediaType) {
		return f
	}
	was, errOld := parseIndex(before.Raw)
	is, errNew := parseIndex(after.Raw)
	if errOld != nil || errNew != nil {
		return f // entries has refused them before
	}
	f.text("artifactType", was.ArtifactType, is.ArtifactType)
	f.text("subject", subjectDigest(was.Subject), subjectDigest(is.Subject))
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
