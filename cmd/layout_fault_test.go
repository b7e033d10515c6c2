package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

// TestADocumentOfALayoutIsNoAnswer holds that no host is spoken of where none
// was asked.
func TestADocumentOfALayoutIsNoAnswer(t *testing.T) {
	const index = "application/vnd.oci.image.index.v1+json"
	for _, c := range []struct{ mediaType, doc, want string }{
		{index, `{"schemaVersion":2}`, "its fields are not those of its mediaType"},
		{"text/plain", `{"schemaVersion":2}`, `it is not a manifest or an index (media type in index.json: "text/plain")`},
		{"application/vnd.oci.image.manifest.v1+json", `{"mediaType":"` + index + `","manifests":[]}`, "that of the entry in index.json"},
	} {
		dir := filepath.Join(t.TempDir(), "layout")
		d := digest.FromString(c.doc)
		for file, text := range map[string]string{
			"oci-layout":                  `{"imageLayoutVersion":"1.0.0"}`,
			"blobs/sha256/" + d.Encoded(): c.doc,
			"index.json": fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"digest":%q,"size":%d,
				"annotations":{"org.opencontainers.image.ref.name":"1"}}]}`, c.mediaType, d, len(c.doc)),
		} {
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(file)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got := run(t, "inspect", "oci-layout://"+dir+":1")
		if got.code != exitFailed || !strings.Contains(got.errOut, c.want) || strings.Contains(got.errOut, "host") || strings.Contains(got.errOut, "Content-Type") {
			t.Errorf("exit code %d: %s; want %s", got.code, got.errOut, c.want)
		}
	}
}
