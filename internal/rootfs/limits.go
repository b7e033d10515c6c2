package rootfs

import (
	"fmt"
	"time"
)

// Limits bound the work and the memory that one layer takes. Source: issue 7, docs/faults.md
// 104 to 107.
type Limits struct {
	// Window bounds the memory that a zstd frame may require, in bytes: what
	// containerd, Docker and Podman read (zstd --long=27). Build tools require
	// 8 MiB at most.
	Window uint64
	// Bytes bounds the size of a decompressed layer.
	Bytes int64
	// Ratio bounds how many times its compressed size a zstd layer may decompress
	// to, after RatioFrom bytes: real layers have files of zeros too. gzip has no
	// such limit, since it cannot exceed 1032 (RFC 1951, section 3.2.5).
	Ratio, RatioFrom int64
	// Time bounds the work on a layer, waits for the network included.
	Time time.Duration
	// Entries bounds the entries of a layer, and its paths including implied
	// directories.
	Entries int
	// Path bounds the length of a name and of the target of a link, in bytes.
	Path int
	// Links bounds the sum of the targets of a layer's links, in bytes.
	Links int
	// Programs bounds the program files of a layer whose paths are kept. Scripts
	// and Java classes are not among them.
	Programs int
	// Headers bounds the different headers of programs and scripts in a layer.
	Headers int
	// Contents bounds a stored table of contents, in bytes; decompressed it may
	// have eight times that.
	Contents int64
}

// DefaultLimits are far above what real layers need and low enough that no
// layer takes more than 64 MiB of memory, except for the window of a zstd frame
// that is larger than 32 MiB.
func DefaultLimits() Limits {
	return Limits{
		Window: 128 << 20, Bytes: 64 << 30, Ratio: 200, RatioFrom: 256 << 20, Time: 15 * time.Minute,
		Entries: 1_000_000, Path: 16 << 10, Links: 8 << 20, Programs: 100_000, Headers: 16_000, Contents: 16 << 20,
	}
}

// LimitError is a layer that exceeds a limit. The limit is that of this program:
// the layer may be valid, and is not read.
type LimitError struct {
	// What names the limit, such as "entries".
	What  string
	Limit int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("it has more than %d %s, which is the limit", e.Limit, e.What)
}
