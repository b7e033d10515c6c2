package output

import (
	"fmt"

	"github.com/fatih/color"
	digest "github.com/opencontainers/go-digest"
)

// UseColor decides about colours. mode is the flag: always and never are
// final; auto asks NO_COLOR (set and not empty: no), then CLICOLOR_FORCE (set
// and not 0: yes), then whether the output is a terminal that is not dumb.
// Any other mode is bad input. Sources: no-color.org, bixense.com/clicolors.
func UseColor(mode string, tty bool, getenv func(string) string) (bool, error) {
	switch mode {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
	default:
		return false, fmt.Errorf("--color: unknown value %.60q: it is auto, always or never", mode)
	}
	if getenv("NO_COLOR") != "" {
		return false, nil
	}
	if force := getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true, nil
	}
	return tty && getenv("TERM") != "dumb", nil
}

// palette gives each kind of value its colour. All text from outside reaches a
// result through one of its methods, and so through Escape.
type palette struct{ on bool }

// name is for names, media types and the parts of a platform.
func (p palette) name(s string) string { return p.apply(color.FgGreen, Escape(s)) }

// digest takes digests as they came, valid or not.
func (p palette) digest(d digest.Digest) string { return p.apply(color.FgYellow, Escape(d.String())) }

// count is for counts and for the numbers of layers.
func (p palette) count(format string, n int) string {
	return p.apply(color.FgRed, fmt.Sprintf(format, n))
}

// bad is for our own words about something that is wrong.
func (p palette) bad(s string) string { return p.apply(color.FgRed, s) }

// bytes is a size in a unit that people read.
func (p palette) bytes(s string) string { return p.apply(color.FgBlue, s) }

// size is in bytes.
func (p palette) size(n int64) string { return p.apply(color.FgBlue, fmt.Sprint(n)) }

// The meanings of colours in tables; plain is none, faint steps back.
const (
	plain   = color.Reset
	faint   = color.Faint
	good    = color.FgGreen
	bad     = color.FgRed
	notable = color.FgYellow
	measure = color.FgBlue
)

// style colours a text that is escaped already.
func (p palette) style(c color.Attribute, s string) string {
	switch {
	case c == plain:
		return s
	case c == faint && p.on && s != "":
		weak := color.New(color.Faint)
		weak.EnableColor()
		return weak.Sprint(s)
	case c == faint:
		return s
	}
	return p.apply(c, s)
}

// apply sets the colour per value: the colour package's global switch belongs to
// the whole process and knows only the standard output.
func (p palette) apply(c color.Attribute, s string) string {
	if !p.on || s == "" {
		return s
	}
	bold := color.New(color.Bold, c)
	bold.EnableColor()
	return bold.Sprint(s)
}
