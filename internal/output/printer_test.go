package output

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"manifest-tool/internal/manifest"
)

// full is a writer with no room left.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestPushedLine(t *testing.T) {
	for _, color := range []bool{false, true} {
		var out bytes.Buffer
		if err := (Printer{Out: &out, Color: color}).Pushed("sha256:ab", 1024); err != nil {
			t.Fatal(err)
		}
		if got, want := out.String(), "Digest: sha256:ab 1024\n"; got != want {
			t.Errorf("color %v: %q, want %q", color, got, want)
		}
	}
}

func TestFailedWriteIsAnError(t *testing.T) {
	p := Printer{Out: full{}}
	for name, err := range map[string]error{
		"text":   p.Inspection(singleImage()),
		"raw":    p.Raw(singleImage(), false),
		"pushed": p.Pushed("sha256:ab", 1),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRawRefusesAndWritesNothing(t *testing.T) {
	unread := oddIndex()
	unread.Index.Entries[0].Manifest = nil
	tests := []struct {
		name string
		in   manifest.Inspection
		want string
	}{
		{"child of another type", withForeign(oddIndex()), "error while generating raw JSON output: unknown media type for further display: application/x-thing"},
		{"child not read", unread, `error while generating raw JSON output: the manifest of entry "sha256:1111`},
		{"nothing found", manifest.Inspection{Name: "n"}, `error while generating raw JSON output: "n" is neither an index nor an image`},
		{"hostile type", hostileUnknown(), `unknown media type for further display: x\x0d\x1b[2K`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := Printer{Out: &out}.Raw(tt.in, false)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if out.Len() > 0 {
				t.Errorf("wrote %q", out.String())
			}
		})
	}
}

func TestTextOfNothingIsAnError(t *testing.T) {
	var out bytes.Buffer
	if err := (Printer{Out: &out}).Inspection(manifest.Inspection{Name: "n"}); err == nil || out.Len() > 0 {
		t.Errorf("error %v, output %q", err, out.String())
	}
}

func TestColorIsOnlyColor(t *testing.T) {
	for _, in := range []manifest.Inspection{withForeign(oddIndex()), singleImage()} {
		var plain, colored bytes.Buffer
		if err := errors.Join(Printer{Out: &plain}.Inspection(in), Printer{Out: &colored, Color: true}.Inspection(in)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(plain.String(), "\x1b") || !strings.Contains(colored.String(), "\x1b[1;32m") {
			t.Error("colours on the wrong side")
		}
		if got := withoutColor(colored.String()); got != plain.String() {
			t.Errorf("text differs without its colours:\n%s\n%s", got, plain.String())
		}
	}
}

// withoutColor drops the sequences ESC [ ... m.
func withoutColor(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, s, _ = strings.Cut(after, "m")
	}
}
