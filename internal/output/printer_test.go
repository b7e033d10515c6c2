package output

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/push"
)

// full is a writer with no room left.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestPushedLine(t *testing.T) {
	for _, color := range []bool{false, true} {
		var out bytes.Buffer
		if err := (Printer{Out: &out, Color: color}).PrintPush([]push.Result{{Digest: "sha256:ab", Size: 1024}}); err != nil {
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
		"text":   p.PrintInspection(singleImage()),
		"raw":    p.Raw(singleImage(), false),
		"bytes":  p.Bytes([]byte("{}")),
		"json":   Printer{Out: full{}, Format: Format{kind: asJSON}}.PrintInspection(singleImage()),
		"pushed": p.PrintPush([]push.Result{{}}),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRawOfNothingIsAnError(t *testing.T) {
	var out bytes.Buffer
	err := Printer{Out: &out}.Raw(inspect.Inspection{Name: "n"}, false)
	if want := `error while generating raw JSON output: "n" is neither an index nor an image`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	if out.Len() > 0 {
		t.Errorf("wrote %q", out.String())
	}
}

func TestBytesAreExactExceptOnATerminal(t *testing.T) {
	raw := "{\r\n\t\"a\": \"\u009b2J\u202e\xff\"}"
	for columns, want := range map[int]string{0: raw, 80: "{\n\t\"a\": \"\\u009b2J\\u202e\uFFFD\"}"} {
		var out bytes.Buffer
		if err := (Printer{Out: &out, Columns: columns}).Bytes([]byte(raw)); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%d columns: %q, want %q", columns, out.String(), want)
		}
	}
}

func TestTextOfNothingIsAnError(t *testing.T) {
	var out bytes.Buffer
	if err := (Printer{Out: &out}).PrintInspection(inspect.Inspection{Name: "n"}); err == nil || out.Len() > 0 {
		t.Errorf("error %v, output %q", err, out.String())
	}
}

func TestColorIsOnlyColor(t *testing.T) {
	for _, in := range []inspect.Inspection{withForeign(oddIndex()), singleImage()} {
		var plain, colored bytes.Buffer
		if err := errors.Join(Printer{Out: &plain}.PrintInspection(in), Printer{Out: &colored, Color: true}.PrintInspection(in)); err != nil {
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
