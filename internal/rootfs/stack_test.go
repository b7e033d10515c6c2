package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/rootfs/rootfstest"
)

// where says which program a path leads to, in one line.
func where(f File, err error) string {
	if err != nil {
		var layer *LayerError
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "missing"
		case errors.Is(err, ErrLoop):
			return "loop"
		case errors.Is(err, ErrNotFile):
			return "no file"
		case errors.Is(err, ErrNotExecutable):
			return "not executable " + f.Path
		case errors.As(err, &layer):
			return "unreadable"
		}
		return err.Error()
	}
	return f.Path + " " + archOf(f.Executable)
}

func archOf(e executable.Executable) string {
	if len(e.Platforms) == 0 {
		return string(e.Format)
	}
	return e.Platforms[0].Platform.Architecture
}

func TestFault109APathIsWhatTheLayersMakeOfIt(t *testing.T) {
	arm, amd := rootfstest.ELF(rootfstest.ARM64, ""), rootfstest.ELF(rootfstest.AMD64, "")
	tests := []struct {
		name   string
		layers [][]rootfstest.Entry
		path   string
		want   string
	}{
		{"one layer", [][]rootfstest.Entry{{{Name: "app", Body: amd}}}, "/app", "/app amd64"},
		{"names as ./", [][]rootfstest.Entry{{{Name: "./"}, {Name: "./bin/"}, {Name: "./bin/app", Body: amd}}}, "/bin/app", "/bin/app amd64"},
		{"names that are absolute", [][]rootfstest.Entry{{{Name: "/bin/app", Body: amd}}}, "/bin/app", "/bin/app amd64"},
		{"names that lead out", [][]rootfstest.Entry{{{Name: "../../app", Body: amd}}}, "/app", "/app amd64"},
		{"a path that leads out", [][]rootfstest.Entry{{{Name: "app", Body: amd}}}, "/../../app", "/app amd64"},
		{"the upper one", [][]rootfstest.Entry{{{Name: "app", Body: amd}}, {{Name: "app", Body: arm}}}, "/app", "/app arm64"},
		{"the last of one layer", [][]rootfstest.Entry{{{Name: "app", Body: amd}, {Name: "app", Body: arm}}}, "/app", "/app arm64"},
		{"the lower one", [][]rootfstest.Entry{{{Name: "app", Body: amd}}, {{Name: "other"}}}, "/app", "/app amd64"},
		{"a whiteout", [][]rootfstest.Entry{{{Name: "app", Body: amd}}, {{Name: ".wh.app"}}}, "/app", "missing"},
		{"a whiteout beside what replaces it", [][]rootfstest.Entry{{{Name: "app", Body: amd}}, {{Name: ".wh.app"}, {Name: "app", Body: arm}}}, "/app", "/app arm64"},
		{"a whiteout of the folder", [][]rootfstest.Entry{{{Name: "opt/bin/app", Body: amd}}, {{Name: ".wh.opt"}}}, "/opt/bin/app", "missing"},
		{"a whiteout, and lower still", [][]rootfstest.Entry{{{Name: "app", Body: amd}}, {{Name: ".wh.app"}}, {{Name: "app", Body: arm}}}, "/app", "/app arm64"},
		{"a whiteout above a whiteout", [][]rootfstest.Entry{{{Name: "app", Body: amd}}, {{Name: "app", Body: arm}}, {{Name: ".wh.app"}}}, "/app", "missing"},
		{"a whiteout of another name", [][]rootfstest.Entry{{{Name: "app", Body: amd}}, {{Name: ".wh.ap"}, {Name: ".wh.app2"}}}, "/app", "/app amd64"},
		{"an opaque folder", [][]rootfstest.Entry{{{Name: "opt/app", Body: amd}}, {{Name: "opt/"}, {Name: "opt/.wh..wh..opq"}}}, "/opt/app", "missing"},
		{"an opaque folder above", [][]rootfstest.Entry{{{Name: "opt/a/app", Body: amd}}, {{Name: "opt/.wh..wh..opq"}}}, "/opt/a/app", "missing"},
		{"an opaque folder with the same name", [][]rootfstest.Entry{{{Name: "opt/app", Body: amd}}, {{Name: "opt/.wh..wh..opq"}, {Name: "opt/app", Body: arm}}}, "/opt/app", "/opt/app arm64"},
		{"what aufs left", [][]rootfstest.Entry{{{Name: "app", Body: amd}}, {{Name: ".wh..wh.plnk/1.2", Body: arm}, {Name: ".wh..wh.aufs"}}}, "/app", "/app amd64"},
		{"a folder that became a file", [][]rootfstest.Entry{{{Name: "opt/app", Body: amd}}, {{Name: "opt", Body: arm}}}, "/opt/app", "no file"},
		{"a file that became a folder", [][]rootfstest.Entry{{{Name: "app", Body: amd}}, {{Name: "app/x", Body: arm}}}, "/app", "no file"},
		{"a symlink", [][]rootfstest.Entry{{{Name: "bin/real", Body: amd}, {Name: "app -> bin/real"}}}, "/app", "/bin/real amd64"},
		{"a symlink to an upper layer", [][]rootfstest.Entry{{{Name: "app -> /bin/real"}}, {{Name: "bin/real", Body: arm}}}, "/app", "/bin/real arm64"},
		{"a symlink of a folder", [][]rootfstest.Entry{{{Name: "bin -> usr/bin"}, {Name: "usr/bin/app", Body: amd}}}, "/bin/app", "/usr/bin/app amd64"},
		{"a file behind a symlink of its folder", [][]rootfstest.Entry{{{Name: "bin -> usr/bin"}, {Name: "bin/app", Body: amd}}}, "/usr/bin/app", "/usr/bin/app amd64"},
		{"the same by the symlink", [][]rootfstest.Entry{{{Name: "bin -> usr/bin"}, {Name: "bin/app", Body: amd}}}, "/bin/app", "/usr/bin/app amd64"},
		{"a file behind several symlinks", [][]rootfstest.Entry{{{Name: "a/b -> ../c"}, {Name: "c -> /d/e"}, {Name: "a/b/f/app", Body: amd}}}, "/d/e/f/app", "/d/e/f/app amd64"},
		{"a hard link behind a symlink", [][]rootfstest.Entry{{{Name: "bin -> usr/bin"}, {Name: "bin/a", Body: amd}, {Name: "bin/b => bin/a"}}}, "/usr/bin/b", "/usr/bin/b amd64"},
		{"a whiteout behind a symlink", [][]rootfstest.Entry{{{Name: "usr/bin/app", Body: amd}}, {{Name: "bin -> usr/bin"}, {Name: "bin/.wh.app"}}}, "/usr/bin/app", "missing"},
		{"a file behind a symlink that became a folder", [][]rootfstest.Entry{{{Name: "bin -> usr/bin"}, {Name: "bin/"}, {Name: "bin/app", Body: amd}}}, "/bin/app", "/bin/app amd64"},
		{"a file before a symlink of its folder", [][]rootfstest.Entry{{{Name: "bin/app", Body: amd}, {Name: "bin -> usr/bin"}}}, "/bin/app", "missing"},
		{"a file behind a symlink to itself", [][]rootfstest.Entry{{{Name: "a -> a"}, {Name: "a/app", Body: amd}}}, "/a/app", "loop"},
		{"a file behind a symlink that grows", [][]rootfstest.Entry{{{Name: "a -> a/a/a"}, {Name: "a/app", Body: amd}}}, "/a/app", "loop"},
		{"a symlink upwards", [][]rootfstest.Entry{{{Name: "a/b/link -> ../../app"}, {Name: "app", Body: amd}}}, "/a/b/link", "/app amd64"},
		{"a symlink beyond the root", [][]rootfstest.Entry{{{Name: "link -> ../../../app"}, {Name: "app", Body: amd}}}, "/link", "/app amd64"},
		{"a symlink to itself", [][]rootfstest.Entry{{{Name: "app -> app"}}}, "/app", "loop"},
		{"symlinks in a circle", [][]rootfstest.Entry{{{Name: "a -> b"}, {Name: "b -> a"}}}, "/a", "loop"},
		{"a symlink that grows", [][]rootfstest.Entry{{{Name: "a -> a/a/a"}}}, "/a", "loop"},
		{"a symlink to nothing", [][]rootfstest.Entry{{{Name: "app -> gone"}}}, "/app", "missing"},
		{"a hard link", [][]rootfstest.Entry{{{Name: "bin/busybox", Body: amd}, {Name: "bin/sh => bin/busybox"}}}, "/bin/sh", "/bin/sh amd64"},
		{"a hard link before its target", [][]rootfstest.Entry{{{Name: "bin/sh => bin/busybox"}, {Name: "bin/busybox", Body: amd}}}, "/bin/sh", "/bin/sh amd64"},
		{"a hard link to a lower layer", [][]rootfstest.Entry{{{Name: "a", Body: amd}}, {{Name: "b => a"}}}, "/b", "/b amd64"},
		{"a hard link whose target was replaced", [][]rootfstest.Entry{{{Name: "a", Body: amd}, {Name: "b => a"}}, {{Name: "a", Body: arm}}}, "/b", "/b amd64"},
		{"a hard link to a symlink", [][]rootfstest.Entry{{{Name: "real", Body: amd}, {Name: "a -> real"}, {Name: "b => a"}}}, "/b", "/real amd64"},
		{"hard links in a circle", [][]rootfstest.Entry{{{Name: "a => b"}, {Name: "b => a"}}}, "/a", "loop"},
		{"a hard link to nothing", [][]rootfstest.Entry{{{Name: "a => b"}}}, "/a", "missing"},
		{"the root of no layers", nil, "/", "no file"},
		{"a folder", [][]rootfstest.Entry{{{Name: "app/"}}}, "/app", "no file"},
		{"a folder that is implied", [][]rootfstest.Entry{{{Name: "app/x"}}}, "/app", "no file"},
		{"a file as a folder", [][]rootfstest.Entry{{{Name: "app", Body: amd}}}, "/app/x", "no file"},
		{"nobody may execute it", [][]rootfstest.Entry{{{Name: "app", Body: amd, Mode: 0o644}}}, "/app", "not executable /app"},
		{"no program", [][]rootfstest.Entry{{{Name: "app", Body: "hello, world"}}}, "/app", "/app unknown"},
		{"an empty file", [][]rootfstest.Entry{{{Name: "app"}}}, "/app", "/app unknown"},
		{"a name that is long", [][]rootfstest.Entry{{{Name: strings.Repeat("d/", 600) + "app", Body: amd}}}, "/" + strings.Repeat("d/", 600) + "app", "/" + strings.Repeat("d/", 600) + "app amd64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := stackOf(t, false, tt.layers...)
			if got := where(s.Program(t.Context(), tt.path)); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.path, got, tt.want)
			}
		})
	}
}

func TestStack_Lazy(t *testing.T) {
	amd := rootfstest.ELF(rootfstest.AMD64, "")
	base := []rootfstest.Entry{{Name: "usr/bin/app", Body: rootfstest.ELF(rootfstest.ARM64, "")}, {Name: "bin -> usr/bin"}}
	for name, tt := range map[string]struct {
		layers [][]rootfstest.Entry
		path   string
		opened string
	}{
		"in the uppermost":         {[][]rootfstest.Entry{base, base, {{Name: "usr/bin/app", Body: amd}}}, "/usr/bin/app", "[0 0 1]"},
		"in the second":            {[][]rootfstest.Entry{base, {{Name: "usr/bin/app", Body: amd}}, {{Name: "usr/bin/x"}}}, "/usr/bin/app", "[0 1 1]"},
		"removed":                  {[][]rootfstest.Entry{base, base, {{Name: "usr/bin/.wh.app"}}}, "/usr/bin/app", "[0 0 1]"},
		"by a link of the lowest":  {[][]rootfstest.Entry{base, {{Name: "x"}}, {{Name: "usr/bin/app", Body: amd}}}, "/bin/app", "[1 1 1]"},
		"nowhere":                  {[][]rootfstest.Entry{base, {{Name: "x"}}, {{Name: "y"}}}, "/usr/bin/nothing", "[1 1 1]"},
		"below an opaque folder":   {[][]rootfstest.Entry{base, base, {{Name: "usr/.wh..wh..opq"}}}, "/usr/bin/app", "[0 0 1]"},
		"below what is no folder":  {[][]rootfstest.Entry{base, base, {{Name: "usr", Body: amd}}}, "/usr/bin/app", "[0 0 1]"},
		"below an implied folder":  {[][]rootfstest.Entry{base, {{Name: "usr/bin/x"}}, {{Name: "usr/y"}}}, "/usr/bin/app", "[1 1 1]"},
		"a hard link of the upper": {[][]rootfstest.Entry{base, {{Name: "a", Body: amd}, {Name: "b => a"}}}, "/b", "[0 1]"},
	} {
		t.Run(name, func(t *testing.T) {
			s, blobs := stackOf(t, false, tt.layers...)
			_, _ = s.Program(t.Context(), tt.path)
			_, _ = s.Program(t.Context(), tt.path)
			var opened []int
			for _, m := range blobs {
				opened = append(opened, m.opened)
			}
			if got := fmt.Sprint(opened); got != tt.opened {
				t.Errorf("layers were opened %s times, want %s", got, tt.opened)
			}
		})
	}
}

func TestStack_UnreadableLayer(t *testing.T) {
	amd := rootfstest.ELF(rootfstest.AMD64, "")
	s, blobs := stackOf(t, false, []rootfstest.Entry{{Name: "app", Body: amd}, {Name: "b", Body: amd}}, []rootfstest.Entry{{Name: "app", Body: amd}})
	blobs[0].digest = digestOfNothing
	if got := where(s.Program(t.Context(), "/app")); got != "/app amd64" {
		t.Errorf("above it: %s", got)
	}
	if got := where(s.Program(t.Context(), "/b")); got != "unreadable" {
		t.Errorf("in it: %s", got)
	}
}

func TestReader_CancelledCaller(t *testing.T) {
	s, blobs := stackOf(t, false, []rootfstest.Entry{{Name: "app"}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.reader.Read(ctx, s.layers[0], false); !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled caller got %v", err)
	}
	if o := s.reader.Outcome(s.layers[0], false); o.Read {
		t.Errorf("a cancelled read has the outcome %+v", o)
	}
	if err := s.reader.Read(t.Context(), s.layers[0], false); err != nil || blobs[0].opened == 0 {
		t.Errorf("the next caller got %v", err)
	}
	if o := s.reader.Outcome(s.layers[0], false); !o.Verified {
		t.Errorf("the outcome is %+v", o)
	}
}

const digestOfNothing = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
