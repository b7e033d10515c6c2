//go:build e2e

package e2e

import (
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// TestPushDeclaredAgainstConfig declares another architecture than the image's
// config has: the push says so and goes on; --strict makes it an error.
func TestPushDeclaredAgainstConfig(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	image := newImage(t, ociMedia(), "app", platform("linux/arm/v7"), 1)
	open.put(t, "app", "one", image)
	spec := `image: REGISTRY/app:all
manifests:
  - image: REGISTRY/app:one
    platform: {os: linux, architecture: amd64}
`
	t.Run("strict", func(t *testing.T) {
		g, seen := open.behind(t, nil)
		done := manifestTool(t, "push", "--strict", "from-spec", specFile(t, g.host, spec))
		if done.code == 0 {
			t.Errorf("exit code 0, want a failure\nstdout: %s", done.stdout)
		}
		done.wantStderr(t, "manifest-tool failed with error: ", g.host+"/app:one", "amd64", "arm")
		seen.wantNoWrites(t)
	})
	t.Run("warned", func(t *testing.T) {
		g, _ := open.behind(t, nil)
		done := manifestTool(t, "push", "from-spec", specFile(t, g.host, spec))
		printed := done.pushed(t)
		done.wantStderr(t, "warning: ", g.host+"/app:one", "amd64", "arm")
		// The config's variant belongs to arm and must not stay with amd64.
		declared := image
		declared.platform = &ocispec.Platform{OS: "linux", Architecture: "amd64"}
		wantEntries(t, wantComplete(t, repository{open, "app"}, printed), declared)
	})
}

// TestPushOfOnePlatformTwice is refused unless asked for.
func TestPushOfOnePlatformTwice(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	gzip := newImage(t, ociMedia(), "gzip", platform("linux/amd64"), 1)
	zstd := newImage(t, ociMedia(), "zstd", platform("linux/amd64"), 2)
	open.put(t, "app", "gzip", gzip)
	open.put(t, "app", "zstd", zstd)
	spec := "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/app:gzip\n  - image: REGISTRY/app:zstd\n"

	t.Run("refused", func(t *testing.T) {
		g, seen := open.behind(t, nil)
		done := manifestTool(t, "push", "from-spec", specFile(t, g.host, spec))
		done.wantCode(t, 2)
		done.wantStderr(t, gzip.digest().String(), zstd.digest().String())
		seen.wantNoWrites(t)
	})
	t.Run("allowed", func(t *testing.T) {
		g, _ := open.behind(t, nil)
		printed := manifestTool(t, "push", "--allow-duplicates", "from-spec", specFile(t, g.host, spec)).pushed(t)
		wantEntries(t, wantComplete(t, repository{open, "app"}, printed), gzip, zstd)
	})
}

// TestPushReplacesEveryPlaceholder holds that placeholders are replaced
// wherever they stand, but not inside other capitals.
func TestPushReplacesEveryPlaceholder(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, dockerMedia(), "app")
	for i, repo := range []string{"linux/amd64/app-amd64", "linux/arm64/app-arm64", "linux/arm/app-armv7"} {
		g.put(t, repo, "CENTOS", images[i].image)
	}
	printed := manifestTool(t, "push", "from-args",
		"--platforms", "linux/amd64,linux/arm64/v8", "--platforms", "linux/arm/v7",
		"--template", g.host+"/OS/ARCH/app-ARCHVARIANT:CENTOS",
		"--target", g.host+"/app:all")
	// linux/arm64/v8 makes app-arm64v8, which is not there.
	printed.wantCode(t, 1)
	printed.wantStderr(t, g.host+"/linux/arm64/app-arm64v8:CENTOS")
	g.wantAbsent(t, "app", "all")

	index := manifestTool(t, "push", "from-args",
		"--platforms", "linux/amd64,linux/arm64", "--platforms", "linux/arm/v7",
		"--template", g.host+"/OS/ARCH/app-ARCHVARIANT:CENTOS",
		"--target", g.host+"/app:all").pushed(t)
	wantEntries(t, wantComplete(t, repository{g, "app"}, index), images.images()...)
}

// TestPushKeepsAnnotationsWhole gives values with a comma and a second equals
// sign, which the predecessor's list form cannot hold.
func TestPushKeepsAnnotationsWhole(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	image := newImage(t, ociMedia(), "app", platform("linux/amd64"), 1)
	g.put(t, "app", "amd64", image)
	printed := manifestTool(t, "push", "from-args", "--platforms", "linux/amd64",
		"--template", g.host+"/app:ARCH", "--target", g.host+"/app:all",
		"--annotations", "a=b, c=d",
		"--annotation", "url=https://example.com/?a=b&c=d", "--annotation", "text=one, two = three").pushed(t)
	index := wantComplete(t, repository{g, "app"}, printed)
	wantText(t, "url", "https://example.com/?a=b&c=d", index.Annotations["url"])
	wantText(t, "text", "one, two = three", index.Annotations["text"])
	wantText(t, "a and c", "b d", index.Annotations["a"]+" "+index.Annotations["c"])
}
