package server

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"manifest-tool/internal/platform"
)

// badgeLayout is a badge with the widths of its parts, in pixels.
type badgeLayout struct {
	badgeText

	Width, LabelWidth, LabelText       int
	MessageEdge, MessageX, MessageText int
}

const (
	// badgePadding is the space on each side of a text.
	badgePadding = 6
	// badgeCorner is the radius of the corners.
	badgeCorner = 3
	// maxBadgeText limits a text, in characters: registries and clients choose it.
	maxBadgeText = 200
)

func (t badgeText) layout() badgeLayout {
	t.Label, t.Message = printable(t.Label), printable(t.Message)
	label, message := textWidth(t.Label), textWidth(t.Message)
	left, right := label+2*badgePadding, message+2*badgePadding
	return badgeLayout{
		badgeText: t, Width: left + right, LabelWidth: left, LabelText: label,
		MessageEdge: right - badgeCorner, MessageX: left + badgePadding, MessageText: message,
	}
}

// printable shortens a text and replaces characters that are not printable: XML does
// not allow control characters.
func printable(text string) string {
	if all := []rune(text); len(all) > maxBadgeText {
		text = string(all[:maxBadgeText-1]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// textWidth is about the width of a text in Verdana of 11 pixels. The text is
// stretched to it, so that it fits in whichever font is there.
func textWidth(text string) int { return utf8.RuneCountInString(text) * 13 / 2 }

// withoutVersion is a platform without the build of its os, which would make a badge
// of a Windows image change with every update.
func withoutVersion(p platform.Platform) platform.Platform {
	p.OSVersion, p.OSFeatures = "", nil
	return p
}

// joinBadge lists the names of platforms, and counts those beyond maxBadge.
func joinBadge(names []string) string {
	if len(names) <= maxBadge {
		return strings.Join(names, " | ")
	}
	return fmt.Sprintf("%s | +%d", strings.Join(names[:maxBadge-1], " | "), len(names)-maxBadge+1)
}
