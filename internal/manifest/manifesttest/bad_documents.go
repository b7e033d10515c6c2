package manifesttest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// badDirectory is relative to internal/manifest, whose tests read it.
const badDirectory = "../../testdata/bad"

// BadDocument is a document that no command may accept, with its class: a line
// of testdata/bad/documents.txt.
type BadDocument struct {
	Class, ContentType, File string
	Body                     []byte
}

// BadDocuments returns the documents that testdata/bad/documents.txt lists. The
// test runs in internal/manifest.
func BadDocuments(tb testing.TB) (all []BadDocument) {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(badDirectory, "documents.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) != 3 {
			tb.Fatalf("documents.txt: %q", line)
		}
		contentType, err := strconv.Unquote(parts[1])
		if err != nil {
			tb.Fatalf("documents.txt: %q: %v", line, err)
		}
		body, err := os.ReadFile(filepath.Join(badDirectory, "documents", parts[2]))
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, BadDocument{parts[0], contentType, parts[2], body})
	}
	return all
}
