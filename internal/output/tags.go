package output

import (
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
)

// Tags writes the tags of a repository, as text one to a line. With platforms
// the kind and the platforms follow: in columns on a terminal, between tabs in
// a pipe.
func (p Printer) Tags(list manifest.TagList, platforms bool) error {
	return p.show(list, func(t *text) {
		switch {
		case platforms && p.Columns > 0:
			t.tagTable(list.Tags, p.Columns)
		case platforms:
			for _, tag := range list.Tags {
				t.line("%s\t%s\t%s", t.paint.name(tag.Name), tagKind(tag), Escape(platformsOf(tag, ",")))
			}
		default:
			for _, tag := range list.Tags {
				t.line("%s", t.paint.name(tag.Name))
			}
		}
	})
}

// tagTable gives names up to half of the terminal, and breaks the platforms
// into as many lines as they need.
func (t *text) tagTable(tags []manifest.Tag, columns int) {
	g := &grid{heads: []string{"TAG", "KIND", "PLATFORMS"}, right: make([]bool, 3)}
	for _, tag := range tags {
		look := t.paint.plain
		if tag.Missing {
			look = t.paint.alert
		}
		g.add(gridCell{cut(Escape(tag.Name), columns/2), t.paint.name}, gridCell{tagKind(tag), look}, gridCell{})
	}
	before := total(g.widths()) + gap
	for i, tag := range tags {
		lines := wrap(Escape(platformsOf(tag, ", ")), columns-before)
		g.rows[i][2] = gridCell{lines[0], t.paint.plain}
		for _, more := range lines[1:] {
			g.under(i, strings.Repeat(" ", before)+more)
		}
	}
	g.write(t, columns)
}

func tagKind(t manifest.Tag) string {
	if t.Missing {
		return "missing"
	}
	return string(t.Kind)
}

func platformsOf(t manifest.Tag, separator string) string {
	var names []string
	for _, p := range t.Platforms {
		names = append(names, platform.Format(p))
	}
	return strings.Join(names, separator)
}

// wrap breaks a text at its spaces into lines of at most width characters,
// where its words allow it. There is at least one line.
func wrap(s string, width int) []string {
	lines, line := []string{}, ""
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}
