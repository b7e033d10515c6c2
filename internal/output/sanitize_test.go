package output

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWhatIsShownIsCutBetweenCharacters(t *testing.T) {
	for _, c := range []struct{ before, character string }{{"", "ä"}, {"x", "ä"}, {"x", "語"}, {"xx", "語"}, {"x", "🐳"}, {"xx", "🐳"}, {"xxx", "🐳"}} {
		long := c.before + strings.Repeat(c.character, maxMessageLen)
		got := limitLength(long)
		cut, marked := strings.CutSuffix(got, "...")
		if !marked || !utf8.ValidString(cut) || len(cut) > maxMessageLen || len(cut) <= maxMessageLen-utf8.UTFMax || !strings.HasPrefix(long, cut) {
			t.Errorf("%s%s: %d bytes, ends in %q", c.before, c.character, len(got), got[len(got)-8:])
		}
	}
	if noText := strings.Repeat("\x80", maxMessageLen+1); len(limitLength(noText)) != maxMessageLen-utf8.UTFMax+3 {
		t.Errorf("%d bytes of what is no text", len(limitLength(noText)))
	}
	for _, short := range []string{"", "ä", strings.Repeat("x", maxMessageLen)} {
		if got := limitLength(short); got != short {
			t.Errorf("%d bytes became %d", len(short), len(got))
		}
	}
}
