package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fatih/color"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/diff"
)

// PrintDiff writes the result of `diff`.
func (p Printer) PrintDiff(d diff.Result) error {
	return p.render(d, func(t *text) {
		t.referenceLine("Old", d.Old.Name, d.Old.Digest)
		t.referenceLine("New", d.New.Name, d.New.Digest)
		t.verdict(d)
		if len(d.Fields) > 0 {
			t.line(" * Index:")
			t.changes(d.Fields, "   ")
		}
		t.line(" * Entries: %d added, %d removed, %d changed, %d equal",
			d.Summary.Added, d.Summary.Removed, d.Summary.Changed, d.Summary.Equal)
		if t.columns > 0 {
			t.entryView(d.Entries)
		} else {
			t.differences(d.Entries)
		}
		t.line("")
	})
}

// verdict writes whether both sides are equal.
func (t *text) verdict(d diff.Result) {
	c, of := t.paint, ""
	if len(d.Platforms) > 0 {
		of = ", of " + Escape(strings.Join(d.Platforms, ", "))
	}
	switch s := d.Summary; {
	case len(d.MissingPlatforms) > 0:
		t.line(" * Equal: %s: neither has %s", c.bad("no"), Escape(strings.Join(d.MissingPlatforms, ", ")))
	case d.Equal:
		t.line(" * Equal: %s%s", c.style(good, "yes"), of)
	case len(d.Platforms)+len(d.Fields)+s.Added+s.Removed+s.Changed == 0:
		t.line(" * Equal: %s: their bytes differ, their content does not", c.bad("no"))
	default:
		t.line(" * Equal: %s%s", c.bad("no"), of)
	}
}

// differences writes one line for each entry, with its details below.
func (t *text) differences(all []diff.EntryDifference) {
	for _, e := range all {
		mark, shade := stateMark(e.State)
		t.line("   %s %s %s", t.paint.style(shade, mark), t.paint.style(shade, entryName(e)), sides(e))
		t.details(e)
	}
}

// sides returns the digest of an entry, or both if they differ.
func sides(e diff.EntryDifference) string {
	switch {
	case e.Old == nil:
		return Escape(e.New.Digest.String())
	case e.New == nil, e.Old.Digest == e.New.Digest:
		return Escape(e.Old.Digest.String())
	}
	return Escape(e.Old.Digest.String()) + " -> " + Escape(e.New.Digest.String())
}

// entryName returns the platform of an entry, with its kind if it is not an image.
func entryName(e diff.EntryDifference) string {
	name := Escape(formatOr(e.Platform))
	if e.Kind != manifest.KindImage {
		name += " (" + string(e.Kind) + ")"
	}
	return name
}

// details writes the differences of an entry that both sides have.
func (t *text) details(e diff.EntryDifference) {
	const indent = "       "
	for _, note := range e.Notes {
		t.line("%s%s", indent, t.paint.bad(Escape(note)))
	}
	if l := e.Layers; l != nil {
		t.line("%slayers: %d added (%s), %d removed (%s), %d shared (%s)", indent,
			len(l.Added), exactSize(l.AddedBytes), len(l.Removed), exactSize(l.RemovedBytes), l.Shared, exactSize(l.SharedBytes))
		t.layerLines(l, indent+"  ")
	}
	t.changes(withoutDigest(e.Fields), indent)
}

// withoutDigest leaves out the field that the line of the entry shows.
func withoutDigest(all []diff.FieldChange) []diff.FieldChange {
	return slices.DeleteFunc(slices.Clone(all), func(f diff.FieldChange) bool { return f.Field == "digest" })
}

func (t *text) layerLines(l *diff.LayerChange, indent string) {
	if l.Reordered {
		t.line("%s~ the same layers in another order", indent)
	}
	for _, one := range l.Removed {
		t.line("%s%s %s", indent, t.paint.style(bad, "- "+Escape(one.Digest.String())), exactSize(one.Size))
	}
	for _, one := range l.Added {
		t.line("%s%s %s", indent, t.paint.style(good, "+ "+Escape(one.Digest.String())), exactSize(one.Size))
	}
}

func exactSize(n int64) string { return fmt.Sprintf("%d bytes", n) }

// changes writes one line for each field that differs. Values are quoted, because
// they may contain anything.
func (t *text) changes(all []diff.FieldChange, indent string) {
	for _, f := range all {
		mark, shade := stateMark(f.State)
		mark = t.paint.style(shade, mark)
		name := Escape(f.Field)
		switch f.State {
		case diff.Added:
			t.line("%s%s %s: %s", indent, mark, name, quoted(f.New))
		case diff.Removed:
			t.line("%s%s %s: %s", indent, mark, name, quoted(f.Old))
		default:
			t.line("%s%s %s: %s -> %s", indent, mark, name, quoted(f.Old), quoted(f.New))
		}
	}
}

// quoted returns a value in quotes; lists and objects are delimited already.
func quoted(s string) string {
	if strings.HasPrefix(s, "[") || strings.HasPrefix(s, "{") {
		return Escape(s)
	}
	return `"` + Escape(s) + `"`
}

// stateMark returns the mark and colour of a state.
func stateMark(s diff.State) (string, color.Attribute) {
	switch s {
	case diff.Added:
		return "+", good
	case diff.Removed:
		return "-", bad
	case diff.Changed:
		return "~", notable
	}
	return "=", faint
}
