package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/rootfs/rootfstest"
)

type blob []byte

func (b blob) Open(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (b blob) ReadAt(context.Context, int64, int64) ([]byte, error) { return nil, rootfs.ErrNoRange }

// stackOf returns the file system of an image with one layer.
func stackOf(tb testing.TB, windows bool, entries []rootfstest.Entry) *rootfs.Stack {
	tb.Helper()
	raw := rootfstest.Archive(tb, entries...)
	layer := rootfs.Layer{
		Digest: digest.FromBytes(raw), Size: int64(len(raw)), Blob: blob(raw),
		MediaType: "application/vnd.oci.image.layer.v1.tar",
	}
	return rootfs.NewStack(rootfs.NewReader(rootfs.Options{Limits: rootfs.DefaultLimits(), AtOnce: 2}), []rootfs.Layer{layer}, windows)
}

// steps writes what a command needs, one line each.
func steps(all []Step) []string {
	var lines []string
	for _, s := range all {
		assumed := ""
		if s.Assumed {
			assumed = "assumed "
		}
		lines = append(lines, fmt.Sprintf("%s%s %s: %s", assumed, s.Role, s.Name, describe(s.File, s.Err)))
	}
	return lines
}

func describe(f rootfs.File, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	case errors.Is(err, rootfs.ErrLoop):
		return "loop"
	case errors.Is(err, rootfs.ErrNotFile):
		return "no file"
	case errors.Is(err, rootfs.ErrNotExecutable):
		return "not executable " + f.Path
	case err != nil:
		return err.Error()
	case len(f.Executable.Platforms) == 0:
		return f.Path + " " + string(f.Executable.Format)
	}
	return f.Path + " " + f.Executable.Platforms[0].Platform.Architecture
}
