//go:build e2e

package realimages

import (
	"archive/tar"
	"fmt"
	"io"
	"path"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// layer describes one layer: a source, of which one is set, and what is done
// with it.
type layer struct {
	Deb    string        // a Debian package: [SUITE/]NAME[:ARCH], of the image's base by default
	Npm    string        // an npm package, below /app/node_modules
	Go     string        // a Go program, as fixture.CompileProgram has it
	Goroot string        // a directory of the Go installation, below /usr/local/go
	Base   string        // SUITE/ARCH: all layers of that base
	Files  fixture.Files // files as they are written here, with execute permission

	Take  string // the path of the one file to take from the source
	First int    // only its first bytes
	At    string // the directory that the source is put into; the path of a file that is taken
	Mode  int64  // the permissions of a file that is taken, 0755 by default
}

// in returns the layers with the names that a base leaves open. Base layers
// are replaced by those of the base.
func (l layer) in(b base) []layer {
	if l.Base != "" {
		return parseBase(l.Base).layersAt(l.At)
	}
	if l.Deb != "" {
		suite, name, found := strings.Cut(l.Deb, "/")
		if !found {
			suite, name = b.suiteOr("bookworm"), l.Deb
		}
		name, arch, found := strings.Cut(name, ":")
		if !found {
			arch = b.arch
		}
		l.Deb = suite + "/" + name + "_" + arch
	}
	return []layer{l}
}

// key returns the layer as a text.
func (l layer) key(t *testing.T) string {
	t.Helper()
	return string(clitest.EncodeJSON(t, l))
}

// unchanged returns the file of the content that is the layer, if there is one.
func (l layer) unchanged(t *testing.T, content string) string {
	t.Helper()
	if l.Deb == "" || l.Take != "" || l.At != "" {
		return ""
	}
	return l.debFile(t, content)
}

func (l layer) debFile(t *testing.T, content string) string {
	t.Helper()
	return oneFile(t, content, "debian", l.Deb+".tar.gz")
}

// root returns the directory that the entries of the source are put into, and
// what is removed from their names first.
func (l layer) root() (dir, strip string) {
	switch {
	case l.Npm != "":
		return path.Join(orDefault(l.At, "app"), "node_modules", l.Npm), "package"
	case l.Goroot != "":
		return orDefault(l.At, "usr/local/go"), ""
	}
	return l.At, ""
}

func orDefault(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// write writes the layer as a tar archive.
func (l layer) write(t *testing.T, content string, to io.Writer) error {
	t.Helper()
	w := tar.NewWriter(to)
	taken := false
	err := l.open(t, content)(func(h *tar.Header, r io.Reader) error {
		name := path.Clean("/" + h.Name)[1:]
		if l.Take == "" && l.Go == "" {
			return l.copyEntry(w, h, name, r)
		}
		if name != l.Take && l.Go == "" || h.Typeflag != tar.TypeReg {
			return nil
		}
		taken = true
		return l.copyFile(w, h, r)
	})
	if err == nil && l.Take != "" && !taken {
		err = fmt.Errorf("%s is not a file of the source", l.Take)
	}
	clitest.Must(t, err)
	return w.Close()
}

// copyEntry copies an entry into the directory of the layer.
func (l layer) copyEntry(w *tar.Writer, h *tar.Header, name string, r io.Reader) error {
	dir, strip := l.root()
	if strip != "" {
		_, name, _ = strings.Cut(name, "/")
	}
	if name == "" {
		return nil
	}
	h.Name, h.Format, h.PAXRecords = path.Join(dir, name), tar.FormatUnknown, nil
	if h.Typeflag == tar.TypeDir {
		h.Name += "/"
	}
	if h.Typeflag == tar.TypeLink {
		h.Linkname = path.Join(dir, path.Clean("/" + h.Linkname)[1:])
	}
	if err := w.WriteHeader(h); err != nil || h.Typeflag != tar.TypeReg {
		return err
	}
	_, err := io.Copy(w, r)
	return err
}

// copyFile writes the file that is taken.
func (l layer) copyFile(w *tar.Writer, h *tar.Header, r io.Reader) error {
	size := h.Size
	if l.First > 0 {
		size = min(size, int64(l.First))
	}
	mode := l.Mode
	if mode == 0 {
		mode = 0o755
	}
	if err := w.WriteHeader(&tar.Header{Name: l.At, Mode: mode, Size: size, Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	_, err := io.CopyN(w, r, size)
	return err
}
