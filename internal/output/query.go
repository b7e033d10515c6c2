package output

import (
	"strings"

	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/platform"
)

// noPlatform is shown for an entry that declares no platform.
const noPlatform = "(no platform)"

// PrintQuery writes one result of `query`. In data formats each result is a separate
// document, also one with an error; as text or with a template, a result with an
// error is skipped, and the caller reports it. Piped text is that of mquery.
func (p Printer) PrintQuery(q inspect.QueryResult) error {
	if q.Err != nil && p.Format.IsForPeople() {
		return nil
	}
	p.Multiple = true
	q.Error = p.Sanitizer.Text(q.Error)
	return p.render(q, func(t *text) {
		if p.Columns > 0 {
			t.queryTable(q)
		} else {
			t.query(q)
		}
		t.missingPlatforms(q)
		t.line("")
	})
}

// IsForPeople reports whether a result is written as text or by a template, and
// not as JSON or YAML.
func (f Format) IsForPeople() bool { return f.kind == asText || f.kind == asTemplate }

// query writes the text of mquery.
func (t *text) query(q inspect.QueryResult) {
	c, list := t.paint, "No"
	if q.Index {
		list = "Yes"
	}
	t.line("Image: %s (digest: %s)", c.name(q.Name), c.digest(q.Digest))
	t.line(" * Manifest List: %s (Image type: %s)", list, c.name(q.MediaType))
	if !q.Index {
		t.line(" * Supports: %s", c.name(mqueryPlatforms(q.Platforms)[0]))
		return
	}
	t.line(" * Supported platforms:")
	for _, p := range mqueryPlatforms(q.Platforms) {
		t.line("   - %s", c.name(p))
	}
}

// mqueryPlatforms returns platforms as mquery writes them: with a version for
// Windows only. Entries that differ in nothing but their version have it too, such
// as Homebrew's for several versions of macOS.
func mqueryPlatforms(entries []inspect.QueryPlatform) []string {
	versions := map[string]map[string]bool{}
	for _, e := range entries {
		if e.Platform != nil {
			bare := withoutVersion(*e.Platform)
			if versions[bare] == nil {
				versions[bare] = map[string]bool{}
			}
			versions[bare][e.Platform.OSVersion] = true
		}
	}
	all := make([]string, len(entries))
	for i, e := range entries {
		switch {
		case e.Platform == nil:
			all[i] = noPlatform
		case e.Platform.OS == "windows" || len(versions[withoutVersion(*e.Platform)]) > 1:
			all[i] = platform.Format(*e.Platform)
		default:
			all[i] = withoutVersion(*e.Platform)
		}
	}
	return all
}

func withoutVersion(p platform.Platform) string {
	p.OSVersion = ""
	return platform.Format(p)
}

func (t *text) queryTable(q inspect.QueryResult) {
	c := t.paint
	t.line("%s", c.name(q.Name))
	t.line("  %s", c.digest(q.Digest))
	t.line("  %s", c.style(faint, Escape(q.MediaType)))
	if q.Index {
		summary := Pluralize(len(q.Platforms), "image")
		if q.Attestations > 0 {
			summary += ", " + Pluralize(q.Attestations, "attestation")
		}
		t.line("  %s", summary)
	}
	rows := &table{header: []string{"PLATFORM", "DIGEST"}, flexible: []shrinkable{{1, minDigestWidth}}, indent: "  "}
	platforms := mqueryPlatforms(q.Platforms)
	for i, e := range q.Platforms {
		shade := good
		if e.Platform == nil {
			shade = faint
		}
		rows.row(cell{platforms[i], shade}, cell{e.Digest.String(), plain})
	}
	t.table(rows)
}

// missingPlatforms writes the requested platforms that are missing.
func (t *text) missingPlatforms(q inspect.QueryResult) {
	if len(q.Missing) > 0 {
		t.line(" * Missing platforms: %s", t.paint.bad(Escape(strings.Join(q.Missing, ", "))))
	}
}
