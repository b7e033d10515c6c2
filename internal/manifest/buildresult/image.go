// Package buildresult reads what builders leave about the images that they pushed:
// directories of files named by digests, files of digests or references, and the JSON
// of buildx, bake and jib. It also reads the result of docker/metadata-action. Sources
// makes the sources of a spec of it.
//
// The formats are recognized by their content. What is read is bounded, and every
// error is an InputError that names file and line.
package buildresult

import (
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
)

// Image is one image, or one index, that a builder pushed.
type Image struct {
	// Digest is that of its manifest; empty if only a tag is known.
	Digest digest.Digest
	// Names are the references it was pushed to: none if only the digest is known.
	// Those with a digest are repositories: the tag may name another image by now.
	Names []reference.Ref
	// Origin is the file that names it, with its line if it has any.
	Origin string
	// Target is the bake target that it was built by.
	Target string
}

// position is a place in a file.
type position struct {
	file string
	line int
}

func (p position) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d", p.file, p.line)
}

// errorf returns an InputError at a position.
func (p position) errorf(format string, args ...any) *manifest.InputError {
	return &manifest.InputError{Err: fmt.Errorf("%s: "+format, append([]any{p}, args...)...)}
}

// parseDigest reads a digest, with or without its algorithm: 64 hex digits are those
// of SHA-256. ok is false for any other text.
func parseDigest(text string) (d digest.Digest, ok bool) {
	if len(text) == digest.SHA256.Size()*2 && !strings.Contains(text, ":") {
		text = digest.SHA256.String() + ":" + text
	}
	d, err := digest.Parse(text)
	return d, err == nil
}

// wrongCase returns the digest that a text would be in lower case.
func wrongCase(text string) (d digest.Digest, ok bool) {
	if _, right := parseDigest(text); right {
		return "", false
	}
	return parseDigest(strings.ToLower(text))
}

// caseError reports a digest in upper case, as some programs on Windows write it.
func (p position) caseError(text string, d digest.Digest) *manifest.InputError {
	err := p.errorf("%.80q is not a digest: a digest is written in lower case", text)
	err.HintText = "write it as " + d.String()
	return err
}
