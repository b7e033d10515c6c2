package tarfile

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// file is a member of an archive of a test.
type file struct {
	tar.Header
	content string
}

func regular(name, content string) file {
	return file{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}, content}
}

func link(kind byte, name, target string) file {
	return file{tar.Header{Name: name, Typeflag: kind, Linkname: target}, ""}
}

// pack makes an archive.
func pack(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&f.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// packings are the ways to compress an archive as a whole.
func packings(t testing.TB) map[string]func([]byte) []byte {
	t.Helper()
	through := func(open func(io.Writer) io.WriteCloser) func([]byte) []byte {
		return func(raw []byte) []byte {
			var b bytes.Buffer
			w := open(&b)
			if _, err := w.Write(raw); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		}
	}
	return map[string]func([]byte) []byte{
		"plain": slices.Clone[[]byte],
		"gzip":  through(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"zstd": through(func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			if err != nil {
				t.Fatal(err)
			}
			return z
		}),
	}
}

// open writes an archive and opens it.
func open(t testing.TB, raw []byte, l Limits) (*File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.tar")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := (&Cache{}).Open(t.Context(), path, l)
	if err == nil {
		t.Cleanup(func() { _ = a.Close() })
	}
	return a, err
}

func content(t testing.TB, a *File, name string) (string, error) {
	t.Helper()
	m, err := a.Open(t.Context(), name)
	if err != nil {
		return "", err
	}
	defer m.Close()
	raw, err := io.ReadAll(m)
	if err == nil && int64(len(raw)) != m.Size {
		t.Errorf("%s has %d bytes, and is said to have %d", name, len(raw), m.Size)
	}
	return string(raw), err
}

// noise is content that cannot be compressed, larger than what is kept in memory.
func noise(seed uint64, size int) string {
	raw := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(seed)}).Read(raw)
	return string(raw)
}

func TestMembersAreReadInAnyOrder(t *testing.T) {
	files := []file{
		regular("./index.json", "{}"),
		{tar.Header{Name: "blobs/", Typeflag: tar.TypeDir}, ""},
		regular("blobs/a", noise(1, 300<<10)), link(tar.TypeSymlink, "old/layer.tar", "../blobs/b"), regular("blobs/b", noise(2, 400<<10)),
		link(tar.TypeLink, "hard", "blobs/a"), regular("blobs/c", noise(3, 500<<10)), regular("empty", ""),
		regular(strings.Repeat("long/", 60)+"name", "long"),
	}
	want := map[string]string{}
	for _, f := range files {
		if f.Typeflag == tar.TypeReg {
			want[strings.TrimPrefix(f.Name, "./")] = f.content
		}
	}
	want["old/layer.tar"], want["hard"] = want["blobs/b"], want["blobs/a"]
	for name, compress := range packings(t) {
		t.Run(name, func(t *testing.T) {
			a, err := open(t, compress(pack(t, files...)), DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Names()) != len(want) || a.Compressed() != (name != "plain") {
				t.Errorf("members %q, compressed %v", a.Names(), a.Compressed())
			}
			var all sync.WaitGroup
			for range 3 {
				for name, text := range want {
					all.Go(func() {
						if got, err := content(t, a, name); err != nil || got != text {
							t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(text), err)
						}
						head, err := a.Head(name)
						if err != nil || string(head) != text[:min(len(text), headSize)] {
							t.Errorf("%s begins with %q, %v", name, head, err)
						}
						if size, _, err := a.Stat(name); err != nil || size != int64(len(text)) || !a.Has(name) {
							t.Errorf("%s has %d bytes, %v", name, size, err)
						}
					})
				}
			}
			all.Wait()
			checkParts(t, a)
		})
	}
}

// checkParts reads a part of a large and of a small member.
func checkParts(t *testing.T, a *File) {
	t.Helper()
	m, err := a.Open(t.Context(), "blobs/c")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	part := make([]byte, 10)
	_, err = m.ReadAt(part, 1000)
	switch {
	case a.Compressed() && !errors.Is(err, ErrNoRange):
		t.Errorf("a part of a compressed archive: %v", err)
	case !a.Compressed() && (err != nil || string(part) != noise(3, 500<<10)[1000:1010]):
		t.Errorf("part %q, %v", part, err)
	}
	if _, err := a.Open(t.Context(), "blobs"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory is opened: %v", err)
	}
}

// TestFault129InOrderACompressedArchiveIsReadOnce counts what is decompressed.
func TestFault129InOrderACompressedArchiveIsReadOnce(t *testing.T) {
	var files []file
	for i := range 8 {
		files = append(files, regular(fmt.Sprint(i), noise(uint64(i), 300<<10)))
	}
	a, err := open(t, packings(t)["gzip"](pack(t, files...)), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	var first *stream
	for i := range 8 {
		if _, err := content(t, a, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = a.parked
		}
		if a.parked == nil || a.parked != first {
			t.Fatalf("member %d was read from another stream", i)
		}
	}
	if _, err := content(t, a, "0"); err != nil || a.parked == first {
		t.Errorf("the first member again: %v", err)
	}
}

func TestAnArchiveIsScannedUntilItChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.tar")
	var c Cache
	read := func() *index {
		a, err := c.Open(t.Context(), path, DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		return a.index
	}
	write := func(files ...file) {
		if err := os.WriteFile(path, pack(t, files...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(regular("a", "1"))
	before := read()
	if read() != before {
		t.Error("it was scanned twice")
	}
	write(regular("a", "1"), regular("b", "2"))
	if after := read(); after == before || len(after.members) != 2 {
		t.Errorf("the changed archive has %d members", len(after.members))
	}
}

// TestAMemberMayBeClosedWhileItIsRead is what an HTTP client does when a server
// responds early.
func TestAMemberMayBeClosedWhileItIsRead(t *testing.T) {
	a, err := open(t, packings(t)["gzip"](pack(t, regular("a", noise(1, 4<<20)))), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * maxStreams { // each has its turn again
		m, err := a.Open(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { _, err := io.Copy(io.Discard, m); done <- err }()
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
		if _, err := m.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
			t.Errorf("reading after the end: %v", err)
		}
		_ = m.Close()
	}
}

func TestACancelledScanEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.tar")
	raw := pack(t, regular("a", noise(1, 4<<20)), regular("b", ""))
	for name, compress := range packings(t) {
		if err := os.WriteFile(path, compress(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		var c Cache
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := errors.New("stopped")
		cancel(stop)
		if _, err := c.Open(ctx, path, DefaultLimits()); !errors.Is(err, stop) {
			t.Errorf("%s: %v", name, err)
		}
		a, err := c.Open(t.Context(), path, DefaultLimits())
		if err != nil {
			t.Fatalf("%s: after a cancelled scan: %v", name, err)
		}
		if diff := cmp.Diff(2, len(a.Names())); diff != "" {
			t.Error(diff)
		}
		if _, err := a.Open(ctx, "a"); name != "plain" && !errors.Is(err, stop) {
			t.Errorf("%s: opened by a cancelled caller: %v", name, err)
		}
		_ = a.Close()
	}
}
