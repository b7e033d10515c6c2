//go:build e2e

package resolve

import (
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// agreement is an index and the platforms for which Skopeo is asked which of
// its images it takes.
type agreement struct {
	name      string
	platforms string
	family    fixture.MediaTypes
}

// TestResolveAgreesWithSkopeo asks Skopeo for the config of the image that it
// takes for a platform, which tells the image.
func TestResolveAgreesWithSkopeo(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	for _, a := range []agreement{
		{"official", "linux/amd64 linux/arm/v5 linux/arm/v7 linux/arm64/v8 linux/386 linux/s390x", fixture.OCI()},
		{"list", "linux/amd64 linux/arm/v5 linux/arm/v7 linux/arm64/v8 linux/386 linux/s390x", fixture.Docker()},
		{"arm", "linux/arm linux/arm/v6 linux/arm/v8 linux/arm64 linux/arm64/v9", fixture.OCI()},
		{"levels", "linux/amd64/v3 linux/amd64/v2 linux/386", fixture.OCI()},
		{"windows", "windows/amd64:10.0.17763.1 windows/amd64:10.0.20348.1 linux/amd64", fixture.OCI()},
	} {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			byConfig := map[digest.Digest]digest.Digest{}
			var images []fixture.Object
			for i, text := range strings.Fields(a.platforms) {
				image := fixture.NewImage(t, a.family, a.name+string(rune('a'+i)), fixture.ParsePlatform(text), 1)
				byConfig[digest.FromBytes(image.Blobs[len(image.Blobs)-1])] = image.Digest()
				images = append(images, image)
			}
			g.Put(t, a.name, "all", fixture.NewIndex(t, a.family, images...))
			for _, node := range strings.Fields("linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/386 linux/arm linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm/v8 linux/arm64 linux/arm64/v8 linux/arm64/v9 linux/s390x linux/ppc64le windows/amd64") {
				wantSkopeoAgrees(t, g.Host+"/"+a.name+":all", node, byConfig)
			}
		})
	}
}

// wantSkopeoAgrees compares our choice by Podman's rule with Skopeo's.
func wantSkopeoAgrees(t *testing.T, name, node string, byConfig map[digest.Digest]digest.Digest) {
	t.Helper()
	p := fixture.ParsePlatform(node)
	args := []string{"--override-os", p.OS, "--override-arch", p.Architecture}
	if p.Variant != "" {
		args = append(args, "--override-variant", p.Variant)
	}
	theirs := clitest.Session{}.RunProgram(t, clitest.FindTool(t, "skopeo"), append(args, "inspect", "--tls-verify=false", "--config", "--raw", "docker://"+name)...)
	ours := clitest.Run(t, "resolve", "--rule", "podman", "--digest", "--platform", node, name)
	want := ""
	if theirs.Code == 0 {
		image, known := byConfig[digest.FromString(theirs.Stdout)]
		if !known {
			t.Fatalf("skopeo shows a config that no image has: %s", theirs.Stdout)
		}
		want = image.String() + "\n"
	} else if !strings.Contains(theirs.Stderr, "no image found in") {
		t.Fatalf("skopeo: %s", theirs.Stderr)
	}
	if ours.Stdout != want || ours.Code != map[bool]int{true: 0, false: 3}[want != ""] {
		t.Errorf("%s for %s: exit code %d, %q, skopeo takes %q", name, node, ours.Code, ours.Stdout, want)
	}
}
