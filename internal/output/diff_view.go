package output

import (
	"fmt"
	"slices"

	"manifest-tool/internal/bytesize"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/diff"
)

// entryView shows the entries on a terminal: a table, then the changes, once for
// all entries that have the same ones. Attestations, which change with their
// images, are only counted.
func (t *text) entryView(all []diff.EntryDifference) {
	var images []diff.EntryDifference
	states := map[diff.State]int{}
	for _, e := range all {
		if e.Kind == manifest.KindAttestation {
			states[e.State]++
		} else {
			images = append(images, e)
		}
	}
	t.entryTable(images)
	if len(images) < len(all) {
		t.line(" attestations among them: %d added, %d removed, %d changed, %d equal",
			states[diff.Added], states[diff.Removed], states[diff.Changed], states[diff.Equal])
	}
	for _, g := range groups(images) {
		t.line(" * %s:", g.names)
		for _, note := range g.entry.Notes {
			t.line("   %s", t.paint.bad(Escape(note)))
		}
		t.changes(withoutByteFields(g.entry.Fields), "   ")
	}
}

func (t *text) entryTable(all []diff.EntryDifference) {
	rows := &table{header: []string{"", "PLATFORM", "OLD", "NEW", "LAYERS", "FETCH", "SHARED"}, flexible: []shrinkable{{2, minDigestWidth}, {3, minDigestWidth}}, indent: " "}
	for _, e := range all {
		mark, shade := stateMark(e.State)
		layers, fetch, shared := layerCells(e.Layers)
		rows.row(cell{mark, shade}, cell{entryName(e), shade}, cell{shortSide(e.Old), faint}, cell{shortSide(e.New), plain},
			cell{layers, plain}, cell{fetch, plain}, cell{shared, plain})
	}
	t.table(rows)
}

// layerCells returns the layers added, removed and shared, and the bytes that a
// node with the old image fetches, and those that it has.
func layerCells(l *diff.LayerChange) (layers, fetch, shared string) {
	switch {
	case l == nil:
		return "", "", ""
	case l.Reordered:
		return "reordered", bytesize.Format(0), bytesize.Format(l.SharedBytes)
	}
	return fmt.Sprintf("+%d -%d =%d", len(l.Added), len(l.Removed), l.Shared), bytesize.Format(l.AddedBytes), bytesize.Format(l.SharedBytes)
}

// shortSide returns the digest of one side; "" if only the other side has the entry.
func shortSide(side *diff.EntrySide) string {
	if side == nil {
		return ""
	}
	return ShortDigest(side.Digest)
}

// group is the entries with the same changes.
type group struct {
	names string
	entry diff.EntryDifference
}

func groups(all []diff.EntryDifference) []group {
	var found []group
	for _, e := range all {
		if len(withoutByteFields(e.Fields))+len(e.Notes) == 0 {
			continue
		}
		i := slices.IndexFunc(found, func(g group) bool {
			return slices.Equal(withoutByteFields(g.entry.Fields), withoutByteFields(e.Fields)) && slices.Equal(g.entry.Notes, e.Notes)
		})
		if i < 0 {
			found = append(found, group{entryName(e), e})
		} else {
			found[i].names += ", " + entryName(e)
		}
	}
	return found
}

// withoutByteFields leaves out the fields that the table shows.
func withoutByteFields(all []diff.FieldChange) []diff.FieldChange {
	return slices.DeleteFunc(slices.Clone(all), func(f diff.FieldChange) bool { return f.Field == "digest" || f.Field == "size" })
}
