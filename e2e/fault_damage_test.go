//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
)

// TestFault21DamageInARegistrysFiles changes a file of a real registry's
// storage. The registry goes on to call it by its old digest.
func TestFault21DamageInARegistrysFiles(t *testing.T) {
	t.Parallel()
	images := newImageSet(t, ociMedia(), "damage")
	arm64 := images[1].Image.Digest()
	from := writeLayout(t, images.ByTag())
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
			g, folder := startOnDisk(t)
			spec := specFile(t, "", images.Spec(g.Host+"/app:1", "oci-layout://"+string(from)+":%s"))
			hit := manifestTool(t, "push", "from-spec", spec).PushedDigest(t)
			if c.child {
				hit = arm64
			}
			file := filepath.Join(folder, "docker", "registry", "v2", "blobs", "sha256", hit.Encoded()[:2], hit.Encoded(), "data")
			raw, err := os.ReadFile(file)
			must(t, err)
			if digest.FromBytes(raw) != hit {
				t.Fatalf("%s is not what was pushed", file)
			}
			must(t, os.WriteFile(file, bytes.Replace(raw, []byte(`"size"`), []byte(`"ezis"`), 1), 0o600))

			manifestTool(t, "push", "from-spec", spec).WantCode(t, 0) // as docs/network.md has it
			done := manifestTool(t, "push", "--confirm", "from-spec", spec)
			done.WantCode(t, 1)
			done.WantStderr(t, c.says)
			if strings.Contains(done.Stderr, "unchanged") {
				t.Errorf("it says that nothing has changed:\n%s", done.Stderr)
			}
			manifestTool(t, "push", "--confirm", "--strict", "from-spec", spec).WantCode(t, 1)
			v := session{}.Verify(t, 3, "--binaries", "none", g.Host+"/app:1")
			if diff := cmp.Diff(c.findings, firstTwo(v.Codes())); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if done := manifestTool(t, "verify", "--binaries", "none", g.Host+"/app:1"); done.Code != 3 || strings.Contains(done.Stderr, "warning") {
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
