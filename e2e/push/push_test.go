//go:build e2e

package push

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestPushMediaType pushes images of one repository: without --type the index
// has the type of its images, and OCI when they differ.
func TestPushMediaType(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	docker, oci := fixture.NewImageSet(t, fixture.Docker(), "app"), fixture.NewImageSet(t, fixture.OCI(), "app")
	tests := []struct {
		name   string
		images fixture.ImageSet
		want   string
	}{
		{"docker", docker, fixture.Docker().Index},
		{"oci", oci, fixture.OCI().Index},
		{"mixed", fixture.ImageSet{docker[0], oci[1], docker[2]}, fixture.OCI().Index},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			repo := "one/" + test.name
			g.PutImages(t, repo, test.images)
			spec := clitest.WriteSpec(t, g.Host, test.images.Spec("REGISTRY/"+repo+":all", "REGISTRY/"+repo+":%s"))
			printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)

			stored, _ := g.Manifest(t, repo, "all")
			clitest.WantText(t, "media type", test.want, stored.MediaType)
			clitest.WantText(t, "stored digest", printed.String(), stored.Digest.String())
			fixture.WantEntries(t, fixture.WantComplete(t, g.Repository(repo), printed), test.images.Objects()...)
		})
	}
}

func TestPushTwice(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImagesApart(t, "src/app", images)
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
	first := clitest.Run(t, "push", "from-spec", spec)
	second := clitest.Run(t, "push", "from-spec", spec)
	clitest.WantText(t, "second digest", first.PushedDigest(t).String(), second.PushedDigest(t).String())
	clitest.WantText(t, "second stdout", first.Stdout, second.Stdout)
}

// TestPushWritesEachTagOnce also holds the scalars as written: 1.10 is no 1.1.
func TestPushWritesEachTagOnce(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	open.PutImages(t, "app", images)
	g, seen := open.BehindProxy(t, nil)
	spec := clitest.WriteSpec(t, g.Host, "tags: [1.10, 3, stable]\n"+images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)

	puts := map[string]int{}
	for _, r := range seen.Matching(registrytest.Request.IsWrite) {
		puts[r.Method+" "+r.Kind+" "+r.Ref]++
	}
	want := map[string]int{}
	for _, tag := range []string{"all", "1.10", "3", "stable"} {
		want["PUT manifest "+tag] = 1
		stored, _ := open.Manifest(t, "app", tag)
		clitest.WantText(t, "digest of "+tag, printed.String(), stored.Digest.String())
	}
	if diff := cmp.Diff(want, puts); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}

// TestFault75PushTellsWhichTagWasRefused has one of three tags refused: the others
// are written, the exit code is 4.
func TestFault75PushTellsWhichTagWasRefused(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	open.PutImages(t, "app", images)
	g, _ := open.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || r.URL.Path != "/v2/app/manifests/frozen" {
			return false
		}
		http.Error(w, `{"errors":[{"code":"DENIED","message":"tag is immutable"}]}`, http.StatusForbidden)
		return true
	})
	spec := clitest.WriteSpec(t, g.Host, "tags: [frozen, free]\n"+images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	done := clitest.Run(t, "push", "from-spec", spec)
	done.WantCode(t, 4)
	done.WantStderr(t, "frozen", "tag is immutable")
	open.WantAbsent(t, "app", "frozen")
	all, _ := open.Manifest(t, "app", "all")
	free, _ := open.Manifest(t, "app", "free")
	clitest.WantText(t, "digest of free", all.Digest.String(), free.Digest.String())
}

// TestPushWindowsVersions pushes two builds of one platform, told apart by
// os.version: one read from the config, one declared in the spec.
func TestPushWindowsVersions(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	old := fixture.NewImage(t, fixture.Docker(), "old", fixture.ParsePlatform("windows/amd64:10.0.17763.6189"), 1)
	current := fixture.NewImage(t, fixture.Docker(), "new", fixture.ParsePlatform("windows/amd64:10.0.20348.2655"), 1)
	g.Put(t, "win", "ltsc2019", old)
	g.Put(t, "win", "ltsc2022", current)
	spec := clitest.WriteSpec(t, g.Host, `image: REGISTRY/win:all
manifests:
  - image: REGISTRY/win:ltsc2019
  - image: REGISTRY/win:ltsc2022
    platform: {os: windows, architecture: amd64, os.version: 10.0.20348.1, os.features: [win32k]}
`)
	printed := clitest.Run(t, "push", "--type", "docker", "from-spec", spec).PushedDigest(t)
	declared := fixture.ParsePlatform("windows/amd64:10.0.20348.1")
	declared.OSFeatures = []string{"win32k"}
	current.Platform = &declared
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("win"), printed), old, current)
}
