package cmd

import (
	"fmt"
	"regexp"
	"strings"
)

// A roffPage is the source of a man page, in the macros of man(7), with .EX and
// .EE, which groff and mandoc both have.
type roffPage struct{ strings.Builder }

// title begins a page. The date is in the page for readers, so it does not change
// from one build to the next.
func (p *roffPage) title(name, date string) {
	fmt.Fprintf(p, ".TH %q 1 %q manifest\\-tool \"User Commands\"\n.ad l\n", strings.ToUpper(name), date)
}

func (p *roffPage) section(name string) { fmt.Fprintf(p, ".SH %s\n", quoted(name)) }

func (p *roffPage) subsection(name string) { fmt.Fprintf(p, ".SS %s\n", quoted(name)) }

// lineWidth is the longest line of a page's source that mandoc accepts, in bytes.
const lineWidth = 80

// text writes a paragraph with the markup of bold and italic, filled.
func (p *roffPage) text(markup string) {
	line := ""
	for _, word := range strings.Split(markup, " ") {
		if line != "" && len(line)+1+len(word) > lineWidth {
			p.line(line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	p.line(line)
}

// line writes a line, protected from being a request of roff.
func (p *roffPage) line(markup string) {
	if strings.HasPrefix(markup, ".") {
		markup = `\&` + markup
	}
	p.WriteString(markup + "\n")
}

// paragraph writes a paragraph.
func (p *roffPage) paragraph(markup string) {
	p.separate()
	p.text(markup)
}

// separate begins a paragraph, except at the start of a section.
func (p *roffPage) separate() {
	if !startOfSection.MatchString(p.String()) {
		p.WriteString(".PP\n")
	}
}

var startOfSection = regexp.MustCompile(`\n\.S[HS] .*\n$`)

// item writes an entry of a list: a tag, and the text below it.
func (p *roffPage) item(tag, text string) {
	p.WriteString(".TP\n")
	p.text(tag)
	p.text(text)
}

// prose writes text as a command has it: paragraphs separated by empty lines. One
// whose first line is indented is shown as it is.
func (p *roffPage) prose(text string) {
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(paragraph, " ") {
			p.example(paragraph)
			continue
		}
		p.paragraph(plain(strings.ReplaceAll(paragraph, "\n", " ")))
	}
}

// example writes lines as they are, indented.
func (p *roffPage) example(text string) {
	p.separate()
	p.WriteString(".RS 4\n.EX\n")
	for line := range strings.Lines(text) {
		p.line(plain(strings.TrimPrefix(strings.TrimRight(line, "\n"), "  ")))
	}
	p.WriteString(".EE\n.RE\n")
}

// plain escapes text: a hyphen of a command must be copied as one, not as the
// hyphen of prose.
func plain(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
}

func bold(text string) string { return `\fB` + plain(text) + `\fR` }

func italic(text string) string { return `\fI` + plain(text) + `\fR` }

// markup escapes text in which `words` are code, as in the documents.
func markup(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			b.WriteString(bold(part))
			continue
		}
		b.WriteString(plain(part))
	}
	return b.String()
}

// synopsis marks up a usage line: the user types what is bold and replaces what
// is in italics.
func synopsis(usage string) string {
	placeholder := regexp.MustCompile(`[A-Z]{2,}(?:/[A-Z]+)*|flags`)
	words := strings.Fields(usage)
	for i, word := range words {
		switch found := placeholder.FindString(word); {
		case found != "":
			before, after, _ := strings.Cut(word, found)
			words[i] = plain(before) + italic(found) + plain(after)
		default:
			words[i] = bold(word)
		}
	}
	return strings.Join(words, " ")
}

func quoted(name string) string {
	if strings.Contains(name, " ") {
		return `"` + name + `"`
	}
	return name
}
