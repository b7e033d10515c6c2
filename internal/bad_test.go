package internal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestThereAreEnoughBadInputs counts what the table tests of the packages run
// through the parsers: every stored document and file is in its table, and
// there are at least 300 in all (issue 4).
func TestThereAreEnoughBadInputs(t *testing.T) {
	folder := filepath.Join("..", "testdata", "bad")
	sum := 0
	for name, least := range map[string]int{
		"references.txt": 100, "addresses.txt": 40, "challenges.txt": 60, "documents.txt": 100, "auth.txt": 30,
		"binaries.txt": 90,
		"layers.txt":   30,
	} {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		listed := map[string]bool{}
		for line := range strings.Lines(string(raw)) {
			if !strings.HasPrefix(line, "#") {
				listed[line] = true
			}
		}
		if len(listed) < least {
			t.Errorf("%s has %d different lines, want at least %d", name, len(listed), least)
		}
		sum += len(listed)
		if stored := strings.TrimSuffix(name, ".txt"); stored == "documents" || stored == "auth" || stored == "binaries" || stored == "layers" {
			files, err := os.ReadDir(filepath.Join(folder, stored))
			if err != nil || len(files) != len(listed) {
				t.Errorf("%s lists %d files of %d: %v", name, len(listed), len(files), err)
			}
		}
	}
	if sum < 300 {
		t.Errorf("%d bad inputs are stored, want at least 300", sum)
	}
}
