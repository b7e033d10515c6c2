package executable

import (
	"cmp"
	"errors"
	"slices"
)

const (
	// tailSize is how much of the end of an ELF file for 32-bit ARM is wanted:
	// its section table is there, and .ARM.attributes before it.
	tailSize = 1 << 20
	// dataSize is how much of a segment that is searched for Go build
	// information is wanted: C's linkers put other data before it.
	dataSize = 1 << 20
	// namesSize is how much is wanted before each part: the names of sections
	// are before their table.
	namesSize = 4 << 10
	// maxWanted bounds the parts together, in bytes: a caller keeps them.
	maxWanted = 4 << 20
)

// Range is a part of a file, in bytes.
type Range struct {
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
}

// NeededRanges returns the parts of a file of size bytes that [Read] reads
// beyond its head, in the order of the file and without overlaps, for a caller
// that sees the file go by once and keeps only these: 4 MiB at most, and for
// most programs less than one. Head are the file's first
// [HeadSize] bytes, or all of it. Some parts may turn out not to be needed.
// What is read only after one of them was seen cannot be named; there the
// reader that lacks them has to return an error.
func NeededRanges(head []byte, size int64) []Range {
	r := &rangeRecorder{head: head}
	_, _ = Read(r, size)
	for i := range r.wanted {
		r.wanted[i] = expandRange(r.wanted[i], int64(len(head)), size)
	}
	if isARM(head) && size > int64(len(head)) {
		start := max(int64(len(head)), size-tailSize)
		r.wanted = append(r.wanted, Range{Offset: start, Length: size - start})
	}
	return limit(merge(r.wanted))
}

// limit leaves out what is beyond the bound.
func limit(all []Range) []Range {
	left := int64(maxWanted)
	for i, r := range all {
		if all[i].Length = min(r.Length, left); all[i].Length == 0 {
			return all[:i]
		}
		left -= all[i].Length
	}
	return all
}

// expandRange adds to a part what may have to be read once it was seen.
func expandRange(r Range, start, end int64) Range {
	if r.Length == goWindow {
		r.Length = min(dataSize, end-r.Offset)
	}
	before := min(namesSize, max(0, r.Offset-start))
	return Range{Offset: r.Offset - before, Length: r.Length + before}
}

// isARM reports whether a head is that of a little-endian ELF file for 32-bit
// ARM, as all of them are but a few.
func isARM(head []byte) bool {
	return len(head) >= 20 && string(head[:6]) == "\x7fELF\x01\x01" && head[18] == machineARM && head[19] == 0
}

// merge sorts ranges and joins those that touch.
func merge(all []Range) []Range {
	slices.SortFunc(all, func(a, b Range) int { return cmp.Compare(a.Offset, b.Offset) })
	var merged []Range
	for _, r := range all {
		if n := len(merged); n > 0 && r.Offset <= merged[n-1].Offset+merged[n-1].Length {
			end := max(merged[n-1].Offset+merged[n-1].Length, r.Offset+r.Length)
			merged[n-1].Length = end - merged[n-1].Offset
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

// errNotBuffered is what a rangeRecorder answers for bytes that it does not have.
var errNotBuffered = errors.New("not read yet")

// rangeRecorder has the head of a file and notes what else it is asked for.
type rangeRecorder struct {
	head   []byte
	wanted []Range
}

// ReadAt serves the head. The places in it that are asked for come from the
// head alone, so it cannot be asked for what depends on later ones.
func (r *rangeRecorder) ReadAt(p []byte, offset int64) (int, error) {
	if offset+int64(len(p)) <= int64(len(r.head)) {
		return copy(p, r.head[offset:]), nil
	}
	r.wanted = append(r.wanted, Range{Offset: offset, Length: int64(len(p))})
	return 0, errNotBuffered
}
