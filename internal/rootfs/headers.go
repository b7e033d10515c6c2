package rootfs

import (
	"encoding/json"
	"strings"

	"manifest-tool/internal/platform/executable"
)

const (
	// maxOthers is how many descriptions of files that are not programs are kept
	// with their first bytes.
	maxOthers = 1000
	// maxSamples and maxSamplePath bound Table.samples.
	maxSamples, maxSamplePath = 64, 1 << 10
	// maxHeaderBytes bounds the headers together: each may have a path of 4 KiB.
	maxHeaderBytes = 8 << 20
)

// headers are the different headers of a layer's files. Files with equal headers
// share one, so that a file takes the two bytes of its number.
type headers struct {
	all    []*executable.Executable
	known  map[string]uint16
	others int
	most   int
	bytes  int
}

func newHeaders(l Limits) *headers {
	return &headers{known: map[string]uint16{}, most: min(l.Headers, 1<<16-2*maxOthers)}
}

// number returns the number of a header, from 1. The error is a *LimitError.
func (h *headers) number(e executable.Executable) (uint16, error) {
	key, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	if n, known := h.known[string(key)]; known {
		return n, nil
	}
	if h.bytes += len(key); len(h.all)-h.others >= h.most || h.bytes > maxHeaderBytes {
		return 0, &LimitError{"different program headers", int64(h.most)}
	}
	return h.add(string(key), e), nil
}

// numberOther returns the number of a file that is not a program: its header is a
// description of its first bytes, left out if there are many of them.
func (h *headers) numberOther(e executable.Executable) uint16 {
	key := "other " + e.Detail
	if h.known[key] == 0 && h.others >= maxOthers {
		e.Detail, _, _ = strings.Cut(e.Detail, executable.FirstBytes)
		key = "other " + string(e.Refusal)
	}
	if n, known := h.known[key]; known {
		return n
	}
	h.others++
	return h.add(key, e)
}

func (h *headers) add(key string, e executable.Executable) uint16 {
	h.all = append(h.all, &e)
	h.known[key] = uint16(len(h.all)) //nolint:gosec // most is below 1<<16
	return h.known[key]
}

// isCounted reports whether a file counts as a program: scripts and Java classes
// may be any number.
func isCounted(e executable.Executable) bool {
	return e.Format != executable.FormatScript && e.Format != executable.FormatJava
}
