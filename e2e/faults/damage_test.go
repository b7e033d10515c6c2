//go:build e2e

package faults

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault21DamageInARegistrysFiles changes a file of a real registry's
// storage. The registry goes on to call it by its old digest.
func TestFault21DamageInARegistrysFiles(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "damage")
	arm64 := images[1].Image.Digest()
	from := fixture.WriteLayout(t, images.ByTag())
	for name, c := range map[string]struct {
		child    bool
		says     string
		findings []string
	}{
		"an index": {false, "but its bytes have", []string{"digest-mismatch"}},
		"a child":  {true, "linux/arm64/v8 (" + arm64.String() + ")", []string{"digest-mismatch linux/arm64/v8"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, folder := registrytest.StartOnDisk(t)
			spec := clitest.WriteSpec(t, "", images.Spec(g.Host+"/app:1", "oci-layout://"+string(from)+":%s"))
			hit := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
			if c.child {
				hit = arm64
			}
			file := filepath.Join(folder, "docker", "registry", "v2", "blobs", "sha256", hit.Encoded()[:2], hit.Encoded(), "data")
			raw, err := os.ReadFile(file)
			clitest.Must(t, err)
			if digest.FromBytes(raw) != hit {
				t.Fatalf("%s is not what was pushed", file)
			}
			clitest.Must(t, os.WriteFile(file, bytes.Replace(raw, []byte(`"size"`), []byte(`"ezis"`), 1), 0o600))

			clitest.Run(t, "push", "from-spec", spec).WantCode(t, 0) // as docs/network.md has it
			done := clitest.Run(t, "push", "--quiet=false", "--confirm", "from-spec", spec)
			done.WantCode(t, 1)
			done.WantStderr(t, c.says)
			if strings.Contains(done.Stderr, "unchanged") {
				t.Errorf("it says that nothing has changed:\n%s", done.Stderr)
			}
			clitest.Run(t, "push", "--confirm", "--strict", "from-spec", spec).WantCode(t, 1)
			v := clitest.Session{}.Verify(t, 3, "--binaries", "none", g.Host+"/app:1")
			if diff := cmp.Diff(c.findings, firstTwo(v.Codes())); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if done := clitest.Run(t, "verify", "--binaries", "none", g.Host+"/app:1"); done.Code != 3 || strings.Contains(done.Stderr, "warning") {
				t.Errorf("exit code %d\n%s", done.Code, done.Stderr)
			}
		})
	}
}

// firstTwo keeps the code and the platform of each finding that is about bytes.
func firstTwo(codes []string) []string {
	var kept []string
	for _, code := range codes {
		if words := strings.Fields(code); words[0] == "digest-mismatch" {
			kept = append(kept, strings.Join(words[:min(2, len(words))], " "))
		}
	}
	return kept
}
