package output

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	digest "github.com/opencontainers/go-digest"

	"manifest-tool/internal/bytesize"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
)

// inspectView writes an inspection to a terminal: a head, a table of the entries or
// layers, and the optional parts.
type inspectView struct {
	*text
	columns int
	now     func() time.Time
	// subjects are the names of entries by digest, for attestations.
	subjects map[digest.Digest]string
}

func newInspectView(p Printer, t *text) *inspectView {
	return &inspectView{text: t, columns: p.Columns, now: p.Now, subjects: map[digest.Digest]string{}}
}

func (v *inspectView) all(in inspect.Inspection) {
	r := in.Result()
	v.head(r, contents(in, r))
	v.annotations(r.Annotations)
	v.facts("Config", r.Config)
	if len(r.Layers) > 0 {
		v.line("")
		v.layers(r.Layers)
	}
	if len(r.Entries) > 0 {
		v.line("")
		v.collect(r.Entries)
		v.entries(r.Entries)
	}
	if r.Referrers != nil {
		v.line("")
		v.referrers(r.Referrers)
	}
}

func (v *inspectView) head(r inspect.Result, contents string) {
	c := v.paint
	v.line("Name    %s", c.name(r.Name))
	v.line("Type    %s", c.name(r.MediaType))
	if r.ArtifactType != "" {
		v.line("Holds   %s", c.name(r.ArtifactType))
	}
	v.line("Digest  %s", c.digest(r.Digest))
	v.line("Size    %s, %s", c.bytes(bytesize.Format(r.Size)), contents)
	if r.Platform != nil {
		v.line("For     %s", c.name(formatPlatform(r.Platform)))
	}
	if r.Config != nil && r.Config.Created != nil && v.now != nil {
		v.line("Age     %s", humanAge(v.now(), *r.Config.Created))
	}
	if r.Subject != nil {
		v.line("About   %s", c.digest(r.Subject.Digest))
	}
}

// contents describes the size of a document, or which part of it is shown.
func contents(in inspect.Inspection, r inspect.Result) string {
	if in.Index == nil {
		return fmt.Sprintf("%s in %s", bytesize.Format(layersSize(r.Layers)), Pluralize(len(r.Layers), "layer"))
	}
	if len(r.Entries) < len(in.Index.Entries) {
		return fmt.Sprintf("entry %d of %d", r.Entries[0].Position, len(in.Index.Entries))
	}
	if kind := blobIndexKind(in.Index); kind != "" {
		return Pluralize(len(r.Entries), "blob") + ", it is " + kind
	}
	kinds := map[manifest.Kind]int{}
	for _, e := range r.Entries {
		kinds[e.Kind]++
	}
	var parts []string
	for _, k := range []manifest.Kind{manifest.KindImage, manifest.KindAttestation, manifest.KindIndex, manifest.KindArtifact} {
		if kinds[k] > 0 {
			parts = append(parts, Pluralize(kinds[k], string(k)))
		}
	}
	if kinds[manifest.KindUnknown] > 0 {
		parts = append(parts, fmt.Sprintf("%d of another kind", kinds[manifest.KindUnknown]))
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing in it")
}

func layersSize(layers []inspect.Descriptor) int64 {
	var n int64
	for _, l := range layers {
		n = bytesize.Add(n, l.Size)
	}
	return n
}

// annotations writes annotations below the head, one per line.
func (v *inspectView) annotations(m map[string]string) {
	if len(m) == 0 {
		return
	}
	v.line("Annotations")
	for _, pair := range pairs(m) {
		v.line("  %s", Escape(pair))
	}
}

// facts writes the facts of a config under a heading.
func (v *inspectView) facts(head string, c *inspect.ImageConfig) {
	if c == nil {
		return
	}
	v.line("%s", Escape(head))
	for _, f := range configFacts(c) {
		v.line("  %-11s  %s", f.name, v.paint.name(f.value))
	}
}

// collect records the platforms of entries, for their attestations.
func (v *inspectView) collect(entries []inspect.ResultEntry) {
	for _, e := range entries {
		if e.Kind != manifest.KindAttestation && e.Platform != nil {
			v.subjects[e.Digest] = formatPlatform(e.Platform)
		}
		v.collect(e.Entries)
	}
}

func (v *inspectView) layers(layers []inspect.Descriptor) {
	v.draw(func(full bool) *table {
		tb := &table{header: []string{"LAYER", "SIZE", "TYPE"}, right: []int{1}, flexible: []shrinkable{{2, minDigestWidth}}}
		for _, l := range layers {
			tb.row(v.digestCell(l.Digest, full), v.sizeCell(l.Size), cell{l.MediaType, good})
		}
		return tb
	})
}

func (v *inspectView) referrers(all []inspect.Referrer) {
	if len(all) == 0 {
		v.line("No referrers")
		return
	}
	v.draw(func(full bool) *table {
		tb := &table{header: []string{"REFERRER", "DIGEST", "SIZE", "TYPE"}, right: []int{2}, flexible: []shrinkable{{3, minDigestWidth}}}
		for _, r := range all {
			tb.row(cell{string(r.Role), good}, v.digestCell(r.Digest, full), v.sizeCell(r.Size), cell{typeOf(r), good})
		}
		return tb
	})
}

// draw writes a table, with full digests if the terminal is wide enough.
func (v *inspectView) draw(build func(full bool) *table) {
	tb := build(true)
	if tb.total() > v.columns {
		tb = build(false)
	}
	v.table(tb)
}

func (v *inspectView) sizeCell(n int64) cell { return cell{bytesize.Format(n), measure} }

// digestCell returns a cell with a digest, full or shortened.
func (v *inspectView) digestCell(d digest.Digest, full bool) cell {
	if full {
		return cell{d.String(), notable}
	}
	return cell{digestStart(d), notable}
}
