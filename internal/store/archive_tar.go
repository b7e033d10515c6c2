package store

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// archiveWriter writes an OCI archive. The same content makes the same bytes: members
// are sorted, and have no times and owners.
type archiveWriter struct {
	members map[string]archiveMember
}

// archiveMember is a member that will be written.
type archiveMember struct {
	size int64
	open func() (io.ReadCloser, error)
}

// newArchiveWriter returns the writer of an archive with pending blobs, and otherwise
// empty.
func newArchiveWriter(pending *pendingBlobs, blobs map[digest.Digest]section) *archiveWriter {
	w := &archiveWriter{map[string]archiveMember{}}
	for d, at := range blobs {
		w.members[blobPath(d)] = archiveMember{at.size, func() (io.ReadCloser, error) { return io.NopCloser(pending.open(at)), nil }}
	}
	marker, err := json.Marshal(ocispec.ImageLayout{Version: layoutVersion})
	if err == nil { // it is always nil
		w.addText(ocispec.ImageLayoutFile, marker)
	}
	return w
}

// keep adds the members of an existing archive. Pending blobs replace damaged ones.
func (w *archiveWriter) keep(ctx context.Context, t archiveFiles) {
	for _, name := range t.Names() {
		if _, replaced := w.members[name]; replaced && name != ocispec.ImageLayoutFile {
			continue
		}
		size, _, err := t.Stat(name)
		if err != nil {
			continue // checkFile has excluded links
		}
		w.members[name] = archiveMember{size, func() (io.ReadCloser, error) { return t.Open(ctx, name) }}
	}
}

func (w *archiveWriter) addText(name string, raw []byte) {
	w.members[name] = archiveMember{int64(len(raw)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }}
}

// write writes the archive.
func (w *archiveWriter) write(ctx context.Context, out io.Writer) error {
	to := tar.NewWriter(out)
	written := map[string]bool{".": true}
	for _, name := range slices.Sorted(maps.Keys(w.members)) {
		if err := writeDirectories(to, path.Dir(name), written); err != nil {
			return err
		}
		if err := w.writeMember(ctx, to, name); err != nil {
			return err
		}
	}
	return to.Close()
}

// writeDirectories writes a directory and those above it, unless that was done.
func writeDirectories(to *tar.Writer, dir string, written map[string]bool) error {
	if written[dir] {
		return nil
	}
	if err := writeDirectories(to, path.Dir(dir), written); err != nil {
		return err
	}
	written[dir] = true
	return to.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: time.Unix(0, 0)})
}

func (w *archiveWriter) writeMember(ctx context.Context, to *tar.Writer, name string) error {
	m := w.members[name]
	body, err := m.open()
	if err != nil {
		return err
	}
	defer body.Close()
	err = to.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: m.size, ModTime: time.Unix(0, 0)})
	if err == nil {
		_, err = io.Copy(to, ctxReader{ctx, body})
	}
	return err
}
