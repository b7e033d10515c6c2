package tarfile

import (
	"archive/tar"
	"path"
	"strings"
)

// headSize is how many of the first bytes of a member are known: enough to
// distinguish a compressed one.
const headSize = 8

// member is a regular file in the archive, or a link.
type member struct {
	// offset is the position of its bytes in the decompressed archive.
	offset, size int64
	// link is the name to which a symbolic or hard link leads.
	link string
	// head are the first bytes, and content all of them if they are kept: both only
	// for a compressed archive.
	head, content []byte
}

// targetOf is the name to which a link in a directory leads. It is outside of the
// archive if it begins with / or ../.
func targetOf(dir, link string) string {
	if path.IsAbs(link) {
		return link
	}
	return path.Join(dir, link)
}

// isOutside reports whether a clean name leads out of the archive.
func isOutside(name string) bool {
	return path.IsAbs(name) || name == ".." || strings.HasPrefix(name, "../")
}

// isSparse reports whether parts of a file are left out in the archive, so that its
// bytes are not there in one piece.
func isSparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return h.Typeflag == tar.TypeGNUSparse
}
