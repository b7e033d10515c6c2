package cmd

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The pages under docs/commands are what the commands say of themselves.
func TestCommandPagesAreFresh(t *testing.T) {
	fresh := t.TempDir()
	if code := run(t, "docs", fresh).code; code != 0 {
		t.Fatalf("docs: exit code %d", code)
	}
	if diff := cmp.Diff(pages(t, fresh), pages(t, "../docs/commands")); diff != "" {
		t.Errorf("docs/commands is stale, run make docs (-fresh +committed):\n%s", diff)
	}
}

func pages(t *testing.T, dir string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no pages in %s: %v", dir, err)
	}
	all := map[string]string{}
	for _, n := range names {
		raw, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(n)] = string(raw)
	}
	return all
}
