package output

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "ghcr.io/team/app:1.0 (x)", "ghcr.io/team/app:1.0 (x)"},
		{"other scripts and emoji", "größe 日本 👩\u200d💻 שלום", "größe 日本 👩\u200d💻 שלום"},
		{"backslash stays", `a\x1bb`, `a\x1bb`},
		{"escape sequence", "\x1b[31mred", `\x1b[31mred`},
		{"line ends and tab", "a\r\n\tb", `a\x0d\x0a\x09b`},
		{"nul, bell, delete", "\x00\a\x7f", `\x00\x07\x7f`},
		{"C1 as UTF-8", "\u0080\u009b\u009f", `\u0080\u009b\u009f`},
		{"C1 as a raw byte", "\x9b2J", `\x9b2J`},
		{"first after C1 stays", "\u00a0", "\u00a0"},
		{"bidi", "\u061c\u200e\u200f\u202a\u202e\u2066\u2069", `\u061c\u200e\u200f\u202a\u202e\u2066\u2069`},
		{"neighbours of bidi stay", "\u200d\u2010\u2027\u202f\u2065\u206a", "\u200d\u2010\u2027\u202f\u2065\u206a"},
		{"separators", "a\u2028b\u2029c", `a\u2028b\u2029c`},
		{"invalid UTF-8", "a\xc3(\xff\xed\xa0\x80", `a\xc3(\xff\xed\xa0\x80`},
		{"a real replacement character stays", "a\ufffd\x01", "a\ufffd\\x01"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Escape(tt.in); got != tt.want {
				t.Errorf("Escape(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// dangerous lists the runes by themselves, apart from the code under test.
const dangerous = "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

func FuzzEscape(f *testing.F) {
	for _, seed := range []string{"", "plain", "größe 日本", hostile, dangerous, "\xc3", "\ufffd", `\x1b`, "a\u0085b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := Escape(in)
		if !utf8.ValidString(out) {
			t.Fatalf("%q gives invalid UTF-8 %q", in, out)
		}
		kept := strings.Map(func(r rune) rune {
			if r < ' ' || (r >= 0x7f && r < 0xa0) || strings.ContainsRune(dangerous, r) {
				return -1
			}
			return r
		}, out)
		if kept != out {
			t.Fatalf("%q lets a control through: %q", in, out)
		}
		if again := Escape(out); again != out {
			t.Fatalf("%q escaped twice is %q", in, again)
		}
		if harmless := utf8.ValidString(in) && !strings.ContainsFunc(in, func(r rune) bool {
			return r < ' ' || (r >= 0x7f && r < 0xa0) || strings.ContainsRune(dangerous, r)
		}); harmless && out != in {
			t.Fatalf("%q changed to %q", in, out)
		}
	})
}
