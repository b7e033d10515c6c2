package manifest

import (
	"fmt"

	"manifest-tool/internal/reference"
)

// MaxEntries limits the entries of one index, and those that Walk reaches.
const MaxEntries = 20_000

// MaxConcurrent limits how many entries are read at the same time: more than
// the requests that any host gets at once, and few enough to limit memory.
const MaxConcurrent = 128

// MaxDepth is how deep indexes may be nested, counting the outermost one. An
// index nested deeper is never fetched, by any command: inspect shows it as not
// read, verify has a finding, push and resolve fail.
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
