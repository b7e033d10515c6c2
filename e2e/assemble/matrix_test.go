//go:build e2e

package assemble

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/interop"
	"manifest-tool/e2e/internal/registrytest"
)

// kindOfSource is a form of a source in a spec.
type kindOfSource struct {
	name, manifests string
	// want are the entries of the index. Without bytes, only their platforms are known.
	want []fixture.Object
	// artifact is set if skopeo cannot copy it.
	artifact bool
}

// kindOfTarget is a form of a target, which may be read in the ways of other clients.
type kindOfTarget struct {
	name, ref    string
	skopeo, oras string
}

// TestMatrix pushes each kind of source to each kind of target, and has skopeo or oras
// copy the index with all its content.
func TestMatrix(t *testing.T) {
	t.Parallel()
	g, other := registrytest.StartOpen(t), registrytest.StartOpen(t)
	for _, source := range kindsOfSources(t, g) {
		dir := t.TempDir()
		for _, target := range []kindOfTarget{
			inRegistry("same registry", g, source.name), inRegistry("other registry", other, source.name),
			onDisk("oci-layout", filepath.Join(dir, "layout")), onDisk("oci-archive", filepath.Join(dir, "archive.tar")),
		} {
			t.Run(source.name+"/"+target.name, func(t *testing.T) {
				t.Parallel()
				spec := clitest.WriteSpec(t, g.Host, "image: "+target.ref+"\ntype: oci\nmanifests:\n"+source.manifests+"\n")
				printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
				index := target.copyOut(t, source.artifact, printed)
				wantKind(t, source, index)
			})
		}
	}
}

func inRegistry(name string, g *registrytest.Registry, source string) kindOfTarget {
	ref := g.Host + "/to/" + strings.ReplaceAll(source, " ", "-") + ":1"
	return kindOfTarget{name, ref, "docker://" + ref, ref}
}

func onDisk(kind, path string) kindOfTarget {
	short := map[string]string{"oci-layout": "oci:", "oci-archive": "oci-archive:"}[kind]
	return kindOfTarget{kind, kind + "://" + path + ":1", short + path + ":1", path + ":1"}
}

// copyOut has another client copy the index with its content, and reads the copy.
func (k kindOfTarget) copyOut(t *testing.T, artifact bool, d digest.Digest) ocispec.Index {
	t.Helper()
	to := t.TempDir()
	if !artifact {
		clitest.Session{}.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "--all", "--src-tls-verify=false", k.skopeo, "dir:"+to)
		return fixture.WantComplete(t, interop.SkopeoDir(to), d)
	}
	from := "--from-oci-layout"
	if strings.HasPrefix(k.skopeo, "docker:") {
		from = "--from-plain-http"
	}
	clitest.Session{}.MustRunTool(t, "oras", "copy", from, "--to-oci-layout", k.oras, to+":1")
	return fixture.WantComplete(t, fixture.Layout(to), d)
}

// kindsOfSources returns every kind of source, with what it names.
func kindsOfSources(t *testing.T, g *registrytest.Registry) []kindOfSource {
	t.Helper()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	amd64, arm64 := images[0].Image, images[1].Image
	g.PutImages(t, "src", images)
	attested, _, _ := fixture.NewAttestedIndex(t)
	g.Put(t, "src", "attested", attested)
	layout := fixture.WriteLayout(t, images.ByTag())
	plain, packed := filepath.Join(t.TempDir(), "oci.tar"), filepath.Join(t.TempDir(), "docker.tar")
	pack := func(to string) {
		clitest.Session{}.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "docker://"+g.Host+"/src:amd64", to)
	}
	pack("oci-archive:" + plain + ":1.0")
	pack("docker-archive:" + packed + ":docker.io/library/app:1.0")
	const kind = "application/vnd.example.config"
	platform := fixture.ParsePlatform("linux/s390x")
	artifact := fixture.NewManifest(t, ocispec.MediaTypeImageManifest, kind, []byte("no config"), nil, nil, platform)
	g.Put(t, "src", "artifact", artifact)
	registry, a := "- image: REGISTRY/src", attested.Children
	return []kindOfSource{
		{name: "tag", manifests: registry + ":amd64", want: []fixture.Object{amd64}},
		{name: "digest", manifests: registry + "@" + arm64.Digest().String(), want: []fixture.Object{arm64}},
		{name: "tag and digest", manifests: registry + ":arm64@" + arm64.Digest().String(), want: []fixture.Object{arm64}},
		{name: "index", manifests: registry + ":attested", want: []fixture.Object{a[0], a[2], a[1], a[3]}}, // attestations are last
		{name: "index with platforms", manifests: registry + ":attested\n  platforms: [linux/arm64]", want: []fixture.Object{a[2], a[3]}},
		{name: "oci-layout", manifests: "- image: oci-layout://" + string(layout) + ":arm64", want: []fixture.Object{arm64}},
		{name: "oci-archive", manifests: "- image: oci-archive://" + plain + ":1.0", want: []fixture.Object{amd64}},
		{name: "docker-archive", manifests: "- image: docker-archive://" + packed + ":1.0", want: []fixture.Object{{Platform: amd64.Platform}}},
		{name: "artifact", manifests: registry + ":artifact\n  platform: {os: linux, architecture: s390x}", want: []fixture.Object{artifact}, artifact: true},
	}
}

// wantKind compares the entries of an index with the source that they come from.
func wantKind(t *testing.T, source kindOfSource, index ocispec.Index) {
	t.Helper()
	var want, got []ocispec.Descriptor
	for i, o := range source.want {
		if i >= len(index.Manifests) {
			break
		}
		d, entry := o.Descriptor(), index.Manifests[i]
		if o.Raw == nil {
			d, entry = ocispec.Descriptor{Platform: d.Platform}, ocispec.Descriptor{Platform: entry.Platform}
		}
		want, got = append(want, d), append(got, entry)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(index.Manifests) != len(source.want) {
		t.Errorf("%d entries, want %d (-want +got):\n%s", len(index.Manifests), len(source.want), diff)
	}
}
