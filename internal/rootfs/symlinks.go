package rootfs

import (
	"path"
	"strings"
)

const (
	// maxResolvedPath is how many bytes a path may have, links followed. The
	// work grows with its square, for each of a million entries.
	maxResolvedPath = 512
	// maxSymlinks is how many symlinks are remembered, more than any
	// distribution has.
	maxSymlinks = 100_000
)

// symlinkTracker are the symlinks of a layer up to an entry.
type symlinkTracker struct {
	// paths are where they are, by hash, with their targets in the table; nil
	// where entries are not unpacked one after the other, or not by Linux.
	paths map[uint64]bool
	// dir is the folder that was followed last, and leads where it led.
	dir, leads string
}

// set notes what an entry puts at a path.
func (t *symlinkTracker) set(h uint64, k kind) {
	switch {
	case t.paths == nil:
	case k == kindSymlink && len(t.paths) < maxSymlinks:
		t.paths[h], t.dir = true, ""
	case k != kindSymlink && t.paths[h]:
		delete(t.paths, h)
		t.dir = ""
	}
}

// through returns where an entry of a clean path comes to lie: what unpacks a
// layer writes through the symlinks that it has made, so that bin/app behind
// bin -> usr/bin is usr/bin/app. Of links in lower layers that is not said here,
// since some runtimes follow them and others put a folder in their place.
// Source: containerd, pkg/archive; Docker, pkg/archive.
func (b *builder) through(p string) string {
	s := &b.symlinks
	if len(s.paths) == 0 || len(p) > maxResolvedPath {
		return p
	}
	dir := path.Dir(p)
	if dir != s.dir {
		s.dir, s.leads = dir, b.resolveDir(dir)
	}
	if s.leads == dir {
		return p
	}
	return path.Join(s.leads, path.Base(p))
}

// resolveDir follows the symlinks in a folder's path. One that has too many, or grows
// too long by them, is returned as it is.
func (b *builder) resolveDir(dir string) string {
	at := dir
	for range maxHops {
		next, linked := b.resolveFirst(at)
		if !linked {
			return at
		}
		if at = next; len(at) > maxResolvedPath {
			break
		}
	}
	return dir
}

// resolveFirst puts the target of the first symlink in a path in its place.
func (b *builder) resolveFirst(p string) (string, bool) {
	for i := 1; i <= len(p); i++ {
		if i < len(p) && p[i] != '/' {
			continue
		}
		h := b.table.hash(p[:i])
		target := b.table.links[h]
		switch {
		case !b.symlinks.paths[h]:
		case strings.HasPrefix(target, "/"):
			return path.Join(target, p[i:]), true
		default:
			return path.Join(path.Dir(p[:i]), target, p[i:]), true
		}
	}
	return p, false
}
