package rootfs

import (
	"path"
	"strings"
)

// The names of whiteouts. Source: image-spec, "layer.md".
const (
	whiteoutPrefix = ".wh."
	opaqueName     = ".wh..wh..opq"
	// metaPrefix is that of aufs's own files, which are not part of the image.
	metaPrefix = ".wh..wh."
)

// builder fills a Table.
type builder struct {
	table  *Table
	limits Limits
	// seen are the parent directories of entries, so that each is recorded once.
	seen      map[uint64]bool
	order     uint32
	linkBytes int
	entries   int
	// last is the index of the record of the last entry.
	last int
	// prefix is removed from each name; names without it are skipped.
	prefix   string
	symlinks symlinkTracker
}

func newBuilder(t *Table, l Limits, prefix string) *builder {
	t.links = map[uint64]string{}
	return &builder{table: t, limits: l, seen: map[uint64]bool{}, prefix: prefix}
}

// add adds an entry and returns its clean path, "" if it is not a file of the
// image. target is that of a link. The error is a *LimitError.
func (b *builder) add(name string, k kind, target string) (string, error) {
	b.entries++
	b.order++
	switch {
	case b.entries > b.limits.Entries:
		return "", &LimitError{"entries", int64(b.limits.Entries)}
	case len(name) > b.limits.Path || len(target) > b.limits.Path:
		return "", &LimitError{"bytes in a path", int64(b.limits.Path)}
	}
	p, within := b.cut(clean(name))
	if !within {
		return "", nil
	}
	p = b.extractPath(p)
	dir, base := path.Split(p)
	switch {
	case base == opaqueName:
		return "", b.record(clean(dir), kindDir, opaque)
	case strings.HasPrefix(base, metaPrefix), strings.Contains(dir, "/"+metaPrefix):
		return "", nil
	case strings.HasPrefix(base, whiteoutPrefix):
		return "", b.record(clean(dir+strings.TrimPrefix(base, whiteoutPrefix)), kindNone, whiteout)
	}
	if k == kindSymlink || k == kindHardlink {
		if err := b.link(p, k, target); err != nil {
			return "", err
		}
	}
	b.symlinks.set(b.table.hash(p), k)
	return p, b.record(p, k, 0)
}

// cut removes the prefix from a clean path.
func (b *builder) cut(p string) (string, bool) {
	if b.prefix == "" {
		return p, true
	}
	if len(p) < len(b.prefix) || !strings.EqualFold(p[:len(b.prefix)], b.prefix) {
		return "", false
	}
	return clean(p[len(b.prefix):]), true
}

func (b *builder) link(p string, k kind, target string) error {
	if b.linkBytes += len(target); b.linkBytes > b.limits.Links {
		return &LimitError{"bytes in the targets of links", int64(b.limits.Links)}
	}
	if k == kindHardlink {
		target, _ = b.cut(clean(target))
		target = b.extractPath(target)
	}
	b.table.links[b.table.hash(p)] = target
	return nil
}

// record adds a path and its parent directories.
func (b *builder) record(p string, k kind, m marks) error {
	t := b.table
	b.last = len(t.records)
	t.records = append(t.records, record{path: t.hash(p), order: b.order, kind: k, marks: m})
	for p != "/" {
		p = path.Dir(p)
		h := t.hash(p)
		if b.seen[h] {
			break
		}
		b.seen[h] = true
		// Order 0: an entry for the directory itself replaces it.
		t.records = append(t.records, record{path: h, kind: kindDir})
	}
	if len(t.records) > 2*b.limits.Entries {
		return &LimitError{"paths", 2 * int64(b.limits.Entries)}
	}
	return nil
}
