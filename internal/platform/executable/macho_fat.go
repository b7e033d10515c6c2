package executable

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// firstJava is the major version of the oldest Java class files. A fat Mach-O
// has the same magic, and the number of its slices where a class file has its
// version; file(1) distinguishes them by this as well.
const firstJava = 45

// sliceHead is how much of each slice is read: enough for its load commands.
const sliceHead = 16 << 10

// slice is a thin file in a fat one.
type slice struct {
	cpu, sub     uint32
	offset, size int64
}

// readFat reads a fat Mach-O, or a Java class.
func readFat(s *boundedReader, head []byte) (Executable, error) {
	e := Executable{Format: FormatMachO}
	if len(head) < 8 {
		return readUnknown(head), nil
	}
	count := binary.BigEndian.Uint32(head[4:])
	width := 20
	switch {
	case head[3] == 0xbf:
		width = 32
	case head[3] != 0xbe:
		return readUnknown(head), nil
	case count >= firstJava && isClass(head):
		major := count & 0xffff
		return Executable{Format: FormatJava, Portable: true, Detail: fmt.Sprintf("Java class, version %d", major)}, nil
	}
	if count == 0 || count >= firstJava {
		return e, malformed("a fat Mach-O of %d slices", count)
	}
	if len(head) < 8+width*int(count) {
		return e, malformed("a fat Mach-O of %d slices in %d bytes", count, len(head))
	}
	var all []slice
	for b := head[8 : 8+width*int(count)]; len(b) > 0; b = b[width:] {
		all = append(all, readSlice(b, width))
	}
	if err := checkSlices(all, s.size); err != nil {
		return e, err
	}
	return readSlices(s, all)
}

// isClass reports whether what follows the magic is the beginning of a class:
// a version, and a pool of constants whose first has a known tag (JVM
// specification, 4.1 and 4.4).
func isClass(head []byte) bool {
	if len(head) < 11 {
		return false
	}
	major, constants, tag := binary.BigEndian.Uint16(head[6:]), binary.BigEndian.Uint16(head[8:]), head[10]
	return major >= firstJava && major < 256 && constants > 1 && tag >= 1 && tag <= 20 && tag != 2 && tag != 13 && tag != 14
}

func readSlice(b []byte, width int) slice {
	f := slice{cpu: binary.BigEndian.Uint32(b), sub: binary.BigEndian.Uint32(b[4:])}
	if width == 32 {
		f.offset, f.size = clampInt64(binary.BigEndian.Uint64(b[8:])), clampInt64(binary.BigEndian.Uint64(b[16:]))
	} else {
		f.offset, f.size = int64(binary.BigEndian.Uint32(b[8:])), int64(binary.BigEndian.Uint32(b[12:]))
	}
	return f
}

// checkSlices refuses slices that are not in the file, or that overlap.
func checkSlices(all []slice, size int64) error {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b slice) int { return cmp.Compare(a.offset, b.offset) })
	end := int64(8)
	for _, f := range sorted {
		switch {
		case f.offset > size || f.size > size-f.offset:
			return malformed("a Mach-O slice of %d bytes at offset %d, beyond its end at %d", f.size, f.offset, size)
		case f.offset < end:
			return malformed("a Mach-O slice at offset %d within what ends at %d", f.offset, end)
		}
		end = f.offset + f.size
	}
	return nil
}

// readSlices reads the header of every slice, also when that of another is not
// at hand.
func readSlices(s *boundedReader, all []slice) (Executable, error) {
	e := Executable{Format: FormatMachO}
	var details []string
	var missing error
	for _, f := range all {
		found, err := e.addSlice(s, f)
		if bad := (*MalformedError)(nil); errors.As(err, &bad) {
			return e, err
		} else if err != nil {
			missing = cmp.Or(missing, err)
			continue
		}
		details = append(details, found.Detail)
		if found.Platform.Architecture != "" {
			e.Platforms = append(e.Platforms, found)
		}
	}
	e.Detail = "fat Mach-O: " + strings.Join(details, "; ")
	return e, missing
}

// addSlice reads a slice. One that is an archive of object files has no header
// of its own.
func (e *Executable) addSlice(s *boundedReader, f slice) (Evidence, error) {
	head, err := s.readUpTo(f.offset, min(f.size, sliceHead))
	if err != nil {
		return Evidence{}, fmt.Errorf("Mach-O slice: %w", err)
	}
	if bytes.HasPrefix(head, []byte("!<arch>\n")) {
		e.Shared = true
		m := machoFile{cpu: f.cpu, sub: f.sub, is64: f.cpu>>24 == 1, os: "darwin"}
		return m.evidence(), nil
	}
	m, err := parseMachO(s, f.offset, f.size, head)
	if err != nil {
		return Evidence{}, err
	}
	if m.cpu != f.cpu {
		return Evidence{}, malformed("a Mach-O slice for CPU type %d holds one for %d", f.cpu, m.cpu)
	}
	e.Shared = e.Shared || m.kind != machoExecute
	if e.Loader == "" {
		e.Loader = m.loader
	}
	return m.evidence(), nil
}
