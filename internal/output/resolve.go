package output

import (
	"fmt"
	"strings"

	"github.com/fatih/color"
	digest "github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest/resolve"
	"manifest-tool/internal/manifest/selection"
	"manifest-tool/internal/platform"
)

// PrintResolution writes the result of `resolve`.
func (p Printer) PrintResolution(r resolve.Resolution) error {
	return p.render(r, func(t *text) {
		t.referenceLine("Image", r.Name, r.Digest)
		t.line(" * Rule: %s", r.Rule)
		for _, one := range r.Platforms {
			t.resolved(one)
		}
		t.line("")
	})
}

// referenceLine writes a reference and its digest; on a terminal, which is rarely
// wide enough for both, in two lines.
func (t *text) referenceLine(what, name string, d digest.Digest) {
	if t.columns > 0 {
		t.line("%s: %s", what, t.paint.name(name))
		t.line("%s  %s", strings.Repeat(" ", len(what)), t.paint.digest(d))
		return
	}
	t.line("%s: %s (digest: %s)", what, t.paint.name(name), t.paint.digest(d))
}

// ResolvedDigests writes only the chosen digests, one per line, in the order of the
// requested platforms.
func (p Printer) ResolvedDigests(r resolve.Resolution) error {
	var lines strings.Builder
	for _, one := range r.Platforms {
		fmt.Fprintln(&lines, Escape(one.Digest.String()))
	}
	return p.write([]byte(lines.String()))
}

func (t *text) resolved(one resolve.ResolvedPlatform) {
	c := t.paint
	answer := c.digest(one.Digest)
	if one.Digest == "" {
		answer = c.bad("nothing fits")
	}
	if t.columns > 0 {
		t.line(" * Platform: %s", c.name(one.PlatformText))
		t.line("   %s", answer)
		t.candidateTable(one)
		return
	}
	t.line(" * Platform: %s: %s", c.name(one.PlatformText), answer)
	for _, x := range one.Candidates {
		indent := "   "
		if x.Nested != "" {
			indent = "     "
		}
		t.line("%s- [%d] %s %s %s: %s", indent, x.Position, formatOr(x.Platform), Escape(x.Digest.String()), x.State, Escape(x.Reason))
	}
}

func (t *text) candidateTable(one resolve.ResolvedPlatform) {
	rows := &table{header: []string{"", "#", "PLATFORM", "DIGEST", "WHY"}, flexible: []shrinkable{{3, minDigestWidth}}, indent: " "}
	for _, x := range one.Candidates {
		mark, shade := verdictMark(x.State)
		number := fmt.Sprint(x.Position)
		if x.Nested != "" {
			number = "> " + number
		}
		rows.row(cell{mark, shade}, cell{number, faint}, cell{formatOr(x.Platform), shade},
			cell{ShortDigest(x.Digest), plain}, cell{x.Reason, faint})
	}
	t.table(rows)
}

// verdictMark returns the mark and colour of a candidate on a terminal.
func verdictMark(v selection.CandidateState) (string, color.Attribute) {
	switch v {
	case selection.Chosen:
		return "*", good
	case selection.Descended:
		return ">", good
	case selection.Compatible:
		return "+", notable
	}
	return "-", faint
}

// formatOr returns a platform with its os features, or noPlatform.
func formatOr(p *platform.Platform) string {
	if p == nil {
		return noPlatform
	}
	s := platform.Format(*p)
	if len(p.OSFeatures) > 0 {
		s += " [" + strings.Join(p.OSFeatures, " ") + "]"
	}
	return Escape(s)
}
