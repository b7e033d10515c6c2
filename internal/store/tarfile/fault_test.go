package tarfile

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// wantProblem fails unless a member, or the archive itself, has the problem.
func wantProblem(t *testing.T, raw []byte, l Limits, member string, want error) {
	t.Helper()
	a, err := open(t, raw, l)
	if err == nil && member != "" {
		_, err = content(t, a, member)
	}
	var failed *Error
	if !errors.Is(err, want) || !errors.As(err, &failed) || failed.ExitCode() != 2 || failed.Hint() == "" {
		t.Errorf("error %v, want: %v", err, want)
	}
}

func TestFault123WhatCannotBeReadIsAnError(t *testing.T) {
	raw := pack(t, regular("index.json", "{}"), regular("blobs/a", noise(1, 300<<10)), regular("oci-layout", "{}"))
	packed := packings(t)
	damaged := func(raw []byte, at int) []byte {
		raw = bytes.Clone(raw)
		raw[at] ^= 0xff
		return raw
	}
	for name, tt := range map[string]struct {
		raw  []byte
		want error
	}{
		"nothing":                     {nil, ErrNotTar},
		"one byte":                    {[]byte("x"), ErrNotTar},
		"a text":                      {[]byte(strings.Repeat("no archive\n", 100)), ErrNotTar},
		"a compressed text":           {packed["gzip"]([]byte(strings.Repeat("no archive\n", 100))), ErrNotTar},
		"a zip":                       {append([]byte("PK\x03\x04"), make([]byte, 1000)...), ErrCompression},
		"an xz":                       {append([]byte("\xfd7zXZ\x00"), make([]byte, 1000)...), ErrCompression},
		"cut in a header":             {raw[:1024+100], ErrTruncated},
		"cut in a member":             {raw[:10<<10], ErrTruncated},
		"cut in the padding":          {raw[:700], ErrTruncated},
		"cut between two members":     {raw[:1024], ErrTruncated},
		"cut before the end":          {raw[:len(raw)-1024], ErrTruncated},
		"gzip, cut between members":   {packed["gzip"](raw[:1024]), ErrTruncated},
		"gzip of nothing":             {packed["gzip"](nil), ErrNotTar},
		"cut before the last byte":    {raw[:1024+512+300<<10-1], ErrTruncated},
		"a damaged header":            {damaged(raw, 1024+3), ErrDamaged},
		"gzip, cut":                   {packed["gzip"](raw)[:200<<10], ErrTruncated},
		"gzip, without its sum":       {packed["gzip"](raw)[:len(packed["gzip"](raw))-4], ErrTruncated},
		"gzip, of another sum":        {damaged(packed["gzip"](raw), len(packed["gzip"](raw))-8), ErrDamaged},
		"gzip, with a damaged header": {damaged(packed["gzip"](raw), 2), ErrDamaged},
		"zstd, cut":                   {packed["zstd"](raw)[:200<<10], ErrTruncated},
		"zstd, of another sum":        {damaged(packed["zstd"](raw), len(packed["zstd"](raw))-1), ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, tt.raw, DefaultLimits(), "", tt.want) })
	}
}

func TestFault124NothingLeadsOutOfAnArchive(t *testing.T) {
	for name, bad := range map[string]file{
		"an absolute name": regular("/etc/passwd", "x"), "a step up": regular("../x", "x"), "a step up inside": regular("a/../b", "x"),
		"steps up at the end": regular("a/..", "x"), "a directory": {tar.Header{Name: "../d/", Typeflag: tar.TypeDir}, ""},
		"a link of such a name": link(tar.TypeSymlink, "../x", "y"), "a device": {tar.Header{Name: "/dev/sda", Typeflag: tar.TypeBlock}, ""},
		"a long name": regular("/"+strings.Repeat("x", 200), "x"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, compress := range packings(t) {
				wantProblem(t, compress(pack(t, regular("a", "1"), bad)), DefaultLimits(), "", ErrOutside)
			}
		})
	}
	for name, target := range map[string]string{"absolute": "/etc/passwd", "up": "../../etc/passwd", "up and down": "../x/../../y"} {
		t.Run("a link that leads "+name, func(t *testing.T) {
			wantProblem(t, pack(t, link(tar.TypeSymlink, "d/a", target)), DefaultLimits(), "d/a", ErrOutside)
		})
	}
	// Names inside an archive are only names.
	a, err := open(t, pack(t, regular("./a/./b//c", "1"), regular("..c", "2"), link(tar.TypeSymlink, "d/e", "../..c"), link(tar.TypeSymlink, "unused", "/etc")), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a/b/c": "1", "..c": "2", "d/e": "2"} {
		if got, err := content(t, a, name); err != nil || got != want {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
}

func TestFault124LinksEnd(t *testing.T) {
	var chain []file
	for i := range 40 {
		chain = append(chain, link(tar.TypeSymlink, fmt.Sprint("l", i), fmt.Sprint("l", i+1)))
	}
	chain = append(chain, regular("l40", "end"))
	wantProblem(t, pack(t, chain...), DefaultLimits(), "l0", ErrLinks)
	wantProblem(t, pack(t, link(tar.TypeSymlink, "a", "b"), link(tar.TypeLink, "b", "a")), DefaultLimits(), "a", ErrLinks)
	wantProblem(t, pack(t, link(tar.TypeSymlink, "a", "a")), DefaultLimits(), "a", ErrLinks)
	a, err := open(t, pack(t, chain...), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := content(t, a, "l30"); err != nil || got != "end" {
		t.Errorf("after ten links: %q, %v", got, err)
	}
}

func TestFault125TwoMembersOfOneNameAreRefused(t *testing.T) {
	for name, again := range map[string]file{
		"another file": regular("a", "2"), "the same file": regular("a", "1"), "another spelling": regular("./a", "2"),
		"a link": link(tar.TypeSymlink, "a", "b"), "a hard link": link(tar.TypeLink, "a", "b"),
	} {
		t.Run(name, func(t *testing.T) {
			wantProblem(t, pack(t, regular("a", "1"), regular("b", "1"), again), DefaultLimits(), "", ErrDuplicate)
		})
	}
	dir := file{tar.Header{Name: "blobs/", Typeflag: tar.TypeDir}, ""}
	if _, err := open(t, pack(t, dir, dir, regular("blobs/a", "")), DefaultLimits()); err != nil {
		t.Errorf("a directory twice: %v", err)
	}
}

// TestFault126DeclaredSizesAreNotTrusted has headers with sizes that the file does not
// have, and none of them costs memory.
func TestFault126DeclaredSizesAreNotTrusted(t *testing.T) {
	for _, size := range []int64{1 << 20, 8 << 30, 1 << 50, 1<<63 - 1024} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		if err := w.WriteHeader(&tar.Header{Name: "blobs/a", Typeflag: tar.TypeReg, Size: size}); err != nil {
			t.Fatal(err)
		}
		b.WriteString(noise(1, 2048)) // and no more
		for name, compress := range packings(t) {
			t.Run(fmt.Sprint(name, " ", size), func(t *testing.T) {
				wantAllocated(t, 24<<20, func() { wantProblem(t, compress(b.Bytes()), DefaultLimits(), "", ErrTruncated) })
			})
		}
	}
}

func TestFault126SparseMembersAreRefused(t *testing.T) {
	sparse := regular("a", strings.Repeat("x", 100))
	sparse.PAXRecords = map[string]string{"GNU.sparse.major": "1"}
	raw := pack(t, regular("a", "x"), regular("bbb", "x"))
	old := bytes.Replace(raw, []byte("bbb"), []byte("a\x00\x00"), 1)
	old = gnuSparse(old)
	for name, raw := range map[string][]byte{"pax": packSparse(t), "gnu": old} {
		t.Run(name, func(t *testing.T) { wantProblem(t, raw, DefaultLimits(), "", ErrSparse) })
	}
}

// packSparse is an archive with a sparse member as GNU tar writes it in the format pax.
func packSparse(t *testing.T) []byte {
	t.Helper()
	record := func(key, value string) string {
		text := " " + key + "=" + value + "\n"
		return fmt.Sprint(len(text)+2) + text
	}
	records := record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") + record("GNU.sparse.name", "sparse") + record("GNU.sparse.realsize", "4")
	var b bytes.Buffer
	block := func(name string, kind byte, content string) {
		raw := pack(t, regular(name, content))
		raw[156] = kind
		checksum(raw[:512])
		b.Write(raw[:len(raw)-1024])
	}
	block("PaxHeaders/sparse", tar.TypeXHeader, records)
	block("GNUSparseFile.0/sparse", tar.TypeReg, "1\n0\n4\n"+strings.Repeat("\x00", 506)+"data")
	b.Write(make([]byte, 1024))
	return b.Bytes()
}

// gnuSparse makes the first member one that GNU tar wrote as sparse.
func gnuSparse(raw []byte) []byte {
	raw = bytes.Clone(raw)
	raw[156] = tar.TypeGNUSparse
	copy(raw[257:265], "ustar  \x00")
	copy(raw[386:], "00000000000\x0000000000001\x00") // one fragment of a byte
	copy(raw[483:], "00000000001\x00")
	checksum(raw[:512])
	return raw
}

// checksum sets the sum of a header.
func checksum(header []byte) {
	copy(header[148:156], "        ")
	sum := 0
	for _, b := range header {
		sum += int(b)
	}
	copy(header[148:156], fmt.Sprintf("%06o\x00 ", sum))
}

func TestFault127MembersAreCounted(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range 70_000 {
		if err := w.WriteHeader(&tar.Header{Name: fmt.Sprint("blobs/sha256/", i), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
	}
	few := DefaultLimits()
	few.Members = 1000
	for name, compress := range packings(t) {
		raw := compress(b.Bytes())
		t.Run(name, func(t *testing.T) { wantProblem(t, raw, few, "", ErrLimit) })
	}
	wantAllocated(t, 192<<20, func() { wantProblem(t, packings(t)["gzip"](b.Bytes()), DefaultLimits(), "", ErrLimit) })
	long := pack(t, regular(strings.Repeat("x", 600<<10), ""), regular(strings.Repeat("y", 600<<10), ""))
	l := DefaultLimits()
	l.Names = 1 << 20
	wantProblem(t, long, l, "", ErrLimit)
}

// TestFault127AnArchiveThatExplodesIsRefused has zeros that compress to a thousandth.
func TestFault127AnArchiveThatExplodesIsRefused(t *testing.T) {
	l := DefaultLimits()
	l.RatioFrom = 8 << 20
	raw := pack(t, regular("a", strings.Repeat("\x00", 24<<20)))
	for _, name := range []string{"gzip", "zstd"} {
		packed := packings(t)[name](raw)
		t.Run(name, func(t *testing.T) { wantProblem(t, packed, l, "", ErrLimit) })
	}
	if _, err := open(t, packings(t)["gzip"](raw), DefaultLimits()); err != nil {
		t.Errorf("a small file of zeros: %v", err)
	}
}

func TestFault127TheWindowOfZstdIsBounded(t *testing.T) {
	raw := pack(t, regular("a", noise(1, 3<<20)))
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithWindowSize(2<<20))
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(z, io.MultiReader(bytes.NewReader(raw))) // not knowing the size
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	l := DefaultLimits()
	a, err := open(t, b.Bytes(), l)
	if err != nil || cap(a.turns) != maxStreams {
		t.Errorf("a usual window: %v", err)
	}
	x := &index{compression: zstandard, limits: l, size: int64(b.Len())}
	if err := x.prepare(bytes.NewReader(b.Bytes())); err != nil || x.window != usualWindow {
		t.Errorf("window %d, %v", x.window, err)
	}
	large := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8} // a window of 2 TiB (RFC 8878, section 3.1.1.1.2)
	wantAllocated(t, 24<<20, func() { wantProblem(t, append(large, make([]byte, 100)...), l, "", ErrLimit) })
	medium := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 16 << 3} // 64 MiB
	x = &index{compression: zstandard, limits: l, size: 6}
	if err := x.prepare(bytes.NewReader(medium)); err != nil || x.window != 64<<20 || cap(x.turns) != 1 {
		t.Errorf("window %d, %d streams, %v", x.window, cap(x.turns), err)
	}
}

// wantAllocated fails if f allocates more than a number of bytes in all.
func wantAllocated(t *testing.T, limit uint64, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > limit {
		t.Errorf("it allocates %d bytes, want at most %d", n, limit)
	}
}

// inMemory is an archive without a file.
type inMemory struct{ io.ReaderAt }

func (inMemory) Close() error { return nil }

// FuzzScan scans any bytes, and reads every member of what it takes for an archive.
func FuzzScan(f *testing.F) {
	raw := pack(f, regular("index.json", "{}"), link(tar.TypeSymlink, "a", "index.json"), regular("blobs/b", noise(1, 2000)))
	for _, compress := range packings(f) {
		f.Add(compress(raw))
	}
	f.Add(gnuSparse(raw))
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8})
	l := DefaultLimits()
	l.KeptSize, l.Ratio, l.RatioFrom = 100, 10, 1<<20
	f.Fuzz(func(t *testing.T, raw []byte) {
		x, err := scan(t.Context(), bytes.NewReader(raw), int64(len(raw)), l)
		a := &File{x, newSource(inMemory{bytes.NewReader(raw)})}
		var known *Error
		if err != nil {
			if !errors.As(err, &known) {
				t.Errorf("an error without a class: %v", err)
			}
			return
		}
		for _, name := range a.Names() {
			if isOutside(name) || strings.Contains("/"+name+"/", "/../") {
				t.Errorf("a name out of the archive: %q", name)
			}
			size, offset, err := a.Stat(name)
			if err != nil {
				continue // a link without a target
			}
			if !a.Compressed() && offset+size > int64(len(raw)) {
				t.Errorf("%q: %d bytes at %d of %d", name, size, offset, len(raw))
			}
			if _, err := content(t, a, name); err != nil {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}
