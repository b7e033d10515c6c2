//go:build unix

package atomicfile

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestReplaceKeepsTheOwner has root replace the file of a user, or a user their own.
func TestReplaceKeepsTheOwner(t *testing.T) {
	owner := os.Getuid()
	if owner == 0 {
		owner = 1234
	}
	path := filepath.Join(t.TempDir(), "settings")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, owner, -1); err != nil {
		t.Fatal(err)
	}
	if err := Replace(path, []byte("after"), 0o640); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != owner || info.Mode() != 0o640 {
		t.Errorf("owner %d, mode %v", stat.Uid, info.Mode())
	}
}

// TestReplaceKeepsALink has links to a file, and to one that does not exist.
func TestReplaceKeepsALink(t *testing.T) {
	for name, exists := range map[string]bool{"a file": true, "no file": false} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			target, link := filepath.Join(dir, "new", "target"), filepath.Join(dir, "link")
			if exists {
				if err := Replace(target, []byte("before"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(filepath.Join("new", "target"), link); err != nil {
				t.Fatal(err)
			}
			if err := Replace(link, []byte("after"), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(target); err != nil || string(got) != "after" {
				t.Errorf("the target is %q, %v", got, err)
			}
			if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
				t.Errorf("the link is %v, %v", info, err)
			}
		})
	}
}
