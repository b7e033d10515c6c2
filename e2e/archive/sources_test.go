//go:build e2e

package archive

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
	"manifest-tool/e2e/internal/interop"
	"manifest-tool/e2e/internal/registrytest"
)

// builder is another program that writes archives of images.
type builder struct {
	name, prefix string
	// pack writes the image of a tag of a repository.
	pack func(t *testing.T, from, path string)
}

// builders are the programs, each with both kinds of archives.
func builders() []builder {
	return []builder{
		{"skopeo-oci", "oci-archive://", func(t *testing.T, from, path string) { skopeo(t, from, "oci-archive:"+path+":1.0") }},
		{"skopeo-docker", "docker-archive://", func(t *testing.T, from, path string) {
			skopeo(t, from, "docker-archive:"+path+":docker.io/library/app:1.0")
		}},
		{"buildah-oci", "oci-archive://", func(t *testing.T, from, path string) { buildah(t, from, "oci-archive:"+path+":localhost/app:1.0") }},
		{"buildah-docker", "docker-archive://", func(t *testing.T, from, path string) { buildah(t, from, "docker-archive:"+path+":localhost/app:1.0") }},
	}
}

func skopeo(t *testing.T, from, to string) {
	t.Helper()
	clitest.Session{}.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "--all", "--src-tls-verify=false", from, to)
}

// buildah pulls an image into a store of its own and pushes it.
func buildah(t *testing.T, from, to string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("without root, buildah needs user namespaces")
	}
	dir := t.TempDir()
	policy := filepath.Join(dir, "policy.json")
	clitest.Must(t, os.WriteFile(policy, []byte(`{"default":[{"type":"insecureAcceptAnything"}]}`), 0o600))
	run := func(args ...string) string {
		all := append([]string{"--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run"), "--storage-driver", "vfs"}, args...)
		return clitest.Session{Home: dir}.MustRunTool(t, "buildah", all...)
	}
	id := run("pull", "--quiet", "--tls-verify=false", "--signature-policy", policy, from)
	run("push", "--quiet", "--signature-policy", policy, strings.TrimSpace(id), to)
}

// TestSources pushes images from archives of each program, plain and compressed, to
// targets of each kind in one run, and has other clients read them.
func TestSources(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	compression := map[string]string{"amd64": "", "arm64": "gzip", "armv7": "zstd"}
	for _, b := range builders() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			images := fixture.NewImageSet(t, fixture.OCI(), b.name)
			g.PutImages(t, "built/"+b.name, images)
			dir := t.TempDir()
			paths := map[string]string{}
			for _, one := range images {
				path := filepath.Join(dir, one.Tag+".tar")
				b.pack(t, "docker://"+g.Host+"/built/"+b.name+":"+one.Tag, path)
				paths[one.Tag] = path
				fixture.Compress(t, path, compression[one.Tag])
			}
			to := filepath.Join(dir, "to")
			// skopeo reads no Docker list in a layout.
			spec := clitest.WriteSpec(t, g.Host, "type: oci\n"+images.Spec("REGISTRY/"+b.name+":all", b.prefix+dir+"/%s.tar.packed:1.0")+
				"targets: [oci-layout://"+to+":all, oci-archive://"+to+".tar:all]\n")
			printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)

			index := fixture.WantComplete(t, g.Repository(b.name), printed)
			fixture.WantComplete(t, fixture.Layout(to), printed)
			fixture.WantComplete(t, fixture.ReadArchive(t, to+".tar"), printed)
			for i, one := range images {
				if diff := cmp.Diff(one.Image.Platform, index.Manifests[i].Platform); diff != "" {
					t.Errorf("%s has another platform (-want +got):\n%s", one.Tag, diff)
				}
				want := expected(t, b.prefix, paths[one.Tag])
				clitest.WantText(t, one.Tag, string(want), string(g.Repository(b.name).Manifest(t, index.Manifests[i].Digest)))
			}
			for _, client := range interop.Clients() {
				if client.Name != "docker" { // it shows an OCI index of Docker images as a list
					client.Confirm(t, g, b.name, "all", printed)
				}
			}
			confirmFiles(t, to, printed)
		})
	}
}

// expected is the manifest of the image in an archive that is not compressed. For a
// Docker archive skopeo makes one, in which it calls layers compressed that are not.
func expected(t *testing.T, prefix, path string) []byte {
	t.Helper()
	if prefix == "oci-archive://" {
		archive := fixture.ReadArchive(t, path)
		for _, d := range archive.Tags(t) {
			return archive.Manifest(t, d)
		}
	}
	dir := t.TempDir()
	skopeo(t, "docker-archive:"+path, "dir:"+dir)
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	clitest.Must(t, err)
	return bytes.ReplaceAll(raw, []byte("rootfs.diff.tar.gzip"), []byte("rootfs.diff.tar"))
}

// confirmFiles has skopeo and oras read a layout and an archive with one index.
func confirmFiles(t *testing.T, path string, want digest.Digest) {
	t.Helper()
	for _, from := range []string{"oci:" + path, "oci-archive:" + path + ".tar"} {
		dir := t.TempDir()
		skopeo(t, from+":all", "dir:"+dir)
		fixture.WantComplete(t, interop.SkopeoDir(dir), want)
	}
	for _, from := range []string{path, path + ".tar"} {
		shown := clitest.Session{}.MustRunTool(t, "oras", "manifest", "fetch", "--oci-layout", from+":all")
		fixture.WantDigest(t, want, []byte(shown))
	}
}

// TestIndexInAnArchive pushes an index with attestations from an archive, as buildx
// writes it, and some of its platforms.
func TestIndexInAnArchive(t *testing.T) {
	t.Parallel()
	index, _, _ := fixture.NewAttestedIndex(t)
	path := fixture.Compress(t, fixture.WriteLayout(t, map[string]fixture.Object{"1.0": index}).Pack(t), "gzip")
	to := fixture.Layout(filepath.Join(t.TempDir(), "new"))
	spec := clitest.WriteSpec(t, "", "image: oci-layout://"+string(to)+":all\nmanifests:\n- image: oci-archive://"+path+"\n")
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	images := index.Children
	fixture.WantEntries(t, fixture.WantComplete(t, to, printed), images[0], images[2], images[1], images[3]) // attestations last
}
