package rootfs

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"manifest-tool/internal/rootfs/rootfstest"
)

// badLayer is a layer that somebody made to do harm, or that broke. class says
// what reading it has to come to: read, odd (read, with a note), malformed, or
// limit.
type badLayer struct {
	name, class, mediaType string
	bytes                  []byte
}

// badLimits are small, so that the stored files can be.
func badLimits() Limits {
	l := DefaultLimits()
	l.Bytes, l.RatioFrom, l.Ratio = 12<<20, 8<<20, 200
	l.Entries, l.Links, l.Programs, l.Headers = 1000, 64<<10, 100, 300
	return l
}

// makeBadLayers makes them all; go test -run BadLayers -update stores them in
// testdata/bad/layers.
func makeBadLayers(tb testing.TB) []badLayer {
	small := rootfstest.Archive(tb, rootfstest.Entry{Name: "a", Body: "hello"})
	all := append(badGzip(tb, small), badZstd(tb, small)...)
	return append(all, badTar(tb, small)...)
}

// stored is a gzip member around bytes that are not compressed, so that it is
// the same with every compressor. flags and extra go into its header.
func stored(raw []byte, flags byte, extra []byte) []byte {
	var b bytes.Buffer
	b.Write([]byte{0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255})
	b.Write(extra)
	for rest := raw; ; {
		n := min(len(rest), 0xffff)
		last := byte(0)
		if n == len(rest) {
			last = 1
		}
		b.WriteByte(last)
		_ = binary.Write(&b, binary.LittleEndian, uint16(n))
		_ = binary.Write(&b, binary.LittleEndian, ^uint16(n))
		b.Write(rest[:n])
		if rest = rest[n:]; last == 1 {
			break
		}
	}
	_ = binary.Write(&b, binary.LittleEndian, crc32.ChecksumIEEE(raw))
	_ = binary.Write(&b, binary.LittleEndian, uint32(len(raw)))
	return b.Bytes()
}

// changed returns bytes with one of them, counted from the end where at is
// negative, replaced.
func changed(raw []byte, at int, to byte) []byte {
	out := bytes.Clone(raw)
	if at < 0 {
		at += len(out)
	}
	out[at] = to
	return out
}

func badGzip(tb testing.TB, small []byte) []badLayer {
	good := stored(small, 0, nil)
	zeros := gzipped(tb, make([]byte, 16<<20))
	member := func(raw []byte) []byte { return stored(raw, 0, nil) }
	var many []byte
	for i := 0; i < len(small); i += 16 {
		many = append(many, member(small[i:min(i+16, len(small))])...)
	}
	return []badLayer{
		{"gzip-good", "read", gzipType, good},
		{"gzip-many-members", "read", gzipType, many},
		{"gzip-empty-members", "read", gzipType, append(bytes.Repeat(member(nil), 300), good...)},
		{"gzip-as-plain", "odd", plainType, good},
		{"gzip-as-zstd", "odd", zstdType, good},
		{"gzip-garbage-behind", "odd", gzipType, append(bytes.Clone(good), "garbage"...)},
		{"gzip-header-only", "malformed", gzipType, good[:10]},
		{"gzip-two-bytes", "malformed", gzipType, good[:2]},
		{"gzip-cut-in-the-header", "malformed", gzipType, stored(small, 8, []byte(strings.Repeat("n", 300)))[:200]},
		{"gzip-cut-in-the-data", "malformed", gzipType, good[:300]},
		{"gzip-cut-before-the-sum", "odd", gzipType, good[:len(good)-8]},
		{"gzip-wrong-sum", "odd", gzipType, changed(good, -8, 1)},
		{"gzip-wrong-length", "odd", gzipType, changed(good, -1, 9)},
		{"gzip-unknown-method", "malformed", gzipType, changed(good, 2, 7)},
		{"gzip-unknown-block", "malformed", gzipType, changed(good, 10, 7)},
		{"gzip-stored-lies", "malformed", gzipType, changed(good, 13, 0)},
		{"gzip-extra-of-64k", "read", gzipType, stored(small, 4, append([]byte{0xff, 0xff}, make([]byte, 0xffff)...))},
		{"gzip-endless-name", "malformed", gzipType, stored(nil, 8, bytes.Repeat([]byte("n"), 4096))},
		{"gzip-in-gzip", "malformed", gzipType, member(good)},
		{"gzip-of-nothing", "malformed", gzipType, member([]byte("x"))},
		{"gzip-bomb-behind-the-end", "limit", gzipType, append(bytes.Clone(good), zeros...)},
		{"gzip-bomb-as-a-file", "limit", gzipType, append(member(header("zeros", 1<<40)), zeros...)},
		{"gzip-bomb-of-members", "limit", gzipType, append(member(header("zeros", 1<<40)), bytes.Repeat(gzipped(tb, make([]byte, 1<<20)), 16)...)},
	}
}

// header is a ustar header of a file of a size, with no body.
func header(name string, size int64) []byte {
	b := make([]byte, 512)
	copy(b, name)
	copy(b[100:], "0000755\x000000000\x000000000\x00")
	copy(b[124:], fmt.Sprintf("%011o\x00", size))
	if size >= 1<<33 {
		copy(b[124:], make([]byte, 12))
		binary.BigEndian.PutUint64(b[128:], uint64(size))
		b[124] = 0x80
	}
	copy(b[136:], "00000000000\x00        0")
	copy(b[257:], "ustar\x0000")
	return summed(b)
}

// summed puts the checksum into a header.
func summed(b []byte) []byte {
	copy(b[148:], "        ")
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

// zstdFrame is a frame with a window (as 2^log), made of blocks.
func zstdFrame(log byte, blocks ...[]byte) []byte {
	out := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, (log - 10) << 3}
	for _, b := range blocks {
		out = append(out, b...)
	}
	return out
}

// zstdRun is a block of one byte repeated.
func zstdRun(count uint32, last bool) []byte {
	h := count<<3 | 1<<1
	if last {
		h |= 1
	}
	return []byte{byte(h), byte(h >> 8), byte(h >> 16), 0}
}

// zstdRaw is a block of bytes as they are.
func zstdRaw(raw []byte, last bool) []byte {
	h := uint32(len(raw)) << 3
	if last {
		h |= 1
	}
	return append([]byte{byte(h), byte(h >> 8), byte(h >> 16)}, raw...)
}

func badZstd(tb testing.TB, small []byte) []badLayer {
	good := zstdFrame(20, zstdRaw(small, true))
	var runs [][]byte
	for range 1200 {
		runs = append(runs, zstdRun(128<<10, false))
	}
	bomb := append([][]byte{zstdRaw(header("zeros", 1<<40), false)}, append(runs, zstdRun(1, true))...)
	skip := []byte{0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(true))
	must(tb, err)
	sum := w.EncodeAll(small, nil)
	return []badLayer{
		{"zstd-good", "read", zstdType, good},
		{"zstd-as-gzip", "odd", gzipType, good},
		{"zstd-window-8m", "read", zstdType, zstdFrame(23, zstdRaw(small, true))},
		{"zstd-window-32m", "read", zstdType, zstdFrame(25, zstdRaw(small, true))},
		{"zstd-window-64m", "read", zstdType, zstdFrame(26, zstdRaw(small, true))},
		{"zstd-window-grows", "odd", zstdType, append(bytes.Clone(good), zstdFrame(26, zstdRaw(small, true))...)},
		{"zstd-window-128m", "read", zstdType, zstdFrame(27, zstdRaw(small, true))},
		{"zstd-window-2g", "limit", zstdType, zstdFrame(31, zstdRaw(small, true))},
		{"zstd-window-largest", "limit", zstdType, append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff}, zstdRaw(small, true)...)},
		{"zstd-content-of-2-to-60", "limit", zstdType, append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x10}, zstdRaw(small, true)...)},
		{"zstd-bomb", "limit", zstdType, zstdFrame(20, bomb...)},
		{"zstd-bomb-behind-the-end", "limit", zstdType, append(bytes.Clone(good), zstdFrame(20, append(runs, zstdRun(1, true))...)...)},
		{"zstd-skipped-first", "read", zstdType, append(bytes.Clone(skip), good...)},
		{"zstd-skipped-last", "read", zstdType, append(bytes.Clone(good), skip...)},
		{"zstd-skipped-only", "read", zstdType, skip},
		{"zstd-skips-4g", "malformed", zstdType, []byte{0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff, 1, 2}},
		{"zstd-garbage-behind", "odd", zstdType, append(bytes.Clone(good), "garbage"...)},
		{"zstd-cut-in-the-header", "malformed", zstdType, good[:5]},
		{"zstd-cut-in-a-block", "malformed", zstdType, good[:400]},
		{"zstd-reserved-bit", "malformed", zstdType, changed(good, 4, 0x08)},
		{"zstd-reserved-block", "malformed", zstdType, changed(good, 6, good[6]|6)},
		{"zstd-wants-a-dictionary", "malformed", zstdType, append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x50, 7}, zstdRaw(small, true)...)},
		{"zstd-wrong-sum", "malformed", zstdType, changed(sum, -1, sum[len(sum)-1]^1)},
		{"zstd-block-too-large", "malformed", zstdType, zstdFrame(20, zstdRun(1<<20, true))},
	}
}

// pax is an archive with one extended header, as it is written.
func pax(records string, typeflag byte, rest []byte) []byte {
	h := header("PaxHeaders/x", int64(len(records)))
	h[156] = typeflag
	out := append(summed(h), records...)
	out = append(out, make([]byte, (512-len(records)%512)%512)...)
	return append(out, rest...)
}

// record is one record of an extended header.
func paxRecord(key, value string) string {
	size := len(key) + len(value) + 3
	for n := size; ; {
		if s := fmt.Sprintf("%d %s=%s\n", n, key, value); len(s) == n {
			return s
		}
		n = len(fmt.Sprintf("%d", n)) + size
		if s := fmt.Sprintf("%d %s=%s\n", n, key, value); len(s) != n {
			n++
			return fmt.Sprintf("%d %s=%s\n", n, key, value)
		}
	}
}

func badTar(tb testing.TB, small []byte) []badLayer {
	repeat := func(n int, nth func(i int) rootfstest.Entry) []byte {
		var all []rootfstest.Entry
		for i := range n {
			all = append(all, nth(i))
		}
		return rootfstest.Archive(tb, all...)
	}
	squeezed := func(raw []byte) []byte { return gzipped(tb, raw) }
	typed := func(flag byte) []byte {
		h := header("odd", 0)
		h[156] = flag
		return append(summed(h), small...)
	}
	return []badLayer{
		{"tar-good", "read", plainType, small},
		{"tar-as-gzip", "odd", gzipType, small},
		{"tar-nothing", "read", plainType, nil},
		{"tar-one-byte", "malformed", plainType, []byte("x")},
		{"tar-text", "malformed", plainType, bytes.Repeat([]byte("this is no archive. "), 60)},
		{"tar-bzip2", "malformed", plainType, []byte("BZh91AY&SY")},
		{"tar-xz", "malformed", plainType, []byte("\xfd7zXZ\x00\x00\x04")},
		{"tar-zip", "malformed", plainType, []byte("PK\x03\x04\x14\x00")},
		{"tar-html", "malformed", gzipType, []byte("<!DOCTYPE html><title>404</title>" + strings.Repeat(" ", 600))},
		{"tar-wrong-checksum", "malformed", plainType, changed(small, 0, 'b')},
		{"tar-cut-in-a-header", "malformed", plainType, small[:100]},
		{"tar-cut-in-a-file", "malformed", plainType, append(header("a", 4096), "short"...)},
		{"tar-no-end", "read", plainType, small[:1024]},
		{"tar-data-behind-the-end", "odd", plainType, append(bytes.Clone(small), small...)},
		{"tar-negative-size", "malformed", plainType, summed(changed(header("a", 1<<40), 124, 0xff))},
		{"tar-size-of-2-to-62", "malformed", plainType, append(header("a", 1<<62), small...)},
		{"tar-size-not-octal", "malformed", plainType, summed(changed(header("a", 10), 130, 'z'))},
		{"tar-pax-of-2-mib", "limit", gzipType, squeezed(pax(strings.Repeat("x", 2<<20), 'x', small))},
		{"tar-pax-not-a-record", "malformed", plainType, pax("hello\n", 'x', small)},
		{"tar-pax-length-lies", "malformed", plainType, pax("999 path=x\n", 'x', small)},
		{"tar-pax-negative-size", "malformed", plainType, pax(paxRecord("size", "-1"), 'x', small)},
		{"tar-pax-path-of-40-kib", "limit", gzipType, squeezed(pax(paxRecord("path", strings.Repeat("a/", 20<<10)), 'x', small))},
		{"tar-pax-link-of-40-kib", "limit", gzipType, squeezed(pax(paxRecord("linkpath", strings.Repeat("a/", 20<<10)), 'x', small))},
		{"tar-pax-path-of-zeros", "malformed", plainType, pax(paxRecord("path", "a\x00b"), 'x', small)},
		{"tar-pax-without-a-file", "read", plainType, pax(paxRecord("path", "x"), 'x', nil)},
		{"tar-global-headers", "read", gzipType, squeezed(append(bytes.Repeat(pax(paxRecord("comment", "x"), 'g', nil), 500), small...))},
		{"tar-gnu-name-of-2-mib", "limit", gzipType, squeezed(pax(strings.Repeat("n", 2<<20), 'L', small))},
		{"tar-sparse-1.0-endless-map", "malformed", gzipType, squeezed(pax(paxRecord("GNU.sparse.major", "1")+paxRecord("GNU.sparse.minor", "0")+
			paxRecord("GNU.sparse.name", "s")+paxRecord("GNU.sparse.realsize", "1"), 'x', append(header("s", 4<<20), bytes.Repeat([]byte("1000000\n"), 1<<19)...)))},
		{"tar-sparse-0.1-overlaps", "malformed", plainType, pax(paxRecord("GNU.sparse.size", "10")+paxRecord("GNU.sparse.numblocks", "2")+
			paxRecord("GNU.sparse.map", "0,9,5,9"), 'x', append(header("s", 5), small...))},
		{"tar-sparse-of-zeros", "limit", gzipType, squeezed(pax(paxRecord("GNU.sparse.size", "1099511627776")+paxRecord("GNU.sparse.numblocks", "1")+
			paxRecord("GNU.sparse.map", "0,0"), 'x', append(append(header("s", 0), small...), make([]byte, 100<<20)...)))},
		{"tar-many-entries", "limit", gzipType, squeezed(repeat(1001, func(i int) rootfstest.Entry { return rootfstest.Entry{Name: fmt.Sprint(i)} }))},
		{"tar-many-folders", "limit", gzipType, squeezed(repeat(900, func(i int) rootfstest.Entry { return rootfstest.Entry{Name: fmt.Sprintf("%d/a/b", i)} }))},
		{"tar-many-links", "limit", gzipType, squeezed(repeat(900, func(i int) rootfstest.Entry {
			return rootfstest.Entry{Name: fmt.Sprintf("%d -> %s", i, strings.Repeat("t", 90))}
		}))},
		{"tar-many-programs", "limit", gzipType, squeezed(repeat(101, func(i int) rootfstest.Entry {
			return rootfstest.Entry{Name: fmt.Sprint(i), Body: rootfstest.ELF(rootfstest.AMD64, "")}
		}))},
		{"tar-many-scripts", "read", gzipType, squeezed(repeat(500, func(i int) rootfstest.Entry {
			return rootfstest.Entry{Name: fmt.Sprint(i), Body: "#!/bin/sh\n"}
		}))},
		{"tar-many-headers", "limit", gzipType, squeezed(repeat(301, func(i int) rootfstest.Entry {
			return rootfstest.Entry{Name: fmt.Sprint(i), Body: fmt.Sprintf("#!/bin/%d\n", i)}
		}))},
		{"tar-leads-out", "read", plainType, rootfstest.Archive(tb, rootfstest.Entry{Name: "../../etc/passwd"}, rootfstest.Entry{Name: "/etc/shadow"}, rootfstest.Entry{Name: "a -> ../../../etc"}, rootfstest.Entry{Name: "a/x"})},
		{"tar-links-in-a-circle", "read", plainType, rootfstest.Archive(tb, rootfstest.Entry{Name: "a => b"}, rootfstest.Entry{Name: "b => a"}, rootfstest.Entry{Name: "c -> c"})},
		{"tar-devices", "read", plainType, append(typed(tar.TypeChar)[:512], append(typed(tar.TypeBlock)[:512], typed(tar.TypeFifo)...)...)},
		{"tar-unknown-type", "read", plainType, typed('Z')},
		{"tar-name-of-escapes", "read", plainType, rootfstest.Archive(tb, rootfstest.Entry{Name: "a\x1b[31m\r\nb"})},
		{"tar-whiteouts-only", "read", plainType, rootfstest.Archive(tb, rootfstest.Entry{Name: ".wh."}, rootfstest.Entry{Name: ".wh..wh..opq"}, rootfstest.Entry{Name: ".wh...", Body: ""})},
	}
}
