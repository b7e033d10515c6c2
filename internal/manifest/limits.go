package manifest

import (
	"fmt"

	"manifest-tool/internal/reference"
)

// maxEntries bounds the entries of one index.
const MaxEntries = 20_000

// maxConcurrent is how many entries are worked on together: more than any host takes
// requests at once, and few enough that thousands of entries cost no memory.
const MaxConcurrent = 128

// maxDepth is how many indexes may lie in each other, the one that was named
// among them. It is one rule for all commands: an index that lies deeper is
// never fetched. inspect shows it as not read, verify has a finding, push and
// resolve fail.
const MaxDepth = 4

// NestingError is the error of a command that needs an index nested more than
// MaxDepth deep in ref.
func NestingError(ref reference.Ref) error {
	return fmt.Errorf("%s: indexes are nested more than %d deep", ref, MaxDepth)
}

// TooManyError is the error of a command that needs all that ref leads to, if
// that is more than MaxEntries.
func TooManyError(ref reference.Ref) error {
	return fmt.Errorf("%s leads to more than %d manifests", ref, MaxEntries)
}
