//go:build e2e

package realimages

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// An archive calls a function for each of its entries, in their order.
type archive func(func(*tar.Header, io.Reader) error) error

// open returns the entries of a layer's source.
func (l layer) open(t *testing.T, content string) archive {
	t.Helper()
	switch {
	case l.Deb != "":
		return packed(l.debFile(t, content))
	case l.Npm != "":
		name := strings.ReplaceAll(strings.TrimPrefix(l.Npm, "@"), "/", "-")
		return packed(oneFile(t, content, "npm", name+"-[0-9]*.tgz"))
	case l.Goroot != "":
		return tree(filepath.Join(runtime.GOROOT(), l.Goroot), l.Goroot) //nolint:staticcheck // the tree that builds the test
	case l.Go != "":
		return memory(fixture.Files{"program": string(fixture.CompileProgram(t, l.Go))}.Tar(t))
	}
	return memory(l.Files.Tar(t))
}

// oneFile returns the path of the one file that matches a pattern below the
// content. A package of the architecture "all" replaces that of another.
func oneFile(t *testing.T, content string, pattern ...string) string {
	t.Helper()
	at := filepath.Join(append([]string{content}, pattern...)...)
	found, err := filepath.Glob(at)
	clitest.Must(t, err)
	if len(found) == 0 {
		found, err = filepath.Glob(regexp.MustCompile(`_[a-z0-9]+\.tar`).ReplaceAllString(at, "_all.tar"))
		clitest.Must(t, err)
	}
	if len(found) != 1 {
		t.Fatalf("%d files match %s, want 1: fetch has to run first", len(found), at)
	}
	return found[0]
}

// packed is a file in the format tar.gz.
func packed(path string) archive {
	return func(visit func(*tar.Header, io.Reader) error) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		r, err := gzip.NewReader(f)
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		return eachEntry(tar.NewReader(r), visit)
	}
}

// memory is an archive in memory.
func memory(raw []byte) archive {
	return func(visit func(*tar.Header, io.Reader) error) error {
		return eachEntry(tar.NewReader(bytes.NewReader(raw)), visit)
	}
}

func eachEntry(r *tar.Reader, visit func(*tar.Header, io.Reader) error) error {
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(h, r); err != nil {
			return err
		}
	}
}

// tree is the regular files of a directory, with their paths below root.
func tree(dir, root string) archive {
	return func(visit func(*tar.Header, io.Reader) error) error {
		return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			name := filepath.Join(root, strings.TrimPrefix(path, dir))
			return visit(&tar.Header{Name: name, Mode: int64(info.Mode().Perm()), Size: info.Size(), Typeflag: tar.TypeReg}, f)
		})
	}
}
