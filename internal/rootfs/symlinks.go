package rootfs

import (
	"path"
	"strings"
)

const (
	// maxResolvedPath bounds a path with its links resolved, in bytes. The work
	// grows with its square, for each of a million entries.
	maxResolvedPath = 512
	// maxSymlinks bounds the symlinks that are tracked, to more than any
	// distribution has.
	maxSymlinks = 100_000
)

// symlinkTracker are the symlinks of a layer up to an entry.
type symlinkTracker struct {
	// paths are their paths, by hash; the table has their targets. It is nil if
	// entries are not extracted one after the other, or not by Linux.
	paths map[uint64]bool
	// dir is the directory that was resolved last, leads the result.
	dir, leads string
}

// set records the kind of an entry at a path.
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

// extractPath returns the path at which an entry is extracted: runtimes follow the
// symlinks of the same layer, so that bin/app after bin -> usr/bin is usr/bin/app.
// Links in lower layers are not followed here, since some runtimes follow them
// and others replace them by a directory.
// Source: containerd, pkg/archive; Docker, pkg/archive.
func (b *builder) extractPath(p string) string {
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

// resolveDir resolves the symlinks in a directory's path. A path with too many
// links, or one that grows too long, is returned unchanged.
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

// resolveFirst replaces the first symlink in a path by its target.
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
