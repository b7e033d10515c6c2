package verify

import (
	"slices"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/rootfs"
)

// Binaries says which programs of an image are looked at.
type Binaries string

// What may be looked at: the programs that the image's command starts, every
// program and shared object of all layers, or none.
const (
	BinariesEntrypoint Binaries = "entrypoint"
	BinariesAll        Binaries = "all"
	BinariesNone       Binaries = "none"
)

// ParseBinaries reads the value of --binaries; others than the three are an
// InputError.
func ParseBinaries(s string) (Binaries, error) {
	return manifest.ParseEnum("--binaries", s, BinariesEntrypoint, BinariesAll, BinariesNone)
}

// Options are the choices of one verification. The zero value looks at
// the programs that images start and leaves nothing out.
type Options struct {
	Binaries Binaries
	// Platform, if set, limits the check to the entry that a node of it pulls, by
	// containerd's rule, and the nested indexes that lead to it.
	Platform *platform.Platform
	// Deep reads every layer, to compare its digest.
	Deep bool
	// Ignore are codes whose findings are left out; Severity is the least that
	// a finding must have, "" for any.
	Ignore   []Code
	Severity Severity
	// Strict makes errors of layers that exceed the limits.
	Strict bool
	// Jobs bounds the large layers that are read concurrently; 0 means as many
	// as memory allows.
	Jobs int
	// Limits bound what a layer can make us do; the zero value means the
	// default ones.
	Limits rootfs.Limits
}

// includes reports whether a finding is reported.
func (o Options) includes(f Finding) bool {
	return !slices.Contains(o.Ignore, f.Code) && f.Severity.rank() >= o.Severity.rank()
}

// beyondLimits is the severity of a layer that exceeds a limit. The limit is not the
// image's: nothing is wrong with the layer, and nothing is known of its content.
func (o Options) beyondLimits() Severity {
	if o.Strict {
		return SeverityError
	}
	return SeverityInfo
}

// maxReads bounds the large layers that are read concurrently, on any number of
// processors, since each takes memory.
const maxReads = 3

func (o Options) reader() *rootfs.Reader {
	limits := o.Limits
	if limits == (rootfs.Limits{}) {
		limits = rootfs.DefaultLimits()
	}
	return rootfs.NewReader(rootfs.Options{
		Limits: limits, Programs: o.Binaries == BinariesAll, FullLayers: o.Deep, DiffIDs: o.Deep, AtOnce: o.reads(),
	})
}

// reads returns how many large layers are read concurrently.
func (o Options) reads() int {
	if o.Jobs > 0 {
		return min(o.Jobs, maxReads)
	}
	return maxReads
}

// readsEverything reports whether every layer is read to its end.
func (o Options) readsEverything() bool { return o.Deep || o.Binaries == BinariesAll }
