package output

import (
	"fmt"

	"github.com/fatih/color"
	digest "github.com/opencontainers/go-digest"
)

// UseColor reports whether the output is coloured. mode is the flag: always and
// never decide; auto checks NO_COLOR (set and not empty: no), then CLICOLOR_FORCE
// (set and not 0: yes), then whether the output is a terminal that is not dumb.
// Any other mode is an error. Sources: no-color.org, bixense.com/clicolors.
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

// palette colours each kind of value. All strings from outside are written to a
// result by one of its methods, which escape them.
type palette struct{ on bool }

// name is for names, media types and the parts of a platform.
func (p palette) name(s string) string { return p.apply(color.FgGreen, Escape(s)) }

// digest is for digests, valid or not.
func (p palette) digest(d digest.Digest) string { return p.apply(color.FgYellow, Escape(d.String())) }

// count is for counts and for the numbers of layers.
func (p palette) count(format string, n int) string {
	return p.apply(color.FgRed, fmt.Sprintf(format, n))
}

// bad is for our own messages about something that is wrong.
func (p palette) bad(s string) string { return p.apply(color.FgRed, s) }

// bytes is for a size with a unit.
func (p palette) bytes(s string) string { return p.apply(color.FgBlue, s) }

// size is for a size in bytes.
func (p palette) size(n int64) string { return p.apply(color.FgBlue, fmt.Sprint(n)) }

// The meanings of colours in tables; plain is not coloured, faint is dimmed.
const (
	plain   = color.Reset
	faint   = color.Faint
	good    = color.FgGreen
	bad     = color.FgRed
	notable = color.FgYellow
	measure = color.FgBlue
)

// style colours a string that is already escaped.
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

// apply sets the colour per value: the global switch of the colour package is for
// the whole process and depends on the standard output.
func (p palette) apply(c color.Attribute, s string) string {
	if !p.on || s == "" {
		return s
	}
	bold := color.New(color.Bold, c)
	bold.EnableColor()
	return bold.Sprint(s)
}
