package main

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// TestBaseHasEveryTarget compares the platforms with the base that kos finds in
// goreleaser.yaml: one image for each, for a user without rights.
func TestBaseHasEveryTarget(t *testing.T) {
	config, err := os.ReadFile("../../../goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(config), "base_image: "+address+"/base\n") {
		t.Errorf("goreleaser.yaml has no base_image at %s", address)
	}
	list := regexp.MustCompile(`(?s)base_image: .*?platforms:\n(.*?)\n    \w`).FindStringSubmatch(string(config))
	if list == nil {
		t.Fatal("goreleaser.yaml has no platforms of kos")
	}
	want := strings.Fields(strings.ReplaceAll(list[1], "- ", ""))
	all, err := index([]byte("certificates"))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := all.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range manifest.Manifests {
		got = append(got, entry.Platform.String())
		config := configOf(t, all, entry.Digest)
		if config.Platform().String() != entry.Platform.String() || config.Config.User != "65532" {
			t.Errorf("%s: the config is for %s and user %q", entry.Platform, config.Platform(), config.Config.User)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-goreleaser.yaml +base):\n%s", diff)
	}
}

func configOf(t *testing.T, all v1.ImageIndex, digest v1.Hash) *v1.ConfigFile {
	t.Helper()
	image, err := all.Image(digest)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// TestBaseIsReproducible checks that two bases are equal, and that certificates
// are part of it.
func TestBaseIsReproducible(t *testing.T) {
	digest := func(certificates string) string {
		all, err := index([]byte(certificates))
		if err != nil {
			t.Fatal(err)
		}
		d, err := all.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d.String()
	}
	if first, second := digest("a"), digest("a"); first != second {
		t.Errorf("%s and %s", first, second)
	}
	if first, other := digest("a"), digest("b"); first == other {
		t.Error("other certificates make the same image")
	}
}

// TestRun runs a command that requires the registry, and one that fails.
func TestRun(t *testing.T) {
	certificates := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(certificates, []byte("pem"), 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "check.sh")
	text := "#!/bin/bash\nexec 3<>/dev/tcp/" + strings.Replace(address, ":", "/", 1) + "\nprintf 'GET /v2/base/manifests/latest HTTP/1.0\\r\\n\\r\\n' >&3\ngrep -q '200 OK' <&3 || exit 7\nexit $1\n"
	if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := run(address, certificates, []string{program, "0"}); err != nil {
		t.Error(err)
	}
	if err := run(address, certificates, []string{program, "5"}); err == nil || err.Error() != "exit status 5" {
		t.Errorf("got %v, want exit status 5", err)
	}
	if err := run(address, filepath.Join(t.TempDir(), "none"), []string{program, "0"}); err == nil || !strings.Contains(err.Error(), "reading CA certificates") {
		t.Errorf("without certificates: %v", err)
	}
}
