package rootfs

import (
	"cmp"
	"hash/maphash"
	"path"
	"slices"
	"strings"

	"manifest-tool/internal/platform/executable"
)

// kind is the type of an entry.
type kind uint8

const (
	kindNone kind = iota // only marks, such as a whiteout
	kindDir
	kindFile
	kindProgram // a file with an execute permission
	kindSymlink
	kindHardlink
	kindSpecial // a device, a pipe
)

// marks are the effects of a layer on the lower layers at a path.
type marks uint8

const (
	whiteout marks = 1 << iota // the path of lower layers is hidden
	opaque                     // the paths of lower layers below it are hidden
)

// record is the entry of a path. Only a hash of the path is kept, since the names
// of a million entries take too much memory. The hash has a random seed, so that
// an attacker cannot construct collisions.
type record struct {
	path  uint64
	order uint32
	kind  kind
	marks marks
	// header is the number of the file's header, 0 for none.
	header uint16
}

// Table is the index of the files of one layer.
type Table struct {
	seed    maphash.Seed
	fold    bool
	records []record
	// links are the targets of symlinks, as stored, and of hard links, as clean
	// paths.
	links map[uint64]string
	// headers are those that records have numbers of: of programs, and of what else
	// has an execute permission.
	headers []*executable.Executable
	listed  []Program
	// samples has the first program for each platform.
	samples []Program
	// contents is set if only the table of contents was read. The files can be
	// read by it.
	contents *toc

	// Compression is that of the bytes; Notes are the oddities of the layer.
	Compression Compression
	Notes       []Note
	// DiffID is the digest of the decompressed layer, if Options.DiffIDs is set.
	DiffID string
	// FromContents means that the table of contents was read instead of the layer.
	FromContents bool
}

// Program is a program file of a layer.
type Program struct {
	// Path is clean and begins with a slash.
	Path       string
	Executable *executable.Executable
	// CanExecute is whether its mode has an execute permission for anyone.
	CanExecute bool
	order      uint32
}

// Note is an oddity of a layer that could be read nevertheless.
type Note struct {
	Kind NoteKind
	// Want and Got are the expected and the actual value.
	Want, Got string
}

// NoteKind is a kind of Note.
type NoteKind string

// The kinds of notes.
const (
	// NoteCompression is a compression that differs from the media type.
	NoteCompression NoteKind = "compression"
	// NoteTrailing is data after the end of the archive.
	NoteTrailing NoteKind = "trailing"
	// NoteContents is an invalid table of contents.
	NoteContents NoteKind = "contents"
)

func (t *Table) hash(p string) uint64 {
	if t.fold {
		p = strings.ToLower(p)
	}
	return maphash.String(t.seed, p)
}

// clean converts a name in an archive to an absolute path; .. does not leave the
// root.
func clean(name string) string { return path.Clean("/" + name) }

// at returns the record of a clean path.
func (t *Table) at(p string) record {
	h := t.hash(p)
	i, found := slices.BinarySearchFunc(t.records, h, func(r record, h uint64) int { return cmp.Compare(r.path, h) })
	if !found {
		return record{path: h}
	}
	return t.records[i]
}

// header returns the header of the file at a clean path, nil if it is not a program
// and may not be executed.
func (t *Table) header(p string) *executable.Executable {
	n := t.at(p).header
	if n == 0 {
		return nil
	}
	return t.headers[n-1]
}

// hides reports whether the layer hides a clean path of lower layers: it removes
// the path or a parent directory, or a parent is not a directory in it.
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
// marks are combined, and an entry replaces an implied directory.
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
			kept[last].kind, kept[last].order, kept[last].header = r.kind, r.order, r.header
		}
	}
	t.records = kept
}
