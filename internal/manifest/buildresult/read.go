package buildresult

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
)

const byteOrderMark = "\ufeff"

// Input is what builders left.
type Input struct {
	// From are digests, directories and files; - is standard input.
	From []string
	// BakeTargets are the targets of bake files to read: all if there are none.
	BakeTargets []string
	// ReadFile reads a file, up to a limit.
	ReadFile func(path string) ([]byte, error)
}

// Read reads all inputs in their order. The error is an InputError, among others for a
// directory with other files, and for a digest that two of them name.
func Read(in Input) ([]Image, error) {
	var all []Image
	for _, from := range in.From {
		images, err := in.read(from)
		if err != nil {
			return nil, err
		}
		all = append(all, images...)
		if len(all) > manifest.MaxEntries {
			return nil, position{file: from}.errorf("there are more than %d images", manifest.MaxEntries)
		}
	}
	if err := checkTargets(all, in.BakeTargets); err != nil {
		return nil, err
	}
	return all, checkDuplicates(all)
}

// read reads one input. A digest is not looked for among the files: a file of that name
// would mean the same.
func (in Input) read(from string) ([]Image, error) {
	if d, ok := parseDigest(from); ok {
		return []Image{{Digest: d, Origin: "command line"}}, nil
	}
	if from == "" {
		return nil, manifest.InputErrorf("an argument is empty, as with an unset variable: it names no file and no digest")
	}
	if from != "-" {
		info, err := os.Stat(from)
		if err != nil {
			return nil, missingError(from, err)
		}
		if info.IsDir() {
			return readDirectory(from)
		}
	}
	content, err := in.ReadFile(from)
	if err != nil {
		return nil, err
	}
	if from == "-" {
		from = "standard input"
	}
	return parse(from, content, in.BakeTargets)
}

// parse reads a file in any of the formats. PowerShell begins files with a byte order
// mark.
func parse(file string, content []byte, bakeTargets []string) ([]Image, error) {
	content = bytes.TrimPrefix(content, []byte(byteOrderMark))
	if start := bytes.TrimLeft(content, " \t\r\n"); len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		return parseJSON(file, content, bakeTargets)
	}
	return parseLines(file, content)
}

func missingError(from string, err error) error {
	if d, ok := wrongCase(from); ok && errors.Is(err, fs.ErrNotExist) {
		return position{file: "command line"}.caseError(from, d)
	}
	bad := position{file: from}.errorf("%w", errtext.WithoutPath(err))
	ref, invalid := reference.Parse(from)
	if errors.Is(err, fs.ErrNotExist) && invalid == nil && !ref.IsRepository() {
		bad.HintText = "push from-images takes references; from-digests takes the files that builders write"
	}
	return bad
}

// readDirectory reads a directory whose files are named by digests, in the order of the
// names. Docker's workflow for several runners makes such a directory.
func readDirectory(path string) ([]Image, error) {
	at := position{file: path}
	dir, err := os.Open(path)
	if err != nil {
		return nil, at.errorf("%w", errtext.WithoutPath(err))
	}
	defer dir.Close()
	files, err := dir.ReadDir(manifest.MaxEntries + 1)
	switch {
	case len(files) == 0:
		err := at.errorf("the directory is empty: no build left a digest")
		err.HintText = "check that the artifacts of the builds were downloaded to this directory"
		return nil, err
	case err != nil:
		return nil, at.errorf("%w", errtext.WithoutPath(err))
	case len(files) > manifest.MaxEntries:
		return nil, at.errorf("the directory has more than %d files", manifest.MaxEntries)
	}
	slices.SortFunc(files, func(a, b fs.DirEntry) int { return bytes.Compare([]byte(a.Name()), []byte(b.Name())) })
	var all []Image
	for _, file := range files {
		image, err := fromName(path, file)
		if err != nil {
			return nil, err
		}
		all = append(all, image)
	}
	return all, nil
}

// fromName returns the image that the name of a file is the digest of.
func fromName(dir string, file fs.DirEntry) (Image, error) {
	path := filepath.Join(dir, file.Name())
	d, ok := parseDigest(file.Name())
	lower, isWrongCase := wrongCase(file.Name())
	switch {
	case file.IsDir():
		err := position{file: path}.errorf("it is a directory, not a file named by a digest")
		err.HintText = "name the directories as arguments (" + dir + "/*), or set merge-multiple: true of actions/download-artifact"
		return Image{}, err
	case isWrongCase:
		return Image{}, position{file: path}.caseError(file.Name(), lower)
	case !ok:
		err := position{file: path}.errorf("its name is not a digest: 64 hex digits, with or without sha256:")
		err.HintText = "all files of a directory must be named by digests: delete the others, or name files with digests in them as arguments"
		return Image{}, err
	}
	return Image{Digest: d, Origin: path}, nil
}

// checkDuplicates fails if two images have one digest.
func checkDuplicates(all []Image) error {
	seen := map[digest.Digest]Image{}
	for _, image := range all {
		if image.Digest == "" {
			continue
		}
		if first, again := seen[image.Digest]; again {
			return duplicateError(first, image)
		}
		seen[image.Digest] = image
	}
	return nil
}

// checkTargets fails for a bake target that no file has.
func checkTargets(all []Image, targets []string) error {
	for _, name := range targets {
		if !slices.ContainsFunc(all, func(i Image) bool { return i.Target == name }) {
			return manifest.InputErrorf("no file has the bake target %q", name)
		}
	}
	return nil
}
