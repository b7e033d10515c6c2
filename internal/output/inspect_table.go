package output

import (
	"cmp"
	"fmt"
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
)

// entries writes the table of an index, then the facts of configs.
func (v *inspectView) entries(entries []inspect.ResultEntry) {
	v.draw(func(full bool) *table {
		tb := &table{header: []string{"PLATFORM", "DIGEST", "LAYERS", "SIZE", "AGE", "NOTE"}, right: []int{2, 3}, flexible: []shrinkable{{0, minPlatformWidth}, {1, minDigestWidth}}}
		v.rows(tb, "", entries, full)
		return tb
	})
	v.configs(entries)
}

func (v *inspectView) configs(entries []inspect.ResultEntry) {
	for _, e := range entries {
		if e.Config != nil {
			v.line("")
			v.facts(v.label(e), e.Config)
		}
		v.configs(e.Entries)
	}
}

func (v *inspectView) rows(tb *table, indent string, entries []inspect.ResultEntry, full bool) {
	for _, e := range entries {
		v.row(tb, indent, e, full)
		v.rows(tb, indent+"  ", e.Entries, full)
	}
}

func (v *inspectView) row(tb *table, indent string, e inspect.ResultEntry, full bool) {
	layers, size, age := cell{}, cell{}, cell{}
	if e.Layers != nil && e.Kind != manifest.KindAttestation {
		layers = cell{fmt.Sprint(len(e.Layers)), plain}
		size = v.sizeCell(layersSize(e.Layers))
	}
	if e.Config != nil && e.Config.Created != nil && v.now != nil {
		age = cell{humanAge(v.now(), *e.Config.Created), plain}
	}
	tb.row(cell{indent + v.label(e), good}, v.digestCell(e.Digest, full), layers, size, age, cell{entryNote(e), bad})
	for _, line := range v.details(e) {
		tb.addDetail(indent + "    " + Escape(line))
	}
}

// label returns the platform of an entry, or its kind.
func (v *inspectView) label(e inspect.ResultEntry) string {
	switch {
	case e.Kind == manifest.KindImage && e.Platform == nil:
		return "no platform"
	case e.Kind == manifest.KindImage:
		return formatPlatform(e.Platform)
	case e.Kind == manifest.KindAttestation, e.Platform == nil:
		return string(e.Kind)
	}
	return string(e.Kind) + " " + formatPlatform(e.Platform)
}

// details returns the lines below the row of an entry.
func (v *inspectView) details(e inspect.ResultEntry) []string {
	var lines []string
	if e.Platform != nil && len(e.Platform.OSFeatures) > 0 {
		lines = append(lines, "os.features: "+strings.Join(e.Platform.OSFeatures, ", "))
	}
	switch e.Kind {
	case manifest.KindAttestation:
		lines = append(lines, "of "+cmp.Or(v.subjects[e.AttestedDigest], e.AttestedDigest.String()))
		lines = append(lines, e.PredicateTypes...)
	case manifest.KindArtifact:
		lines = append(lines, e.ArtifactType)
	case manifest.KindUnknown:
		lines = append(lines, e.MediaType)
	}
	if e.Mismatch != "" {
		lines = append(lines, e.Mismatch)
	}
	for _, pair := range pairs(e.Annotations) {
		if !strings.HasPrefix(pair, "vnd.docker.reference.") {
			lines = append(lines, pair)
		}
	}
	return lines
}

// entryNote returns what is wrong with an entry; "" if nothing is.
func entryNote(e inspect.ResultEntry) string {
	switch {
	case e.Missing:
		return "missing"
	case e.Mismatch != "":
		return "mismatch"
	case e.Unsupported:
		return "unsupported"
	case e.ConfigMissing:
		return "config missing"
	case e.Repeated:
		return "shown above"
	case e.TooDeep:
		return "not read"
	}
	return ""
}
