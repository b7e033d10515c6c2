package manifest_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/store/mediatype"
)

// TestBadDocumentsAreRefused has a registry answer with each document and
// reads it as inspect does, and as a push reads a source.
func TestBadDocumentsAreRefused(t *testing.T) {
	for _, doc := range manifesttest.BadDocuments(t) {
		t.Run(doc.File, func(t *testing.T) {
			host := answering(t, doc)
			_, err := inspect.Inspect(t.Context(), manifesttest.NewStore(t), host+"/app:1", inspect.Options{})
			if got := classOfDocument(err); got != doc.Class {
				t.Errorf("inspect: %s: %v, want %s", got, err, doc.Class)
			}
			in := spec.Spec{Image: host + "/app:all", Manifests: []spec.Source{{Image: host + "/app:1"}}}
			if err := pushSpec(t, in); err == nil {
				t.Error("it was pushed")
			}
		})
	}
}

// answering is a registry that has one document under every name, and takes
// nothing.
func answering(t *testing.T, doc manifesttest.BadDocument) (host string) {
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
			w.Header()["Content-Type"] = []string{doc.ContentType}
			_, _ = w.Write(doc.Body)
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
	if errors.Is(err, mediatype.ErrNotAManifest) {
		return "page"
	}
	if errors.Is(err, mediatype.ErrSchema1) {
		return "schema1"
	}
	for _, class := range []struct{ name, says string }{
		{"type", "which is neither an image nor an index"},
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
