package rootfs

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"manifest-tool/internal/rootfs/rootfstest"
)

// scanned reads a layer within limits.
func scanned(t *testing.T, l Limits, mediaType string, raw []byte) (*Table, bool, error) {
	t.Helper()
	layer, _ := layerOf(mediaType, raw)
	return badScanner(l).scan(t.Context(), layer)
}

// wantLimit fails the test unless a limit was met.
func wantLimit(t *testing.T, err error, what string) {
	t.Helper()
	var limit *LimitError
	if !errors.As(err, &limit) || !strings.Contains(limit.What, what) {
		t.Errorf("error %v, want the limit of %s", err, what)
	}
}

func TestFault104ZstdMayNotAskForMuchMemory(t *testing.T) {
	small := rootfstest.Archive(t, rootfstest.Entry{Name: "a"})
	for log, want := range map[byte]bool{20: true, 23: true, 25: true, 26: true, 27: true, 28: false, 29: false, 41: false} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := scanned(t, DefaultLimits(), zstdType, zstdFrame(log, zstdRaw(small, true)))
		runtime.ReadMemStats(&after)
		if want && err != nil {
			t.Errorf("a window of 2^%d: %v", log, err)
		}
		most := uint64(8 << 20)
		if want {
			most += 1 << log
		} else {
			wantLimit(t, err, "window of a zstd frame")
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > most {
			t.Errorf("a window of 2^%d took %d MiB", log, took>>20)
		}
	}
}

// TestFault104ALaterFrameHasALargerWindow has an archive whose second frame requires
// more than the first: it is read once more, alone.
func TestFault104ALaterFrameHasALargerWindow(t *testing.T) {
	small := rootfstest.Archive(t, rootfstest.Entry{Name: "a", Body: rootfstest.ELF(rootfstest.AMD64, "")}, rootfstest.Entry{Name: "b"})
	for log, want := range map[byte]bool{25: true, 27: true, 28: false} {
		raw := append(zstdFrame(20, zstdRaw(small[:700], true)), zstdFrame(log, zstdRaw(small[700:], true))...)
		table, verified, err := scanned(t, DefaultLimits(), zstdType, raw)
		if (err == nil) != want || !verified || want && table.at("/b").kind != kindProgram {
			t.Errorf("a window of 2^%d: %+v, %v, %v", log, table, verified, err)
		}
	}
}

func TestFault104AZstdBombIsGivenUp(t *testing.T) {
	var runs [][]byte
	for range 64 << 10 { // 8 GiB in 256 KiB
		runs = append(runs, zstdRun(128<<10, false))
	}
	bomb := zstdFrame(20, append([][]byte{zstdRaw(header("zeros", 1<<40), false)}, runs...)...)
	_, verified, err := scanned(t, DefaultLimits(), zstdType, bomb)
	wantLimit(t, err, "times its size")
	if verified {
		t.Error("it was read to its end")
	}
}

func TestFault105GzipIsReadWithinLimits(t *testing.T) {
	limits := DefaultLimits()
	zeros := gzipped(t, make([]byte, 64<<20))
	dense := append(gzipped(t, header("zeros", 20*64<<20)), bytes.Repeat(zeros, 20)...)
	table, _, err := scanned(t, limits, gzipType, append(dense, gzipped(t, make([]byte, 1024))...))
	if err != nil || table.at("/zeros").kind == kindNone {
		t.Errorf("a file of zeros: %v", err)
	}

	bomb := append(gzipped(t, header("zeros", 1<<40)), bytes.Repeat(zeros, 20)...)
	limits.Bytes = 32 << 20
	_, _, err = scanned(t, limits, gzipType, bomb)
	wantLimit(t, err, "bytes after decompression")

	limits.Time = time.Nanosecond
	_, _, err = scanned(t, limits, gzipType, bomb)
	wantLimit(t, err, "seconds")
}

func TestFault105TheBytesSayHowTheyArePacked(t *testing.T) {
	small := rootfstest.Archive(t, rootfstest.Entry{Name: "app", Body: rootfstest.ELF(rootfstest.AMD64, "")})
	for _, packed := range []struct {
		kind  Compression
		bytes []byte
	}{{None, small}, {Gzip, gzipped(t, small)}, {Zstd, zstded(t, small)}} {
		for mediaType, said := range map[string]Compression{
			plainType: None, gzipType: Gzip, zstdType: Zstd,
			"application/vnd.docker.image.rootfs.diff.tar.gzip": Gzip, "application/vnd.docker.image.rootfs.diff.tar.zstd": Zstd,
		} {
			table, _, err := scanned(t, DefaultLimits(), mediaType, packed.bytes)
			if err != nil || table.Compression != packed.kind || table.at("/app").kind != kindProgram {
				t.Fatalf("%s as %s: %+v, %v", packed.kind, mediaType, table, err)
			}
			noted := len(table.Notes) == 1 && table.Notes[0] == Note{NoteCompression, string(said), string(packed.kind)}
			if noted != (said != packed.kind) {
				t.Errorf("%s as %s: notes %+v", packed.kind, mediaType, table.Notes)
			}
		}
	}
}

func TestFault105MembersAndGarbageBehindThem(t *testing.T) {
	small := rootfstest.Archive(t, rootfstest.Entry{Name: "app", Body: rootfstest.ELF(rootfstest.AMD64, "")})
	half := len(small) / 2
	members := append(gzipped(t, small[:half]), gzipped(t, small[half:])...)
	table, verified, err := scanned(t, DefaultLimits(), gzipType, members)
	if err != nil || !verified || len(table.Notes) > 0 || table.at("/app").kind != kindProgram {
		t.Errorf("members: %+v, %v, %v", table, verified, err)
	}
	table, verified, err = scanned(t, DefaultLimits(), gzipType, append(members, "garbage"...))
	if err != nil || !verified || len(table.Notes) != 1 || table.Notes[0].Kind != NoteTrailing {
		t.Errorf("garbage behind them: %+v, %v, %v", table, verified, err)
	}
}

// TestFault106NothingIsSaidBeforeTheDigestIsKnown has the archive end long
// before the blob does: what is behind it must be read all the same.
func TestFault106NothingIsSaidBeforeTheDigestIsKnown(t *testing.T) {
	small := rootfstest.Archive(t, rootfstest.Entry{Name: "app", Body: rootfstest.ELF(rootfstest.AMD64, "")})
	for name, raw := range map[string][]byte{
		"gzip":          gzipped(t, small),
		"zstd":          zstded(t, small),
		"plain":         small,
		"padded":        append(bytes.Clone(small), make([]byte, 1<<20)...),
		"with a member": append(gzipped(t, small), gzipped(t, make([]byte, 1<<20))...),
		"no archive":    bytes.Repeat([]byte("no archive"), 200),
		"unknown":       append([]byte("BZh9"), make([]byte, 1<<20)...),
	} {
		t.Run(name, func(t *testing.T) {
			l, m := layerOf(gzipType, raw)
			m.bytes = append(bytes.Clone(raw[:len(raw)-1]), raw[len(raw)-1]^1)
			table, verified, err := badScanner(DefaultLimits()).scan(t.Context(), l)
			if table != nil || verified || !errors.Is(err, errOther) {
				t.Fatalf("the last byte differs: %v, %v, %v", table, verified, err)
			}
			m.bytes = raw
			if _, verified, _ = badScanner(DefaultLimits()).scan(t.Context(), l); !verified {
				t.Error("with its own bytes it is not verified")
			}
		})
	}
}

// TestFault107AMillionEntriesAreReadInLittleMemory writes the layer while it is
// read: it is never in memory as a whole.
func TestFault107AMillionEntriesAreReadInLittleMemory(t *testing.T) {
	read := func(entries int, l Limits) (*Table, error) {
		table, _, err := badScanner(l).scan(t.Context(), Layer{MediaType: plainType, Blob: endless{entries}})
		return table, err
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	table, err := read(999_000, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 40<<20 {
		t.Errorf("%d MiB are kept of it", kept>>20)
	}
	if r := table.at("/folder-500/500000"); r.kind != kindProgram {
		t.Errorf("one of its files is %+v", r)
	}
	few := DefaultLimits()
	few.Entries = 10_000
	_, err = read(10_001, few)
	wantLimit(t, err, "entries")
}

// endless is a plain layer of so many empty files, a thousand to a folder.
type endless struct{ entries int }

func (e endless) Open(context.Context) (io.ReadCloser, error) {
	r, w := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(w, 1<<20)
		archive := tar.NewWriter(buffered)
		for i := range e.entries {
			h := &tar.Header{Name: fmt.Sprintf("folder-%d/%d", i/1000, i), Mode: 0o755, Typeflag: tar.TypeReg}
			if archive.WriteHeader(h) != nil {
				return // the reader has had enough
			}
		}
		_ = w.CloseWithError(errors.Join(archive.Close(), buffered.Flush()))
	}()
	return r, nil
}

func (endless) ReadAt(context.Context, int64, int64) ([]byte, error) { return nil, ErrNoRange }

func TestFault107HeadersAreBounded(t *testing.T) {
	small := rootfstest.Archive(t, rootfstest.Entry{Name: "a"})
	for name, tt := range map[string]struct {
		raw  []byte
		want error
	}{
		"a PAX header of 2 MiB":      {pax(strings.Repeat("x", 2<<20), 'x', small), &LimitError{"bytes in an extended header", 1 << 20}},
		"a long name of 2 MiB":       {pax(strings.Repeat("n", 2<<20), 'L', small), &LimitError{"bytes in an extended header", 1 << 20}},
		"a sparse map without end":   {pax(paxRecord("GNU.sparse.major", "1")+paxRecord("GNU.sparse.minor", "0")+paxRecord("GNU.sparse.realsize", "1"), 'x', append(header("s", 4<<20), bytes.Repeat([]byte("1000000\n"), 1<<19)...)), nil},
		"a size that cannot be":      {append(header("a", 1<<62), small...), nil},
		"a name longer than allowed": {pax(paxRecord("path", strings.Repeat("a/", 20<<10)), 'x', small), &LimitError{"bytes in a path", 16 << 10}},
	} {
		t.Run(name, func(t *testing.T) {
			_, verified, err := scanned(t, DefaultLimits(), plainType, tt.raw)
			if err == nil {
				t.Fatal("it was read")
			}
			if limit := (*LimitError)(nil); errors.As(tt.want, &limit) {
				wantLimit(t, err, limit.What)
			} else if !verified {
				t.Error("its digest is not known")
			}
		})
	}
}

// TestFault107ASparseProgramCostsNoTime has files of half a gigabyte that hold
// nothing, but begin like programs with their tables at the end.
func TestFault107ASparseProgramCostsNoTime(t *testing.T) {
	program := []byte(rootfstest.ELF(rootfstest.AMD64, ""))
	binary.LittleEndian.PutUint64(program[32:], 1<<29-1<<20) // where the program headers are
	records := paxRecord("GNU.sparse.size", fmt.Sprint(1<<29)) + paxRecord("GNU.sparse.numblocks", "1") + paxRecord("GNU.sparse.map", fmt.Sprintf("0,%d", len(program)))
	body := append(header("app", int64(len(program))), program...)
	one := pax(records, 'x', append(body, make([]byte, 512-len(program)%512)...))
	begun := time.Now()
	table, _, err := scanned(t, DefaultLimits(), plainType, append(bytes.Repeat(one, 500), rootfstest.Archive(t, rootfstest.Entry{Name: "b"})...))
	if err != nil || table.at("/b").kind == kindNone {
		t.Fatalf("%+v, %v", table, err)
	}
	if e := table.header("/app"); e == nil || len(e.Platforms) > 0 {
		t.Errorf("it is %+v", e)
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}

// TestFault108NothingIsWritten reads layers full of paths that lead elsewhere,
// devices and links, in an empty folder.
func TestFault108NothingIsWritten(t *testing.T) {
	at := t.TempDir()
	t.Chdir(at)
	victim := at + "/victim"
	must(t, os.WriteFile(victim, []byte("whole"), 0o600))
	must(t, os.Mkdir(at+"/inside", 0o755))
	t.Chdir(at + "/inside")
	app := rootfstest.ELF(rootfstest.AMD64, "")
	s, _ := stackOf(t, false,
		[]rootfstest.Entry{{Name: "../victim", Body: app}, {Name: victim, Body: app}, {Name: "link -> .."}, {Name: "link/victim", Body: app}},
		[]rootfstest.Entry{{Name: "hard => ../victim"}, {Name: "chain -> /proc/self/root"}, {Name: "chain/" + victim, Body: app}},
	)
	for _, p := range []string{"/victim", victim, "/link/victim", "/hard", "/chain" + victim, "/../../victim"} {
		_, _ = s.Program(t.Context(), p)
	}
	_ = s.Programs(t.Context(), func(Program, string) {})
	if left, err := os.ReadFile(victim); err != nil || string(left) != "whole" {
		t.Errorf("the file outside is %q, %v", left, err)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("something was written: %v, %v", left, err)
	}
}

func TestFault108DevicesAreNoPrograms(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, flag := range map[string]byte{"char": tar.TypeChar, "block": tar.TypeBlock, "fifo": tar.TypeFifo} {
		must(t, w.WriteHeader(&tar.Header{Name: name, Typeflag: flag, Mode: 0o777}))
	}
	must(t, w.Close())
	l, _ := layerOf(plainType, b.Bytes())
	s := NewStack(NewReader(Options{Limits: DefaultLimits()}), []Layer{l}, false)
	for _, p := range []string{"/char", "/block", "/fifo"} {
		if got := where(s.Program(t.Context(), p)); got != "no file" {
			t.Errorf("%s is %s", p, got)
		}
	}
}
