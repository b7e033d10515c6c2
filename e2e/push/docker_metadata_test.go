//go:build e2e

package push

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestDockerMetadata is the last job of Docker's workflow for several runners, with two
// registries, and images with provenance: each digest is that of an index. The result of
// docker/metadata-action v6.2 with two images is in the environment.
func TestDockerMetadata(t *testing.T) {
	t.Parallel()
	g, other := registrytest.StartOpen(t), registrytest.StartOpen(t)
	var built fixture.ImageSet
	var entries []fixture.Object
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		image := fixture.NewImage(t, fixture.OCI(), "attested "+platform, fixture.ParsePlatform(platform), 2)
		attestation := fixture.NewAttestation(t, image)
		_, arch, _ := strings.Cut(platform, "/")
		built = append(built, fixture.TaggedImage{Tag: arch, Image: fixture.NewIndex(t, fixture.OCI(), image, attestation)})
		entries = append(entries, image, attestation)
	}
	g.PutImages(t, "team/app", built)
	s := builderFiles(t, g, built, map[string]string{"digests/{amd64 hex}": "", "digests/{arm64 hex}": ""})
	tags := []string{g.Host + "/team/app:1.4.2", g.Host + "/team/app:latest", other.Host + "/team/app:1.4.2", other.Host + "/team/app:latest"}
	annotations := []string{
		"manifest:org.opencontainers.image.version=1.4.2", "index:org.opencontainers.image.version=1.4.2",
		"index:org.opencontainers.image.description=An app, with a = and a comma", "manifest-descriptor[linux/arm64]:com.example.tested=no",
	}
	metadata := clitest.EncodeJSON(t, map[string]any{"tags": tags, "tag-names": []string{"1.4.2", "latest"}, "labels": map[string]string{}, "annotations": annotations})
	s.Env = []string{"DOCKER_METADATA_OUTPUT_JSON=" + string(metadata)}
	done := s.Run(t, "push", "from-digests", g.Host+"/team/app", "digests", "--docker-metadata")
	printed := done.PushedDigest(t)
	clitest.WantText(t, "stderr", "", done.Stderr)
	if named := s.Run(t, "push", "from-digests", g.Host+"/team/app", "digests", "--docker-metadata=env").PushedDigest(t); named != printed {
		t.Errorf("--docker-metadata=env: %s, want %s", named, printed)
	}

	for _, registry := range []*registrytest.Registry{g, other} {
		index := fixture.WantComplete(t, registry.Repository("team/app"), printed)
		wantMembers(t, index.Manifests[:2], entries[0], entries[2])
		wantMembers(t, index.Manifests[2:], entries[1], entries[3])
		want := map[string]string{"org.opencontainers.image.version": "1.4.2", "org.opencontainers.image.description": "An app, with a = and a comma"}
		if diff := cmp.Diff(want, index.Annotations); diff != "" {
			t.Errorf("annotations (-want +got):\n%s", diff)
		}
		for _, d := range index.Manifests {
			if tested := d.Annotations["com.example.tested"]; (tested == "no") != (d.Digest == entries[2].Digest()) {
				t.Errorf("%s is annotated with %q", d.Digest, tested)
			}
		}
		confirm(t, registry, "team/app", "1.4.2", printed)
		confirm(t, registry, "team/app", "latest", printed)
	}
	t.Run("as a file, and as lines", func(t *testing.T) {
		s := builderFiles(t, g, built, map[string]string{"meta.json": `{"tags": ["from-json"]}`, "tags": "REGISTRY/team/app:from-lines\nREGISTRY/team/other:1\n"})
		digests := []string{built[0].Image.Digest().String(), built[1].Image.Digest().String()}
		want := s.Run(t, append([]string{"push", "from-digests", g.Host + "/team/app", "--docker-metadata=meta.json", "--docker-metadata=tags"}, digests...)...).PushedDigest(t)
		for _, name := range [][2]string{{"team/app", "from-json"}, {"team/app", "from-lines"}, {"team/other", "1"}} {
			stored, _ := g.Manifest(t, name[0], name[1])
			clitest.WantText(t, strings.Join(name[:], ":"), want.String(), stored.Digest.String())
		}
	})
}

// wantMembers compares digests in any order: that of the directory is by digest.
func wantMembers(t *testing.T, got []ocispec.Descriptor, want ...fixture.Object) {
	t.Helper()
	digests := func(n int, get func(int) digest.Digest) []digest.Digest {
		var all []digest.Digest
		for i := range n {
			all = append(all, get(i))
		}
		slices.Sort(all)
		return all
	}
	wanted := digests(len(want), func(i int) digest.Digest { return want[i].Digest() })
	if diff := cmp.Diff(wanted, digests(len(got), func(i int) digest.Digest { return got[i].Digest })); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}
