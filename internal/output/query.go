package output

import (
	"strings"

	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/platform"
)

// noPlatform stands for the platform of an entry that declares none.
const noPlatform = "(no platform)"

// PrintQuery writes one result of `query`. As data each is a document of its own;
// one that failed is written as such, but is no text and fills no template:
// the caller says so elsewhere. Piped text is that of the predecessor's mquery.
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

// query writes mquery's words.
func (t *text) query(q inspect.QueryResult) {
	c, list := t.paint, "No"
	if q.Index {
		list = "Yes"
	}
	t.line("Image: %s (digest: %s)", c.name(q.Name), c.digest(q.Digest))
	t.line(" * Manifest List: %s (Image type: %s)", list, c.name(q.MediaType))
	if !q.Index {
		t.line(" * Supports: %s", c.name(mqueryPlatform(q.Platforms[0])))
		return
	}
	t.line(" * Supported platforms:")
	for _, e := range q.Platforms {
		t.line("   - %s", c.name(mqueryPlatform(e)))
	}
}

// mqueryPlatform is a platform as mquery writes it: the version is that of Windows.
func mqueryPlatform(e inspect.QueryPlatform) string {
	if e.Platform == nil {
		return noPlatform
	}
	p := *e.Platform
	if p.OS != "windows" {
		p.OSVersion = ""
	}
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
	for _, e := range q.Platforms {
		shade := good
		if e.Platform == nil {
			shade = faint
		}
		rows.row(cell{mqueryPlatform(e), shade}, cell{e.Digest.String(), plain})
	}
	t.table(rows)
}

// missingPlatforms writes which of the platforms that were asked for are not there.
func (t *text) missingPlatforms(q inspect.QueryResult) {
	if len(q.Missing) > 0 {
		t.line(" * Missing platforms: %s", t.paint.bad(Escape(strings.Join(q.Missing, ", "))))
	}
}
