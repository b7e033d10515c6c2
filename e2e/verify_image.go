//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"sort"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// files are the entries of a layer by name. A name that ends in a slash is a
// folder, a content that begins with "-> " a symlink, other contents are
// programs.
type files map[string]string

// Tar returns the layer as an archive, in the order of the names.
func (f files) Tar(t *testing.T) []byte {
	t.Helper()
	var names []string
	for name := range f {
		names = append(names, name)
	}
	sort.Strings(names)
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, name := range names {
		h := &tar.Header{Name: name, Mode: 0o755, Typeflag: tar.TypeReg, Size: int64(len(f[name]))}
		target, isLink := strings.CutPrefix(f[name], "-> ")
		switch {
		case isLink:
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, target, 0
		case strings.HasSuffix(name, "/"):
			h.Typeflag = tar.TypeDir
		}
		must(t, w.WriteHeader(h))
		if h.Size > 0 {
			_, err := w.Write([]byte(f[name]))
			must(t, err)
		}
	}
	must(t, w.Close())
	return out.Bytes()
}

// gzipped compresses bytes with gzip.
func gzipped(t *testing.T, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(plain)
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

// runnableImage makes an image of a config and of layers, lowest first.
func runnableImage(t *testing.T, config ocispec.Image, layers ...files) object {
	t.Helper()
	family := ociMedia()
	var blobs [][]byte
	var descriptors []ocispec.Descriptor
	config.RootFS.Type = "layers"
	for _, layer := range layers {
		plain := layer.Tar(t)
		blob := gzipped(t, plain)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, digest.FromBytes(plain))
		descriptors, blobs = append(descriptors, describe(family.Layer, blob)), append(blobs, blob)
	}
	return manifestOf(t, family.Manifest, family.Config, encode(t, config), descriptors, blobs, config.Platform)
}

// configFor is the config of an image of a platform that starts a command.
func configFor(build string, command ...string) ocispec.Image {
	return ocispec.Image{Platform: platform(build), Config: ocispec.ImageConfig{Entrypoint: command}}
}

// startedIn is started in a working directory.
func startedIn(dir, build string, command ...string) ocispec.Image {
	config := configFor(build, command...)
	config.Config.WorkingDir = dir
	return config
}

// WithPlatform returns an object whose entry declares another platform than its
// config.
func (o object) WithPlatform(build string) object {
	p := platform(build)
	o.Platform = &p
	return o
}
