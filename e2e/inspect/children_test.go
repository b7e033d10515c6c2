//go:build e2e

package inspect

import (
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestInspectCountsAttestations shows the index with what each attestation is
// for.
func TestInspectCountsAttestations(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	index, images, attestations := fixture.NewAttestedIndex(t)
	g.Put(t, "built/app", "all", index)
	shown := clitest.Run(t, "inspect", g.Host+"/built/app:all")
	shown.WantCode(t, 0)
	clitest.WantLines(t, shown.Stdout,
		"Digest: "+index.Digest().String(),
		" * Contains 4 manifest references (2 images, 2 attestations):",
		"[2]     Type: "+ocispec.MediaTypeImageManifest+" (vnd.docker.reference.type=attestation-manifest)",
		"[2]   Digest: "+attestations[0].Digest().String(),
		"[2]       >>> Attestation for digest: "+images[0].Digest().String(),
		"[4]       >>> Attestation for digest: "+images[1].Digest().String())
}

// TestInspectMissingChild deletes one child of an index: the rest is shown, and
// the exit code says that something is missing.
func TestInspectMissingChild(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	index := fixture.NewIndex(t, fixture.Docker(), images.Objects()...)
	g.Put(t, "app", "all", index)
	gone := images[1].Image
	g.DeleteManifest(t, "app", gone.Digest())

	done := clitest.Run(t, "inspect", g.Host+"/app:all")
	done.WantCode(t, 3)
	clitest.WantLines(t, done.Stdout,
		"Digest: "+index.Digest().String(),
		" * Contains 3 manifest references (3 images, 0 attestation):",
		"[1] # Layers: 2",
		"[2]   Digest: "+gone.Digest().String(),
		"[2]    -    Arch: arm64",
		"[2] # Layers: unknown, the manifest is missing",
		"[3] # Layers: 3")
	if n := strings.Count(done.Stdout, "missing"); n != 1 {
		t.Errorf("%d lines speak of something missing, want 1:\n%s", n, done.Stdout)
	}
	for args, says := range map[string]string{
		"--platform linux/arm64":             "manifest-tool: 1 of 3 entries of ",
		"--platform linux/arm64 --raw-bytes": "manifest-tool: reading entry " + gone.Digest().String(),
	} {
		done := clitest.Run(t, append([]string{"inspect", g.Host + "/app:all"}, strings.Fields(args)...)...)
		done.WantCode(t, 3)
		done.WantStderr(t, says)
		if strings.Contains(args, "--raw-bytes") {
			clitest.WantText(t, "stdout of "+args, "", done.Stdout)
		}
	}
}
