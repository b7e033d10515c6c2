// Package rootfstest makes layers and programs for tests.
package rootfstest

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"testing"
)

// Entry is an entry of an archive. A name that ends in a slash is a directory, one
// with " -> " a symlink, one with " => " a hard link. Others are files, by default
// with mode 0755.
type Entry struct {
	Name string
	Body string
	Mode int64
}

// Archive returns a tar archive of entries.
func Archive(tb testing.TB, entries ...Entry) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.Name, Mode: 0o755, Typeflag: tar.TypeReg, Size: int64(len(e.Body))}
		if e.Mode != 0 {
			h.Mode = e.Mode
		}
		for mark, kind := range map[string]byte{" -> ": tar.TypeSymlink, " => ": tar.TypeLink} {
			if i := bytes.Index([]byte(e.Name), []byte(mark)); i >= 0 {
				h.Name, h.Linkname, h.Typeflag = e.Name[:i], e.Name[i+len(mark):], kind
			}
		}
		if h.Typeflag == tar.TypeReg && e.Name[len(e.Name)-1] == '/' {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(e.Body)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// ELF returns the beginning of a 64-bit little-endian program for a machine, with
// a loader if it is not empty.
func ELF(machine uint16, loader string) string {
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01")
	b.Write(make([]byte, 9))
	programs := uint16(1)
	if loader != "" {
		programs = 2
	}
	segment := func(kind uint32, offset, size uint64) {
		for _, v := range []any{kind, uint32(5), offset, offset, offset, size, size, uint64(1)} {
			_ = binary.Write(&b, binary.LittleEndian, v)
		}
	}
	for _, v := range []any{
		uint16(2), machine, uint32(1), uint64(0x400000), uint64(64), uint64(0), uint32(0),
		uint16(64), uint16(56), programs, uint16(64), uint16(0), uint16(0),
	} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	segment(1, 0, 64)
	if loader != "" {
		segment(3, 64+2*56, uint64(len(loader)+1))
		b.WriteString(loader + "\x00")
	}
	return b.String()
}

// The machines of ELF. Source: System V gABI.
const (
	AMD64 = 62
	ARM64 = 183
)
