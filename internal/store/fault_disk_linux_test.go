package store

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"manifest-tool/internal/reference"
)

// TestFault93AFullDiskLeavesNothingHalf has a process write into a layout
// that may not write files beyond a size: the writing itself fails in the
// middle, as on a full disk. The process is this test once more, since what is
// limited must not be the one that reports.
func TestFault93AFullDiskLeavesNothingHalf(t *testing.T) {
	s, o, layer := newStore(t), smallIndex("x"), objectOf("", strings.Repeat("layer", 1<<15))
	if dir := flag.Arg(0); dir != "" {
		writeWithoutRoom(t, ref(t, s, "oci-layout://"+dir+":1", true), o, layer)
		return
	}
	to := layoutIn(t, s, o)
	before := []string{"blobs/sha256/" + o.Descriptor.Digest.Encoded(), "index.json", "oci-layout"}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", to.Path)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wantFiles(t, to.Path, before...)
	if got, err := s.Get(t.Context(), to); err != nil || got.Descriptor.Digest != o.Descriptor.Digest {
		t.Errorf("what was there before: %v", err)
	}
	if err := s.Put(t.Context(), to.WithDigest(layer.Descriptor.Digest), layer); err != nil {
		t.Errorf("with room again: %v", err)
	}
	got, err := s.ReadBlob(t.Context(), to, layer.Descriptor)
	if err != nil || string(got) != string(layer.Raw) {
		t.Errorf("with room again there are %d bytes, %v", len(got), err)
	}
	if info, err := os.Stat(filepath.Join(to.Path, "index.json")); err != nil || info.Mode().Perm()&0o111 != 0 {
		t.Errorf("index.json: %v, %v", info, err)
	}
}

// writeWithoutRoom writes a blob that does not fit, and tags until index.json
// does not either.
func writeWithoutRoom(t *testing.T, to reference.Ref, o, layer Document) {
	s := newStore(t)
	limited(t, 1<<12, func() {
		if err := s.Put(t.Context(), to.WithDigest(layer.Descriptor.Digest), layer); err == nil {
			t.Error("a blob was written that does not fit")
		}
		for i := range 100 {
			if err := s.Put(t.Context(), to.WithTag(fmt.Sprint("tag", i)), o); err != nil {
				return
			}
		}
		t.Error("an index.json was written that does not fit")
	})
}

// limited runs f while no file of this process may grow beyond size bytes.
func limited(t *testing.T, size uint64, f func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}

// TestFault130AFullDiskLeavesTheArchive is TestFault93AFullDiskLeavesNothingHalf for an
// archive: first a blob does not fit, then the archive with all of its blobs.
func TestFault130AFullDiskLeavesTheArchive(t *testing.T) {
	s, o := newStore(t), smallIndex("x")
	if path := flag.Arg(0); path != "" {
		writeArchiveWithoutRoom(t, ref(t, s, "oci-archive://"+path+":1", true), o)
		return
	}
	at := newArchive(t, s)
	if err := s.Put(t.Context(), at, o); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(at.Path)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", at.Path)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wantFiles(t, filepath.Dir(at.Path), "a.tar")
	if after, err := os.ReadFile(at.Path); err != nil || string(after) != string(before) {
		t.Errorf("the archive was changed: %v", err)
	}
}

func writeArchiveWithoutRoom(t *testing.T, to reference.Ref, o Document) {
	s := newStore(t)
	blob := func(i int) Document { return objectOf("", strings.Repeat(fmt.Sprint("layer", i), 1<<11)) }
	limited(t, 1<<16, func() {
		large := objectOf("", strings.Repeat("layer", 1<<15))
		if err := s.Put(t.Context(), to.WithDigest(large.Descriptor.Digest), large); !errors.Is(err, syscall.EFBIG) {
			t.Errorf("a blob that does not fit: %v", err)
		}
	})
	s = newStore(t)
	limited(t, 1<<16, func() {
		for i := range 5 { // they fit, without the headers of an archive
			if err := s.Put(t.Context(), to.WithDigest(blob(i).Descriptor.Digest), blob(i)); err != nil {
				t.Error(err)
			}
		}
		if err := s.Put(t.Context(), to.WithTag("2"), o); !errors.Is(err, syscall.EFBIG) {
			t.Errorf("an archive that does not fit: %v", err)
		}
	})
}
