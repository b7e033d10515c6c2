package output

import (
	"cmp"
	"slices"
	"strings"

	"manifest-tool/internal/bytesize"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/platform"
)

// PrintPlan writes what a push would write: entries, targets, and last the exact bytes
// of the index.
func (p Printer) PrintPlan(plan push.PlanResult) error {
	plan = p.Sanitizer.plan(plan)
	return p.render(plan, func(t *text) {
		t.line("Plan:   %s (Type: %s)", t.paint.name(plan.Ref), Escape(plan.MediaType))
		t.line("Digest: %s %d", t.paint.digest(plan.Digest), plan.Size)
		t.line(" * Type: %s", Escape(plan.TypeReason))
		t.plannedEntries(plan)
		for _, to := range plan.Targets {
			t.plannedTarget(to)
		}
		if plan.Unchanged {
			t.line(" * Nothing to write: all tags have this digest")
		}
		t.line(" * Index:")
		t.line("%s", escapeLines(plan.Index))
	})
}

func (t *text) plannedEntries(plan push.PlanResult) {
	t.line(" * Entries: %s", t.paint.count("%d", len(plan.Entries)))
	rows := &table{header: []string{"PLATFORM", "FROM", "SOURCE", "DIGEST"}, indent: "   ", flexible: []shrinkable{{3, minDigestWidth}, {2, minPlatformWidth}}}
	for _, e := range plan.Entries {
		name := "-"
		switch {
		case e.Attestation:
			name = "attestation"
		case e.Platform != nil:
			name = platform.Format(*e.Platform)
		}
		rows.row(cell{name, plain}, cell{originText(e), faint}, cell{e.Source, plain}, cell{ShortDigest(e.Digest), plain})
	}
	t.table(rows)
	for _, image := range plan.Skipped {
		t.line("   %s", t.paint.bad("left out, not found: "+Escape(image)))
	}
}

// originText names the origins of a platform, each with its fields if there are several.
func originText(e push.PlannedEntry) string {
	if e.PlatformFrom == nil || e.Attestation {
		return ""
	}
	from := *e.PlatformFrom
	fields := map[push.Origin][]string{}
	for _, f := range []struct {
		name   string
		origin push.Origin
	}{{"os", from.OS}, {"architecture", from.Architecture}, {"variant", from.Variant}, {"os.version", from.OSVersion}, {"os.features", from.OSFeatures}} {
		if f.origin != "" {
			fields[f.origin] = append(fields[f.origin], f.name)
		}
	}
	var parts []string
	for _, origin := range []push.Origin{push.OriginDeclared, push.OriginConfig, push.OriginIndex} {
		switch names := fields[origin]; {
		case len(names) == 0:
		case len(fields) == 1:
			parts = append(parts, string(origin))
		default:
			parts = append(parts, string(origin)+" ("+strings.Join(names, ", ")+")")
		}
	}
	return strings.Join(parts, ", ")
}

func (t *text) plannedTarget(to push.PlannedTarget) {
	t.line(" * Target: %s", t.paint.name(to.Ref))
	for _, tag := range slices.Concat(to.Tags, to.PlatformTags) {
		t.line("   - tag %s: %s", t.paint.name(tag.Tag), tagChange(tag))
	}
	for _, m := range to.Manifests {
		t.line("   - manifest %s (%s) from %s", t.paint.digest(m.Digest), bytesize.Format(m.Size), Escape(m.From))
	}
	sums := map[push.BlobAction]int64{}
	for _, b := range to.Blobs {
		t.line("   - %s %s (%s) from %s", b.Action, t.paint.digest(b.Digest), bytesize.Format(b.Size), Escape(b.From))
		sums[b.Action] += b.Size
	}
	if len(to.Blobs) > 0 {
		t.line("   - blobs: %s to mount, %s to copy, unless the target has them", bytesize.Format(sums[push.ActionMount]), bytesize.Format(sums[push.ActionCopy]))
	}
}

// tagChange describes the change of a tag.
func tagChange(tag push.PlannedTag) string {
	switch {
	case tag.Error != "":
		return "not known now: " + Escape(tag.Error)
	case tag.Current == tag.Planned:
		return "unchanged"
	}
	return Escape(cmp.Or(ShortDigest(tag.Current), "new") + " -> " + ShortDigest(tag.Planned))
}
