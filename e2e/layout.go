//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// layout is a folder in the OCI image layout.
type layout string

// writeLayout makes a layout that holds the objects under their tags.
func writeLayout(t *testing.T, objects map[string]object) layout {
	t.Helper()
	at := layout(t.TempDir())
	must(t, os.MkdirAll(filepath.Join(string(at), "blobs", "sha256"), 0o755))
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	for tag, o := range objects {
		at.Add(t, o)
		entry := o.Descriptor()
		entry.Annotations = map[string]string{ocispec.AnnotationRefName: tag}
		index.Manifests = append(index.Manifests, entry)
	}
	at.WriteFile(t, "index.json", encode(t, index))
	at.WriteFile(t, ocispec.ImageLayoutFile, []byte(`{"imageLayoutVersion":"1.0.0"}`))
	return at
}

// Add stores an object with everything below it.
func (l layout) Add(t *testing.T, o object) {
	t.Helper()
	for _, child := range o.Children {
		l.Add(t, child)
	}
	for _, content := range append(o.Blobs, o.Raw) {
		l.WriteFile(t, blobPath(digest.FromBytes(content)), content)
	}
}

// WriteFile stores a file of the layout.
func (l layout) WriteFile(t *testing.T, name string, content []byte) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(string(l), name), content, 0o600))
}

// ResolveTag returns the digest of the entry of index.json that has the tag. There
// must be exactly one.
func (l layout) ResolveTag(t *testing.T, tag string) digest.Digest {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(string(l), "index.json"))
	must(t, err)
	var index ocispec.Index
	must(t, json.Unmarshal(raw, &index))
	var found []digest.Digest
	for _, entry := range index.Manifests {
		if entry.Annotations[ocispec.AnnotationRefName] == tag {
			found = append(found, entry.Digest)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d entries of index.json have the tag %q, want 1:\n%s", len(found), tag, raw)
	}
	return found[0]
}

// Manifest returns the bytes of a manifest or index of the layout.
func (l layout) Manifest(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	return l.Blob(t, d)
}

// Blob returns the bytes of a blob of the layout.
func (l layout) Blob(t *testing.T, d digest.Digest) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(string(l), blobPath(d)))
	must(t, err)
	return raw
}

// blobPath is where a layout keeps the content of a digest.
func blobPath(d digest.Digest) string {
	return filepath.Join("blobs", d.Algorithm().String(), d.Encoded())
}

// Chmod sets the rights of all folders and files of the layout.
func (l layout) Chmod(t *testing.T, folders, files fs.FileMode) {
	t.Helper()
	var all []string
	must(t, filepath.WalkDir(string(l), func(path string, _ fs.DirEntry, err error) error {
		all = append(all, path)
		return err
	}))
	for _, path := range all {
		info, err := os.Stat(path)
		must(t, err)
		mode := files
		if info.IsDir() {
			mode = folders
		}
		must(t, os.Chmod(path, mode))
	}
}

// Stats tells of each folder and file of the layout when its content changed.
func (l layout) Stats(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(string(l), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			all[path] = fmt.Sprint(info.Mode(), info.ModTime().UnixNano(), info.Size())
		}
		return err
	}))
	return all
}

// LookupTag is tagged for a layout that may not have the tag.
func (l layout) LookupTag(t *testing.T, tag string) digest.Digest {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(string(l), "index.json"))
	must(t, err)
	var index ocispec.Index
	must(t, json.Unmarshal(raw, &index))
	for _, entry := range index.Manifests {
		if entry.Annotations[ocispec.AnnotationRefName] == tag {
			return entry.Digest
		}
	}
	return ""
}

// wantNothingTemporary fails the test when a layout holds a file that a run
// was still writing.
func wantNothingTemporary(t *testing.T, at layout) {
	t.Helper()
	must(t, filepath.WalkDir(string(at), func(path string, _ os.DirEntry, err error) error {
		if strings.Contains(filepath.Base(path), ".manifest-tool-") {
			t.Errorf("%s was left behind", path)
		}
		return err
	}))
}
