//go:build e2e

package push

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/interop"
	"manifest-tool/e2e/internal/registrytest"
)

// builderFiles writes what builders leave, in the shape that each writes it, into the
// working directory of a session. In the texts, REGISTRY is the host, and amd64, arm64
// and armv7 in braces are digests.
func builderFiles(t *testing.T, g *registrytest.Registry, images fixture.ImageSet, files map[string]string) clitest.Session {
	t.Helper()
	s := clitest.Session{Dir: t.TempDir()}
	for name, text := range files {
		path := filepath.Join(s.Dir, resolveNames(g, images, name))
		clitest.Must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		clitest.Must(t, os.WriteFile(path, []byte(resolveNames(g, images, text)), 0o600))
	}
	return s
}

func resolveNames(g *registrytest.Registry, images fixture.ImageSet, text string) string {
	pairs := []string{"REGISTRY", g.Host}
	for _, one := range images {
		d := one.Image.Digest()
		pairs = append(pairs, "{"+one.Tag+"}", d.String(), "{"+one.Tag+" hex}", d.Encoded())
		upper := strings.ToUpper(one.Tag)
		pairs = append(pairs, "{"+upper+"}", strings.ToUpper(d.String()), "{"+upper+" hex}", strings.ToUpper(d.Encoded()))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// confirm has skopeo and regctl read a tag.
func confirm(t *testing.T, g *registrytest.Registry, repo, tag string, want digest.Digest) {
	t.Helper()
	for _, client := range interop.Clients() {
		if client.Name == "skopeo" || client.Name == "regctl" {
			client.Confirm(t, g, repo, tag, want)
		}
	}
}

const buildxFile = `{
  "buildx.build.ref": "builder/builder0/0fjb6ubs52xx3vygf6fgdl611",
  "containerimage.descriptor": {"digest": "%[1]s", "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 506},
  "containerimage.digest": "%[1]s",
  "image.name": "%[2]s"
}`

// TestFromDigests pushes an index of what each builder leaves. The shapes are those of
// internal/manifest/buildresult, which has the version of each tool.
func TestFromDigests(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "team/app", images)
	g.PutImages(t, "other/app", images[:1])
	for i, tt := range []struct {
		name  string
		files map[string]string
		args  []string
	}{
		{"docker's workflow", map[string]string{"digests/{amd64 hex}": "", "digests/{arm64 hex}": "", "digests/{armv7}": ""}, []string{"digests"}},
		{"arguments", nil, []string{"{amd64}", "{arm64 hex}", "{armv7}"}},
		{"kaniko", map[string]string{"amd64": "{amd64}", "arm64": "REGISTRY/team/app@{arm64}\n", "armv7": "REGISTRY/team/app:latest@{armv7}\nREGISTRY/other/app:1@{armv7}\n"}, []string{"amd64", "arm64", "armv7"}},
		{"ko", map[string]string{"refs": "REGISTRY/team/app@{amd64}\nREGISTRY/team/app@{arm64}\nREGISTRY/team/app@{armv7}\n"}, []string{"refs"}},
		{"buildx", map[string]string{
			"amd64.json": fmt.Sprintf(buildxFile, "{amd64}", "REGISTRY/other/app:1,REGISTRY/team/app:1"),
			"arm64.json": fmt.Sprintf(buildxFile, "{arm64}", "REGISTRY/team/app"),
			"armv7.json": `{"containerimage.digest": "{armv7}"}`,
		}, []string{"amd64.json", "arm64.json", "armv7.json"}},
		{"bake", map[string]string{
			"bake.json": `{"buildx.build.warnings": [], "a": ` + fmt.Sprintf(buildxFile, "{amd64}", "REGISTRY/team/app") +
				`, "b": ` + fmt.Sprintf(buildxFile, "{arm64}", "REGISTRY/team/app") + `, "docs": {"buildx.build.ref": "x"}, "c": ` + fmt.Sprintf(buildxFile, "{armv7}", "REGISTRY/team/app") + `}`,
		}, []string{"bake.json", "--bake-target", "a,b,c"}},
		{"jib", map[string]string{
			"jib-image.json": `{"image":"REGISTRY/team/app:1","imageId":"{amd64}","imageDigest":"{amd64}","tags":["1"],"imagePushed":true}`,
			"digest":         "{arm64}\n{armv7}\n",
		}, []string{"jib-image.json", "digest"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, tag := builderFiles(t, g, images, tt.files), fmt.Sprint("v", i)
			args := []string{"push", "from-digests", g.Host + "/team/app:" + tag}
			for _, arg := range tt.args {
				args = append(args, resolveNames(g, images, arg))
			}
			done := s.Run(t, args...)
			printed := done.PushedDigest(t)
			clitest.WantText(t, "stderr", "", done.Stderr)
			want := images.Objects()
			if tt.name == "docker's workflow" { // in the order of the names: that of armv7 is the last
				slices.SortFunc(want[:2], func(a, b fixture.Object) int { return strings.Compare(a.Digest().String(), b.Digest().String()) })
			}
			fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("team/app"), printed), want...)
			confirm(t, g, "team/app", tag, printed)
		})
	}
}

// TestFromDigests_Tools pushes what other programs have just pushed, by the files that
// they wrote about it.
func TestFromDigests_Tools(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	s := clitest.Session{Dir: t.TempDir(), Home: t.TempDir(), Env: []string{"STORAGE_DRIVER=vfs"}}
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	layout := fixture.WriteLayout(t, images.ByTag())
	for _, arch := range []string{"amd64", "arm64"} {
		s.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "--digestfile", arch+".digest",
			"oci:"+string(layout)+":"+arch, "docker://"+g.Host+"/team/app:"+arch)
	}
	// podman writes the same with this code.
	buildah := func(args ...string) string {
		return strings.TrimSpace(s.MustRunTool(t, "buildah", append([]string{"--root", s.Dir + "/root", "--runroot", s.Dir + "/run"}, args...)...))
	}
	container := buildah("from", "scratch")
	buildah("config", "--os", "linux", "--arch", "s390x", container)
	buildah("commit", "--quiet", container, "app")
	buildah("push", "--tls-verify=false", "--digestfile", filepath.Join(s.Dir, "s390x.digest"), "app", "docker://"+g.Host+"/team/app:s390x")

	printed := s.Run(t, "push", "from-digests", g.Host+"/team/app:1", "amd64.digest", "arm64.digest", "s390x.digest").PushedDigest(t)
	index := fixture.WantComplete(t, g.Repository("team/app"), printed)
	stored, _ := g.Manifest(t, "team/app", "s390x")
	if len(index.Manifests) != 3 || index.Manifests[2].Digest != stored.Digest || index.Manifests[2].Platform.Architecture != "s390x" {
		t.Errorf("%+v", index.Manifests)
	}
	confirm(t, g, "team/app", "1", printed)
}
