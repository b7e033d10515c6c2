//go:build e2e

package push

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestPushFromLayoutsWithoutATag pushes what skopeo writes without a tag, and a
// layout whose index.json is the index.
func TestPushFromLayoutsWithoutATag(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from := fixture.WriteLayout(t, images.ByTag())
	spec := "image: REGISTRY/app:all\nmanifests:\n"
	for _, one := range images {
		to := filepath.Join(t.TempDir(), "layout")
		clitest.Session{}.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "oci:"+string(from)+":"+one.Tag, "oci:"+to)
		spec += "- image: oci-layout://" + to + "\n"
	}
	printed := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, spec)).PushedDigest(t)
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("app"), printed), images.Objects()...)

	from.WriteFile(t, "index.json", fixture.NewIndex(t, fixture.OCI(), images.Objects()...).Raw)
	spec = clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:index\nmanifests:\n- image: oci-layout://"+string(from)+"\n")
	again := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	clitest.WantText(t, "digest from index.json", printed.String(), again.String())
}

// TestPushToALayoutKeepsTheEarlierImage moves a tag, which leaves the image that had
// it in index.json, untagged.
func TestPushToALayoutKeepsTheEarlierImage(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from := "oci-layout://" + string(fixture.WriteLayout(t, images.ByTag())) + ":"
	to := filepath.Join(t.TempDir(), "layout")
	var want []string
	for _, one := range images[:2] {
		spec := clitest.WriteSpec(t, "", "image: oci-layout://"+to+":1\nmanifests:\n- image: "+from+one.Tag+"\n")
		want = append(want, clitest.Run(t, "push", "from-spec", spec).PushedDigest(t).String())
	}
	raw, err := os.ReadFile(filepath.Join(to, "index.json"))
	clitest.Must(t, err)
	var index ocispec.Index
	clitest.Must(t, json.Unmarshal(raw, &index))
	got := map[string]string{}
	for _, d := range index.Manifests {
		got[d.Digest.String()] = d.Annotations[ocispec.AnnotationRefName]
	}
	if diff := cmp.Diff(map[string]string{want[0]: "", want[1]: "1"}, got); diff != "" {
		t.Errorf("tags in index.json (-want +got):\n%s", diff)
	}
	listed := clitest.Run(t, "tags", "oci-layout://"+to)
	clitest.WantText(t, "tags", "1\n@"+want[0]+"\n", listed.Stdout)
}
