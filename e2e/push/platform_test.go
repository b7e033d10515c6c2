//go:build e2e

package push

import (
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestPushPlatformMismatch declares another architecture than the image's
// config has: the push says so and goes on; --strict makes it an error.
func TestPushPlatformMismatch(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/arm/v7"), 1)
	open.Put(t, "app", "one", image)
	spec := `image: REGISTRY/app:all
manifests:
  - image: REGISTRY/app:one
    platform: {os: linux, architecture: amd64}
`
	t.Run("strict", func(t *testing.T) {
		g, seen := open.BehindProxy(t, nil)
		done := clitest.Run(t, "push", "--strict", "from-spec", clitest.WriteSpec(t, g.Host, spec))
		if done.Code == 0 {
			t.Errorf("exit code 0, want a failure\nstdout: %s", done.Stdout)
		}
		done.WantStderr(t, "manifest-tool failed with error: ", g.Host+"/app:one", "amd64", "arm")
		seen.WantNoWrites(t)
	})
	t.Run("warned", func(t *testing.T) {
		g, _ := open.BehindProxy(t, nil)
		done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, spec))
		printed := done.PushedDigest(t)
		done.WantStderr(t, "warning: ", g.Host+"/app:one", "amd64", "arm")
		// The config's variant belongs to arm and must not stay with amd64.
		declared := image
		declared.Platform = &ocispec.Platform{OS: "linux", Architecture: "amd64"}
		fixture.WantEntries(t, fixture.WantComplete(t, open.Repository("app"), printed), declared)
	})
}

// TestPushDuplicatePlatform is refused unless asked for.
func TestPushDuplicatePlatform(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	gzip := fixture.NewImage(t, fixture.OCI(), "gzip", fixture.ParsePlatform("linux/amd64"), 1)
	zstd := fixture.NewImage(t, fixture.OCI(), "zstd", fixture.ParsePlatform("linux/amd64"), 2)
	open.Put(t, "app", "gzip", gzip)
	open.Put(t, "app", "zstd", zstd)
	spec := "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/app:gzip\n  - image: REGISTRY/app:zstd\n"

	t.Run("refused", func(t *testing.T) {
		g, seen := open.BehindProxy(t, nil)
		done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, spec))
		done.WantCode(t, 2)
		done.WantStderr(t, gzip.Digest().String(), zstd.Digest().String())
		seen.WantNoWrites(t)
	})
	t.Run("allowed", func(t *testing.T) {
		g, _ := open.BehindProxy(t, nil)
		printed := clitest.Run(t, "push", "--allow-duplicates", "from-spec", clitest.WriteSpec(t, g.Host, spec)).PushedDigest(t)
		fixture.WantEntries(t, fixture.WantComplete(t, open.Repository("app"), printed), gzip, zstd)
	})
}

// TestPushPlaceholders holds that placeholders are replaced wherever they
// stand, but not inside other capitals.
func TestPushPlaceholders(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	for i, repo := range []string{"linux/amd64/app-amd64", "linux/arm64/app-arm64", "linux/arm/app-armv7"} {
		g.Put(t, repo, "CENTOS", images[i].Image)
	}
	printed := clitest.Run(t, "push", "from-args",
		"--platforms", "linux/amd64,linux/arm64/v8", "--platforms", "linux/arm/v7",
		"--template", g.Host+"/OS/ARCH/app-ARCHVARIANT:CENTOS",
		"--target", g.Host+"/app:all")
	// linux/arm64/v8 makes app-arm64v8, which is not there.
	printed.WantCode(t, 1)
	printed.WantStderr(t, g.Host+"/linux/arm64/app-arm64v8:CENTOS")
	g.WantAbsent(t, "app", "all")

	index := clitest.Run(t, "push", "from-args",
		"--platforms", "linux/amd64,linux/arm64", "--platforms", "linux/arm/v7",
		"--template", g.Host+"/OS/ARCH/app-ARCHVARIANT:CENTOS",
		"--target", g.Host+"/app:all").PushedDigest(t)
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("app"), index), images.Objects()...)
}

// TestPushAnnotations gives values with a comma and a second equals sign, which
// the predecessor's list form cannot hold.
func TestPushAnnotations(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1)
	g.Put(t, "app", "amd64", image)
	printed := clitest.Run(t, "push", "from-args", "--platforms", "linux/amd64",
		"--template", g.Host+"/app:ARCH", "--target", g.Host+"/app:all",
		"--annotations", "a=b, c=d",
		"--annotation", "url=https://example.com/?a=b&c=d", "--annotation", "text=one, two = three").PushedDigest(t)
	index := fixture.WantComplete(t, g.Repository("app"), printed)
	clitest.WantText(t, "url", "https://example.com/?a=b&c=d", index.Annotations["url"])
	clitest.WantText(t, "text", "one, two = three", index.Annotations["text"])
	clitest.WantText(t, "a and c", "b d", index.Annotations["a"]+" "+index.Annotations["c"])
}
