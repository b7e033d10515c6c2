//go:build e2e

package e2e

import (
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// TestPushOfAnAttestedIndex joins an attested index and an image. Attestations
// follow the images; with them dropped, only images are left.
func TestPushOfAnAttestedIndex(t *testing.T) {
	t.Parallel()
	index, images, attestations := attestedPair(t)
	single := newImage(t, ociMedia(), "single", platform("linux/riscv64"), 1)
	kept := append([]object{images[0], images[1], single}, attestations...)
	tests := []struct {
		name string
		args []string
		want []object
	}{
		{"kept unasked", nil, kept},
		{"kept", []string{"--attestations", "keep"}, kept},
		{"dropped", []string{"--attestations", "drop"}, kept[:3]},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := startOpen(t)
			g.put(t, "built/app", "all", index)
			g.put(t, "single/app", "riscv64", single)
			spec := specFile(t, g.host, `image: REGISTRY/joined:all
manifests:
  - image: REGISTRY/built/app:all
  - image: REGISTRY/single/app:riscv64
`)
			args := append(append([]string{"push"}, test.args...), "from-spec", spec)
			printed := manifestTool(t, args...).pushed(t)
			wantEntries(t, wantComplete(t, repository{g, "joined"}, printed), test.want...)
		})
	}
}

// TestInspectCountsAttestations shows the index with what each attestation is
// for.
func TestInspectCountsAttestations(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	index, images, attestations := attestedPair(t)
	g.put(t, "built/app", "all", index)
	shown := manifestTool(t, "inspect", g.host+"/built/app:all")
	shown.wantCode(t, 0)
	wantLines(t, shown.stdout,
		"Digest: "+index.digest().String(),
		" * Contains 4 manifest references (2 images, 2 attestations):",
		"[2]     Type: "+ocispec.MediaTypeImageManifest+" (vnd.docker.reference.type=attestation-manifest)",
		"[2]   Digest: "+attestations[0].digest().String(),
		"[2]       >>> Attestation for digest: "+images[0].digest().String(),
		"[4]       >>> Attestation for digest: "+images[1].digest().String())
}
