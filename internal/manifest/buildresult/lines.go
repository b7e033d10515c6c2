package buildresult

import (
	"bytes"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
)

// parseLines reads a file with a digest or a reference in each line. References of one
// digest are the names of one image: builders write one for each destination.
func parseLines(file string, content []byte) ([]Image, error) {
	if !utf8.Valid(content) || bytes.ContainsRune(content, 0) {
		err := position{file: file}.errorf("it is not text in UTF-8")
		err.HintText = "Windows PowerShell writes UTF-16 with > and Out-File: use Set-Content -Encoding ascii"
		return nil, err
	}
	var all []Image
	byDigest := map[digest.Digest]int{}
	number := 0
	for line := range strings.Lines(string(content)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		at := position{file, number}
		image, err := parseLine(at, line)
		if err != nil {
			return nil, err
		}
		first, again := byDigest[image.Digest]
		switch {
		case again && (len(image.Names) == 0 || len(all[first].Names) == 0):
			return nil, duplicateError(all[first], image)
		case again:
			all[first].Names = append(all[first].Names, image.Names...)
			continue
		case image.Digest != "":
			byDigest[image.Digest] = len(all)
		}
		all = append(all, image)
	}
	if len(all) == 0 {
		return parseEmpty(file)
	}
	return all, nil
}

func parseLine(at position, line string) (Image, error) {
	image := Image{Origin: at.String()}
	if d, ok := parseDigest(line); ok {
		image.Digest = d
		return image, nil
	}
	if d, ok := wrongCase(line); ok {
		return Image{}, at.caseError(line, d)
	}
	if strings.HasPrefix(line, "sha256:") {
		return Image{}, at.errorf("%.80q is not a digest: it needs 64 hex digits in lower case", line)
	}
	if strings.ContainsAny(line, " \t") {
		return Image{}, at.errorf("%.80q is more than a digest or a reference", reference.RedactUserinfo(line))
	}
	ref, err := reference.Parse(line)
	if err == nil {
		err = ref.RequireTagOrDigest()
	}
	if err != nil {
		return Image{}, at.errorf("%.120q is neither a digest nor a reference: %w", reference.RedactUserinfo(line), err)
	}
	image.Digest, image.Names = ref.Digest, []reference.Ref{ref}
	return image, nil
}

// parseEmpty reads an empty file, which may be of a directory whose files are named by
// digests.
func parseEmpty(file string) ([]Image, error) {
	if d, ok := parseDigest(filepath.Base(file)); ok {
		return []Image{{Digest: d, Origin: file}}, nil
	}
	return nil, position{file: file}.errorf("it is empty: it names no image")
}

// duplicateError reports a digest that is named twice.
func duplicateError(a, b Image) error {
	err := position{file: b.Origin}.errorf("digest %s is in %s already", b.Digest, a.Origin)
	if a.Origin == b.Origin {
		err = position{file: b.Origin}.errorf("digest %s is given twice", b.Digest)
	}
	err.HintText = "two builds had the same result: build each platform once, and leave one of them out"
	return err
}
