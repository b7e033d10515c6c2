package buildresult

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// TestSources chooses the repository of an image: image.name of buildx may be several.
func TestSources(t *testing.T) {
	const hub, ghcr, other = "docker.io/team/app", "ghcr.io/team/app", "ghcr.io/team/other"
	for _, tt := range []struct {
		names, image, target, want string
	}{
		{"", "", hub + ":1", hub},
		{"", "", "team/app", hub},
		{"", ghcr, hub + ":1", ghcr},
		{"", "oci-layout://out", hub + ":1", "oci-layout://out"},
		{ghcr, "", hub + ":1", ghcr},
		{ghcr, ghcr, hub + ":1", ghcr},
		{hub, "team/app", ghcr + ":1", hub},
		{hub + " " + ghcr, "", ghcr + ":1", ghcr},
		{hub + " " + other, "", ghcr + ":1", other},
		{other + " " + ghcr, "", ghcr + ":1", ghcr},
		{hub + " " + ghcr, "", "quay.io/team/app:1", hub},
		{hub + " " + ghcr, ghcr, hub + ":1", ghcr},
		{hub + " " + ghcr, "", "oci-layout://out:1", hub},

		{"", "", "oci-layout://out:1", "error: f:1: digest D has no repository | name the repository that it was pushed to with --image"},
		{hub, ghcr, hub + ":1", "error: f:1: the image was pushed to docker.io/team/app, not to ghcr.io/team/app, as --image says | leave --image out"},
		{"", ghcr + ":1", hub + ":1", "error: --image: ghcr.io/team/app:1 must be a name without tag and digest, such as ghcr.io/team/app"},
		{"", "A/B", hub + ":1", "error: --image: "},
		{"", "", "A/B", "error: target A/B: "},
	} {
		image := Image{Digest: digest.Digest(d("a")), Origin: "f:1"}
		for name := range strings.FieldsSeq(tt.names) {
			ref, err := reference.Parse(name + ":1")
			if err != nil {
				t.Fatal(err)
			}
			image.Names = append(image.Names, ref)
		}
		got, err := Sources([]Image{image}, tt.image, tt.target)
		if err != nil {
			text := strings.ReplaceAll("error: "+err.Error()+" | "+errtext.Hint(err), d("a"), "D")
			if !strings.HasPrefix(text, tt.want) || errtext.ExitCode(err) != 2 {
				t.Errorf("%+v: %s", tt, text)
			}
			continue
		}
		want := []spec.Source{{Image: tt.want + "@" + d("a"), Origin: "f:1"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt, diff)
		}
	}
}

func TestSources_Tag(t *testing.T) {
	ref, err := reference.Parse("ghcr.io/team/app:1-amd64")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Sources([]Image{{Names: []reference.Ref{ref}, Origin: "f:1"}}, "", "ghcr.io/team/app:1")
	if err != nil || got[0].Image != "ghcr.io/team/app:1-amd64" {
		t.Errorf("%v, %v", got, err)
	}
}
