package manifest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"manifest-tool/internal/store"
)

const badFolder = "../../testdata/bad"

// badDocument is a line of testdata/bad/documents.txt.
type badDocument struct {
	class, contentType, file string
	body                     []byte
}

func badDocuments(tb testing.TB) (all []badDocument) {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(badFolder, "documents.txt"))
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
		body, err := os.ReadFile(filepath.Join(badFolder, "documents", parts[2]))
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, badDocument{parts[0], contentType, parts[2], body})
	}
	return all
}

// TestBadDocumentsAreRefused has a registry answer with each document and
// reads it as inspect does, and as a push reads a source.
func TestBadDocumentsAreRefused(t *testing.T) {
	for _, doc := range badDocuments(t) {
		t.Run(doc.file, func(t *testing.T) {
			host := answering(t, doc)
			_, err := Inspect(t.Context(), newStore(t), host+"/app:1", InspectOptions{})
			if got := classOfDocument(err); got != doc.class {
				t.Errorf("inspect: %s: %v, want %s", got, err, doc.class)
			}
			spec := Spec{Image: host + "/app:all", Manifests: []Source{{Image: host + "/app:1"}}}
			if _, _, err := pushed(t, spec, PushOptions{}); err == nil {
				t.Error("it was pushed")
			}
		})
	}
}

// answering is a registry that has one document under every name, and takes
// nothing.
func answering(t *testing.T, doc badDocument) (host string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			t.Errorf("it was asked to %s %s", r.Method, r.URL.Path)
			w.WriteHeader(http.StatusMethodNotAllowed)
		case strings.Contains(r.URL.Path, "/blobs/"):
			t.Errorf("a blob was asked for: %s", r.URL.Path)
			w.WriteHeader(http.StatusNotFound)
		case strings.HasSuffix(r.URL.Path, "/manifests/1"):
			w.Header()["Content-Type"] = []string{doc.contentType}
			_, _ = w.Write(doc.body)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// classOfDocument tells the classes of documents.txt apart.
func classOfDocument(err error) string {
	if err == nil {
		return "read"
	}
	if errors.Is(err, store.ErrNotAManifest) {
		return "page"
	}
	if errors.Is(err, store.ErrSchema1) {
		return "schema1"
	}
	for _, class := range []struct{ name, says string }{
		{"type", "unknown descriptor type"},
		{"many", "entries, the limit is"},
		{"entry", " of the index: "},
		{"index", "reading the index"},
		{"manifest", "reading the manifest"},
		{"layer", " of the manifest: "},
		{"config", "config of "},
		{"size", "beyond the limit"},
	} {
		if strings.Contains(err.Error(), class.says) {
			return class.name
		}
	}
	return "other"
}
