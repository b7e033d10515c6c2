package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// TestSwap changes a file in each state that it may have when it is replaced.
func TestSwap(t *testing.T) {
	failed := errors.New("failed")
	for name, tt := range map[string]struct {
		exists, changes bool
		write           func(io.Writer) error
		want            error
		content         string
	}{
		"a new file":                   {false, false, text("after"), nil, "after"},
		"a file":                       {true, false, text("after"), nil, "after"},
		"a new file that is there now": {false, true, text("after"), ErrChanged, "other"},
		"a file that was changed":      {true, true, text("after"), ErrChanged, "other"},
		"a writer that fails":          {true, false, func(w io.Writer) error { return errors.Join(text("half")(w), failed) }, failed, "before"},
		"a new file, not written":      {false, false, func(io.Writer) error { return failed }, failed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.tar")
			var before fs.FileInfo
			if tt.exists {
				write(t, path, "before")
				before = stat(t, path)
			}
			err := Swap(t.Context(), path, before, func(w io.Writer) error {
				if tt.changes {
					write(t, path, "other")
				}
				return tt.write(w)
			})
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			got, _ := os.ReadFile(path)
			if diff := cmp.Diff(tt.content, string(got)); diff != "" {
				t.Error(diff)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
				t.Errorf("files are left: %q", left)
			}
		})
	}
}

// TestSwapOfAFileThatIsGone is about a file that was removed, and one that was renamed.
func TestSwapOfAFileThatIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "a.tar")
	if err := Swap(t.Context(), path, nil, text("first")); err != nil {
		t.Fatal(err)
	}
	before := stat(t, path)
	err := Swap(t.Context(), path, before, func(w io.Writer) error { return errors.Join(os.Remove(path), text("second")(w)) })
	if !errors.Is(err, ErrChanged) || Exists(path) {
		t.Errorf("error %v", err)
	}
}

func TestSwapKeepsALink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	write(t, target, "before")
	if err := os.Chmod(target, 0o604); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("target", link); err != nil {
		t.Fatal(err)
	}
	if err := Swap(t.Context(), link, stat(t, link), text("after")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if got, _ := os.ReadFile(target); err != nil || string(got) != "after" || info.Mode()&fs.ModeSymlink == 0 || stat(t, target).Mode().Perm() != 0o604 {
		t.Errorf("the target has %q and the mode %v; the link is %v, %v", got, stat(t, target).Mode(), info, err)
	}
}

func TestScratchHasNoName(t *testing.T) {
	dir := t.TempDir()
	f, err := Scratch(filepath.Join(dir, "missing", "a.tar"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("x"), 100); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("it has left %v, %v", entries, err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func stat(t *testing.T, path string) fs.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}
