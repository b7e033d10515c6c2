package output

import (
	"fmt"
	"strings"

	"github.com/fatih/color"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/verify"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// PrintVerification writes the result of `verify`: a line for each entry, and the
// findings below.
func (p Printer) PrintVerification(v verify.Result) error {
	v = p.Sanitizer.verification(v)
	switch p.Format.kind {
	case asSARIF:
		return p.sarif(v)
	case asJUnit:
		return p.junit(v)
	}
	return p.render(v, func(t *text) {
		for i, image := range v.Images {
			if i > 0 {
				t.line("")
			}
			t.verified(image)
		}
	})
}

func (t *text) verified(image verify.Image) {
	c := t.paint
	if image.Error != "" {
		t.line("Name:   %s", c.name(image.Name))
		t.line("Error:  %s", c.bad(Escape(image.Error)))
		return
	}
	t.line("Name:   %s (Type: %s)", c.name(image.Name), c.name(image.MediaType))
	t.line("Digest: %s", c.digest(image.Digest))
	tb := &table{header: []string{"DECLARED", "CONFIG", "BINARIES", "VERDICT", "DIGEST"}, flexible: []shrinkable{{2, minDigestWidth}}, indent: "  "}
	for _, e := range image.Entries {
		tb.row(cell{declaredText(e), plain}, cell{platformText(e.Configured), plain}, cell{binariesText(e), plain},
			cell{string(e.Verdict), verdictShade(e.Verdict)}, cell{digestStart(e.Digest), notable})
	}
	t.table(tb)
	for _, e := range image.Entries {
		t.counts(e)
	}
	t.findings(image.Findings)
}

func verdictShade(v verify.EntryVerdict) color.Attribute {
	switch v {
	case verify.VerdictOK:
		return good
	case verify.VerdictUnknown:
		return plain
	}
	return bad
}

func declaredText(e verify.Entry) string {
	if e.Kind == manifest.KindAttestation || e.Kind == manifest.KindIndex {
		return "(" + string(e.Kind) + ")"
	}
	return platformText(e.Declared)
}

func platformText(p *platform.Platform) string {
	if p == nil || p.OS+p.Architecture == "" {
		return "-"
	}
	return platform.Format(*p)
}

// binariesText returns the platforms of the programs of an entry, each once.
func binariesText(e verify.Entry) string {
	var parts []string
	seen := map[string]bool{}
	for _, p := range e.Programs {
		s := p.Platform
		if s == "" {
			s = "not found"
		}
		if s == "script" || seen[s] {
			continue
		}
		seen[s] = true
		parts = append(parts, s)
	}
	switch {
	case len(parts) == 0 && e.Verdict == verify.VerdictUnknown:
		return "unknown"
	case len(parts) == 0:
		return "-"
	}
	return strings.Join(parts, " + ")
}

// counts writes the platforms of all programs of an entry.
func (t *text) counts(e verify.Entry) {
	if len(e.Counts) == 0 {
		return
	}
	t.line("Programs of %s:", t.paint.name(strings.TrimSpace(e.Name().Platform+" "+digestStart(e.Digest))))
	for _, n := range e.Counts {
		line := fmt.Sprintf("  %6d %s", n.Count, Escape(n.Platform))
		if n.Compatibility == executable.FitIncompatible {
			line += "  does not run there"
		}
		t.line("%s", line)
	}
}

// findings writes findings grouped by code, the most severe first.
func (t *text) findings(all []verify.Finding) {
	for _, severity := range []verify.Severity{verify.SeverityError, verify.SeverityWarning, verify.SeverityInfo} {
		for _, rule := range verify.AllCodes() {
			headed := false
			for _, f := range all {
				if f.Code != rule.Code || f.Severity != severity {
					continue
				}
				if !headed {
					t.line("%s %s: %s", t.severity(severity), t.paint.name(string(rule.Code)), rule.Title)
					headed = true
				}
				t.finding(f)
			}
		}
	}
}

func (t *text) severity(s verify.Severity) string {
	if s == verify.SeverityError {
		return t.paint.bad(string(s))
	}
	return string(s)
}

func (t *text) finding(f verify.Finding) {
	at := "the index"
	if f.Entry != nil {
		at = strings.TrimSpace(f.Entry.Platform + " " + digestStart(f.Entry.Digest))
	}
	if p := f.Details(); p != "" {
		at += ": " + p
	}
	t.line("  %s", Escape(at))
	t.line("    by %s", Escape(f.Evidence))
}
