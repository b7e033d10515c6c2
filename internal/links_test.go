package internal_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLinksOfDocumentationResolve requires that each relative link in each Markdown
// file leads to a file of the repository and, with a fragment, to a heading there.
func TestLinksOfDocumentationResolve(t *testing.T) {
	root := os.DirFS("..")
	all := markdownPages(t)
	links := 0
	for name, page := range all {
		for _, link := range page.links {
			if isExternal(link.to) {
				continue
			}
			links++
			to, fragment := page.target(name, link.to)
			if _, err := fs.Stat(root, to); err != nil {
				t.Errorf("%s:%d: %s does not exist", name, link.line, link.to)
			} else if fragment != "" && !slices.Contains(all[to].anchors, fragment) {
				t.Errorf("%s:%d: %s has no heading %q", name, link.line, to, fragment)
			}
		}
	}
	if links < 100 {
		t.Errorf("only %d links were found", links)
	}
}

// TestPagesAreReachable requires that a reader gets from docs/README.md to each page
// by links.
func TestPagesAreReachable(t *testing.T) {
	all := markdownPages(t)
	const start = "docs/README.md"
	reached, next := map[string]bool{start: true}, []string{start}
	for len(next) > 0 {
		name := next[0]
		next = next[1:]
		for _, link := range all[name].links {
			to, _ := all[name].target(name, link.to)
			if _, isPage := all[to]; isPage && !reached[to] {
				reached[to] = true
				next = append(next, to)
			}
		}
	}
	for name := range all {
		if strings.HasPrefix(name, "docs/") && !reached[name] {
			t.Errorf("no link leads from %s to %s", start, name)
		}
	}
}

// markdown is what other pages can link to, and the links, of a page.
type markdown struct {
	anchors []string
	links   []struct {
		line int
		to   string
	}
}

// target returns the path of the file that a link of the page leads to, and the
// fragment.
func (markdown) target(name, to string) (file, fragment string) {
	file, fragment, _ = strings.Cut(to, "#")
	if file == "" {
		return name, fragment
	}
	return path.Join(path.Dir(name), file), fragment
}

func isExternal(link string) bool {
	return strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:")
}

// markdownPages reads the Markdown files of the module by their paths.
func markdownPages(t *testing.T) map[string]markdown {
	t.Helper()
	all := map[string]markdown{}
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || name == "dist"):
			return fs.SkipDir
		case path.Ext(name) == ".md" && d.Type().IsRegular():
			raw, err := os.ReadFile(path.Join("..", name))
			all[name] = readMarkdown(string(raw))
			return err
		}
		return nil
	})
	if err != nil || len(all) < 20 {
		t.Fatalf("read %d pages: %v", len(all), err)
	}
	return all
}

var (
	linkPattern   = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	codePattern   = regexp.MustCompile("`[^`]*`")
	anchorPattern = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	notInAnchor   = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// readMarkdown finds headings and links outside of code.
func readMarkdown(text string) markdown {
	var page markdown
	fenced := false
	for number, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		if fenced {
			continue
		}
		if level := len(line) - len(strings.TrimLeft(line, "#")); level > 0 && strings.HasPrefix(line[level:], " ") {
			page.anchors = append(page.anchors, anchor(line[level:], page.anchors))
		}
		for _, found := range anchorPattern.FindAllStringSubmatch(line, -1) {
			page.anchors = append(page.anchors, found[1])
		}
		for _, found := range linkPattern.FindAllStringSubmatch(codePattern.ReplaceAllString(line, "x"), -1) {
			page.links = append(page.links, struct {
				line int
				to   string
			}{number + 1, found[1]})
		}
	}
	return page
}

// anchor returns the fragment of a heading as GitHub and GitLab make it.
func anchor(heading string, before []string) string {
	heading = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	name := notInAnchor.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
	name = strings.ReplaceAll(name, " ", "-")
	unique := name
	for n := 1; slices.Contains(before, unique); n++ {
		unique = fmt.Sprintf("%s-%d", name, n)
	}
	return unique
}

// TestReadMarkdown shows what counts as a heading and a link.
func TestReadMarkdown(t *testing.T) {
	page := readMarkdown("# `push --has`: A [b](c.md)\n## Two\n## Two\n```sh\n# not\n[no](no.md)\n```\n`[no](no.md)` [yes](../x.md#y)\n")
	if want := []string{"push---has-a-b", "two", "two-1"}; !slices.Equal(page.anchors, want) {
		t.Errorf("headings %q, want %q", page.anchors, want)
	}
	if len(page.links) != 2 || page.links[1].to != "../x.md#y" || page.links[1].line != 8 {
		t.Errorf("links %v", page.links)
	}
	if to, fragment := page.target("docs/howto/a.md", "../x.md#y"); to != "docs/x.md" || fragment != "y" {
		t.Errorf("%s %s", to, fragment)
	}
}
