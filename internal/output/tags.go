package output

import (
	"slices"
	"strings"

	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/platform"
)

// PrintTags writes the tags of a repository, as text one per line. With platforms,
// the kind and the platforms follow: in columns on a terminal, separated by tabs in
// a pipe.
func (p Printer) PrintTags(list inspect.TagList, platforms bool) error {
	list.Tags = slices.Clone(list.Tags)
	for i := range list.Tags {
		list.Tags[i].Error = p.Sanitizer.Text(list.Tags[i].Error)
	}
	return p.render(list, func(t *text) {
		switch {
		case platforms && p.Columns > 0:
			t.tagTable(list.Tags, p.Columns)
		case platforms:
			for _, tag := range list.Tags {
				t.line("%s\t%s\t%s", t.paint.name(tag.Label()), tagKind(tag), Escape(platformsOf(tag, ",")))
			}
		default:
			for _, tag := range list.Tags {
				t.line("%s", t.paint.name(tag.Label()))
			}
		}
	})
}

// tagTable limits names to half of the terminal, and wraps the platforms.
func (t *text) tagTable(tags []inspect.Tag, columns int) {
	names := &table{header: []string{"TAG", "KIND"}}
	for _, tag := range tags {
		shade := plain
		if tag.Missing || tag.Err != nil {
			shade = bad
		}
		names.row(cell{truncate(Escape(tag.Label()), columns/2), good}, cell{tagKind(tag), shade})
	}
	before := names.total() + gap
	tb := &table{header: []string{"TAG", "KIND", "PLATFORMS"}}
	for i, tag := range tags {
		lines := wrap(Escape(platformsOf(tag, ", ")), columns-before)
		tb.row(append(names.rows[i], cell{lines[0], plain})...)
		for _, more := range lines[1:] {
			tb.addDetail(strings.Repeat(" ", before) + more)
		}
	}
	t.table(tb)
}

func tagKind(t inspect.Tag) string {
	switch {
	case t.Missing:
		return "missing"
	case t.Err != nil:
		return "unreadable"
	}
	return string(t.Kind)
}

func platformsOf(t inspect.Tag, separator string) string {
	var names []string
	for _, p := range t.Platforms {
		names = append(names, platform.Format(p))
	}
	return strings.Join(names, separator)
}
