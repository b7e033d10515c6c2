package rootfs

import (
	"cmp"
	"hash/maphash"
	"path"
	"slices"
	"strings"

	"manifest-tool/internal/platform/executable"
)

// kind is what a layer has under a path.
type kind uint8

const (
	kindNone kind = iota // a whiteout, or only a mark
	kindDir
	kindFile
	kindProgram // a file that somebody may execute
	kindSymlink
	kindHardlink
	kindSpecial // a device, a pipe
)

// marks are what else a layer says about a path.
type marks uint8

const (
	whiteout marks = 1 << iota // what lower layers have there is gone
	opaque                     // what lower layers have below is gone
)

// record is all that is kept of a path. The path itself is a hash: a layer of a
// million entries would fill the memory with names. The hash is seeded anew in
// each run, so that nobody can make two paths meet.
type record struct {
	path  uint64
	order uint32
	kind  kind
	marks marks
}

// Table is what is known of the files of one layer.
type Table struct {
	seed    maphash.Seed
	fold    bool
	records []record
	// links are the targets of symlinks, as written, and of hard links, as
	// clean paths.
	links map[uint64]string
	// programs are the program files, by path; shares one Executable among
	// all that say the same.
	programs map[uint64]*executable.Executable
	listed   []Program
	// toc is set where the files were not seen, but can be read.
	contents *toc

	// Compression is what the bytes are; Notes is what is odd about them.
	Compression Compression
	Notes       []Note
	// DiffID is the digest of the layer unpacked, where it was asked for.
	DiffID string
	// FromContents says that the table was read instead of the layer.
	FromContents bool
}

// Program is a program file of a layer.
type Program struct {
	// Path is clean and begins with a slash.
	Path       string
	Executable *executable.Executable
	order      uint32
}

// Note is something odd about a layer that did not keep it from being read.
type Note struct {
	Kind NoteKind
	// Want and Got are what was expected and what was found.
	Want, Got string
}

// NoteKind is a kind of Note.
type NoteKind string

// The kinds of notes.
const (
	// NoteCompression is a layer that is packed otherwise than its type says.
	NoteCompression NoteKind = "compression"
	// NoteTrailing is data behind the end of the archive.
	NoteTrailing NoteKind = "trailing"
	// NoteContents is a table of contents that cannot be relied on.
	NoteContents NoteKind = "contents"
)

func (t *Table) hash(p string) uint64 {
	if t.fold {
		p = strings.ToLower(p)
	}
	return maphash.String(t.seed, p)
}

// clean makes an archive's name a path below the root; what would lead out of
// it ends there.
func clean(name string) string { return path.Clean("/" + name) }

// at returns what the layer says about a clean path.
func (t *Table) at(p string) record {
	h := t.hash(p)
	i, found := slices.BinarySearchFunc(t.records, h, func(r record, h uint64) int { return cmp.Compare(r.path, h) })
	if !found {
		return record{path: h}
	}
	return t.records[i]
}

// hides reports whether the layer keeps a clean path of lower layers from being
// seen: it removes the path or a folder above it, or has no folder where one
// would have to be.
func (t *Table) hides(p string) bool {
	if t.at(p).marks&whiteout != 0 {
		return true
	}
	for p != "/" {
		p = path.Dir(p)
		r := t.at(p)
		if r.marks != 0 || r.kind != kindNone && r.kind != kindDir {
			return true
		}
	}
	return false
}

// finish sorts the records and merges those of one path: the last entry counts,
// marks add up, a folder that is only implied yields to any entry.
func (t *Table) finish() {
	slices.SortFunc(t.records, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.order, b.order))
	})
	kept := t.records[:0]
	for _, r := range t.records {
		last := len(kept) - 1
		if last < 0 || kept[last].path != r.path {
			kept = append(kept, r)
			continue
		}
		kept[last].marks |= r.marks
		if r.kind != kindNone {
			kept[last].kind, kept[last].order = r.kind, r.order
		}
	}
	t.records = kept
}
