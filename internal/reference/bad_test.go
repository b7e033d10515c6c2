package reference

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/distribution/reference"
)

// badLines reads testdata/bad/NAME: lines of a class, a tab and a Go string.
func badLines(tb testing.TB, name string) (lines [][2]string) {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "testdata", "bad", name))
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		class, quoted, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		text, err := strconv.Unquote(quoted)
		if err != nil {
			tb.Fatalf("%s: %q: %v", name, line, err)
		}
		lines = append(lines, [2]string{class, text})
	}
	return lines
}

func TestBadReferencesAreRefused(t *testing.T) {
	for _, line := range badLines(t, "references.txt") {
		class, in := line[0], line[1]
		t.Run(strconv.QuoteToASCII(in), func(t *testing.T) {
			r, err := Parse(in)
			if got := classOfReference(in, r, err); got != class {
				t.Errorf("%q is %s (%+v, %v), want %s", in, got, r, err, class)
			}
			if err != nil && (r != Ref{}) {
				t.Errorf("%+v beside the error %v", r, err)
			}
		})
	}
}

// classOfReference distinguishes the classes of references.txt apart; "read" is none
// of them. The distribution grammar is asked by itself.
func classOfReference(in string, r Ref, err error) string {
	_, grammar := reference.ParseNormalizedNamed(strings.TrimPrefix(in, "docker://"))
	switch {
	case err == nil && errors.Is(r.RequireTagOrDigest(), ErrNoTagOrDigest):
		return "unnamed"
	case err == nil:
		return "read"
	case strings.HasPrefix(in, LayoutPrefix):
		return "layout"
	case strings.HasPrefix(in, OCIArchivePrefix), strings.HasPrefix(in, DockerArchivePrefix):
		return "archive"
	case strings.Contains(err.Error(), "unknown kind of reference"):
		return "kind"
	case grammar != nil:
		return "grammar"
	}
	return "ours"
}
