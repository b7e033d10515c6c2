//go:build unix

package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestAddRealmHostAtTheSameTime has several logins store a token server in one file.
func TestAddRealmHostAtTheSameTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	const logins = 8
	var all sync.WaitGroup
	for i := range logins {
		all.Go(func() {
			if err := AddRealmHost(t.Context(), path, fmt.Sprintf("reg%d.example", i), "gitlab.example"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := os.ReadFile(path)
	if n := strings.Count(string(got), "realm-hosts: [gitlab.example]"); err != nil || n != logins {
		t.Errorf("%d of %d are stored: %q, %v", n, logins, got, err)
	}
}
