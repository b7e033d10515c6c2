package cmd

import (
	"strings"
	"testing"
)

// TestPush_WarnsOnce pushes one image in two documents.
func TestPush_WarnsOnce(t *testing.T) {
	t.Parallel()
	m := &machine{dir: t.TempDir(), names: map[string]string{}, env: map[string]string{}}
	one := "image: TARGET\nmanifests:\n- image: " + amd64Source + "\n  platform: {os: linux, architecture: arm64}\n"
	got := m.spec(t, one+"---\n"+strings.Replace(one, "TARGET", "TARGET-2", 1))
	if got.code != 0 || strings.Count(got.errOut, "warning: ") != 1 {
		t.Errorf("exit code %d: %s", got.code, got.errOut)
	}
}

// TestSystem_WarnsOnce uses two registries with a file about every registry.
func TestSystem_WarnsOnce(t *testing.T) {
	t.Parallel()
	m := &machine{dir: t.TempDir(), names: map[string]string{}, env: map[string]string{}}
	m.file(t, ".config/containerd/certs.d/_default/hosts.toml", "server = \"https://registry.example.com\"\n")
	got := m.main("--system-registries", "query", m.closedPort(t, "A")+"/app:1", m.closedPort(t, "B")+"/app:1")
	if strings.Count(got.errOut, "_default/hosts.toml:1: server left out") != 1 {
		t.Error(got.errOut)
	}
}
