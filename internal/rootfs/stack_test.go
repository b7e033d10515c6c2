package rootfs

import (
	"errors"
	"fmt"
	"io/fs"
	"manifest-tool/internal/platform/executable"
	"strings"
	"testing"
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
	arm, amd := elf(machineARM64, ""), elf(machineAMD64, "")
	tests := []struct {
		name   string
		layers [][]entry
		path   string
		want   string
	}{
		{"one layer", [][]entry{{{name: "app", body: amd}}}, "/app", "/app amd64"},
		{"names as ./", [][]entry{{{name: "./"}, {name: "./bin/"}, {name: "./bin/app", body: amd}}}, "/bin/app", "/bin/app amd64"},
		{"names that are absolute", [][]entry{{{name: "/bin/app", body: amd}}}, "/bin/app", "/bin/app amd64"},
		{"names that lead out", [][]entry{{{name: "../../app", body: amd}}}, "/app", "/app amd64"},
		{"a path that leads out", [][]entry{{{name: "app", body: amd}}}, "/../../app", "/app amd64"},
		{"the upper one", [][]entry{{{name: "app", body: amd}}, {{name: "app", body: arm}}}, "/app", "/app arm64"},
		{"the last of one layer", [][]entry{{{name: "app", body: amd}, {name: "app", body: arm}}}, "/app", "/app arm64"},
		{"the lower one", [][]entry{{{name: "app", body: amd}}, {{name: "other"}}}, "/app", "/app amd64"},
		{"a whiteout", [][]entry{{{name: "app", body: amd}}, {{name: ".wh.app"}}}, "/app", "missing"},
		{"a whiteout beside what replaces it", [][]entry{{{name: "app", body: amd}}, {{name: ".wh.app"}, {name: "app", body: arm}}}, "/app", "/app arm64"},
		{"a whiteout of the folder", [][]entry{{{name: "opt/bin/app", body: amd}}, {{name: ".wh.opt"}}}, "/opt/bin/app", "missing"},
		{"a whiteout, and lower still", [][]entry{{{name: "app", body: amd}}, {{name: ".wh.app"}}, {{name: "app", body: arm}}}, "/app", "/app arm64"},
		{"a whiteout above a whiteout", [][]entry{{{name: "app", body: amd}}, {{name: "app", body: arm}}, {{name: ".wh.app"}}}, "/app", "missing"},
		{"a whiteout of another name", [][]entry{{{name: "app", body: amd}}, {{name: ".wh.ap"}, {name: ".wh.app2"}}}, "/app", "/app amd64"},
		{"an opaque folder", [][]entry{{{name: "opt/app", body: amd}}, {{name: "opt/"}, {name: "opt/.wh..wh..opq"}}}, "/opt/app", "missing"},
		{"an opaque folder above", [][]entry{{{name: "opt/a/app", body: amd}}, {{name: "opt/.wh..wh..opq"}}}, "/opt/a/app", "missing"},
		{"an opaque folder with the same name", [][]entry{{{name: "opt/app", body: amd}}, {{name: "opt/.wh..wh..opq"}, {name: "opt/app", body: arm}}}, "/opt/app", "/opt/app arm64"},
		{"what aufs left", [][]entry{{{name: "app", body: amd}}, {{name: ".wh..wh.plnk/1.2", body: arm}, {name: ".wh..wh.aufs"}}}, "/app", "/app amd64"},
		{"a folder that became a file", [][]entry{{{name: "opt/app", body: amd}}, {{name: "opt", body: arm}}}, "/opt/app", "no file"},
		{"a file that became a folder", [][]entry{{{name: "app", body: amd}}, {{name: "app/x", body: arm}}}, "/app", "no file"},
		{"a symlink", [][]entry{{{name: "bin/real", body: amd}, {name: "app -> bin/real"}}}, "/app", "/bin/real amd64"},
		{"a symlink to an upper layer", [][]entry{{{name: "app -> /bin/real"}}, {{name: "bin/real", body: arm}}}, "/app", "/bin/real arm64"},
		{"a symlink of a folder", [][]entry{{{name: "bin -> usr/bin"}, {name: "usr/bin/app", body: amd}}}, "/bin/app", "/usr/bin/app amd64"},
		{"a file behind a symlink of its folder", [][]entry{{{name: "bin -> usr/bin"}, {name: "bin/app", body: amd}}}, "/usr/bin/app", "/usr/bin/app amd64"},
		{"the same by the symlink", [][]entry{{{name: "bin -> usr/bin"}, {name: "bin/app", body: amd}}}, "/bin/app", "/usr/bin/app amd64"},
		{"a file behind several symlinks", [][]entry{{{name: "a/b -> ../c"}, {name: "c -> /d/e"}, {name: "a/b/f/app", body: amd}}}, "/d/e/f/app", "/d/e/f/app amd64"},
		{"a hard link behind a symlink", [][]entry{{{name: "bin -> usr/bin"}, {name: "bin/a", body: amd}, {name: "bin/b => bin/a"}}}, "/usr/bin/b", "/usr/bin/b amd64"},
		{"a whiteout behind a symlink", [][]entry{{{name: "usr/bin/app", body: amd}}, {{name: "bin -> usr/bin"}, {name: "bin/.wh.app"}}}, "/usr/bin/app", "missing"},
		{"a file behind a symlink that became a folder", [][]entry{{{name: "bin -> usr/bin"}, {name: "bin/"}, {name: "bin/app", body: amd}}}, "/bin/app", "/bin/app amd64"},
		{"a file before a symlink of its folder", [][]entry{{{name: "bin/app", body: amd}, {name: "bin -> usr/bin"}}}, "/bin/app", "missing"},
		{"a file behind a symlink to itself", [][]entry{{{name: "a -> a"}, {name: "a/app", body: amd}}}, "/a/app", "loop"},
		{"a file behind a symlink that grows", [][]entry{{{name: "a -> a/a/a"}, {name: "a/app", body: amd}}}, "/a/app", "loop"},
		{"a symlink upwards", [][]entry{{{name: "a/b/link -> ../../app"}, {name: "app", body: amd}}}, "/a/b/link", "/app amd64"},
		{"a symlink beyond the root", [][]entry{{{name: "link -> ../../../app"}, {name: "app", body: amd}}}, "/link", "/app amd64"},
		{"a symlink to itself", [][]entry{{{name: "app -> app"}}}, "/app", "loop"},
		{"symlinks in a circle", [][]entry{{{name: "a -> b"}, {name: "b -> a"}}}, "/a", "loop"},
		{"a symlink that grows", [][]entry{{{name: "a -> a/a/a"}}}, "/a", "loop"},
		{"a symlink to nothing", [][]entry{{{name: "app -> gone"}}}, "/app", "missing"},
		{"a hard link", [][]entry{{{name: "bin/busybox", body: amd}, {name: "bin/sh => bin/busybox"}}}, "/bin/sh", "/bin/sh amd64"},
		{"a hard link before its target", [][]entry{{{name: "bin/sh => bin/busybox"}, {name: "bin/busybox", body: amd}}}, "/bin/sh", "/bin/sh amd64"},
		{"a hard link to a lower layer", [][]entry{{{name: "a", body: amd}}, {{name: "b => a"}}}, "/b", "/b amd64"},
		{"a hard link whose target was replaced", [][]entry{{{name: "a", body: amd}, {name: "b => a"}}, {{name: "a", body: arm}}}, "/b", "/b amd64"},
		{"a hard link to a symlink", [][]entry{{{name: "real", body: amd}, {name: "a -> real"}, {name: "b => a"}}}, "/b", "/real amd64"},
		{"hard links in a circle", [][]entry{{{name: "a => b"}, {name: "b => a"}}}, "/a", "loop"},
		{"a hard link to nothing", [][]entry{{{name: "a => b"}}}, "/a", "missing"},
		{"the root of no layers", nil, "/", "no file"},
		{"a folder", [][]entry{{{name: "app/"}}}, "/app", "no file"},
		{"a folder that is implied", [][]entry{{{name: "app/x"}}}, "/app", "no file"},
		{"a file as a folder", [][]entry{{{name: "app", body: amd}}}, "/app/x", "no file"},
		{"nobody may execute it", [][]entry{{{name: "app", body: amd, mode: 0o644}}}, "/app", "not executable /app"},
		{"no program", [][]entry{{{name: "app", body: "hello, world"}}}, "/app", "/app unknown"},
		{"an empty file", [][]entry{{{name: "app"}}}, "/app", "/app unknown"},
		{"a name that is long", [][]entry{{{name: strings.Repeat("d/", 600) + "app", body: amd}}}, "/" + strings.Repeat("d/", 600) + "app", "/" + strings.Repeat("d/", 600) + "app amd64"},
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

func TestLayersBelowTheAnswerStayUnread(t *testing.T) {
	amd := elf(machineAMD64, "")
	base := []entry{{name: "usr/bin/app", body: elf(machineARM64, "")}, {name: "bin -> usr/bin"}}
	for name, tt := range map[string]struct {
		layers [][]entry
		path   string
		opened string
	}{
		"in the uppermost":         {[][]entry{base, base, {{name: "usr/bin/app", body: amd}}}, "/usr/bin/app", "[0 0 1]"},
		"in the second":            {[][]entry{base, {{name: "usr/bin/app", body: amd}}, {{name: "usr/bin/x"}}}, "/usr/bin/app", "[0 1 1]"},
		"removed":                  {[][]entry{base, base, {{name: "usr/bin/.wh.app"}}}, "/usr/bin/app", "[0 0 1]"},
		"by a link of the lowest":  {[][]entry{base, {{name: "x"}}, {{name: "usr/bin/app", body: amd}}}, "/bin/app", "[1 1 1]"},
		"nowhere":                  {[][]entry{base, {{name: "x"}}, {{name: "y"}}}, "/usr/bin/nothing", "[1 1 1]"},
		"below an opaque folder":   {[][]entry{base, base, {{name: "usr/.wh..wh..opq"}}}, "/usr/bin/app", "[0 0 1]"},
		"below what is no folder":  {[][]entry{base, base, {{name: "usr", body: amd}}}, "/usr/bin/app", "[0 0 1]"},
		"below an implied folder":  {[][]entry{base, {{name: "usr/bin/x"}}, {{name: "usr/y"}}}, "/usr/bin/app", "[1 1 1]"},
		"a hard link of the upper": {[][]entry{base, {{name: "a", body: amd}, {name: "b => a"}}}, "/b", "[0 1]"},
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

func TestALayerThatCannotBeReadIsNotGuessedAt(t *testing.T) {
	amd := elf(machineAMD64, "")
	s, blobs := stackOf(t, false, []entry{{name: "app", body: amd}, {name: "b", body: amd}}, []entry{{name: "app", body: amd}})
	blobs[0].digest = digestOfNothing
	if got := where(s.Program(t.Context(), "/app")); got != "/app amd64" {
		t.Errorf("above it: %s", got)
	}
	if got := where(s.Program(t.Context(), "/b")); got != "unreadable" {
		t.Errorf("in it: %s", got)
	}
}

const digestOfNothing = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
