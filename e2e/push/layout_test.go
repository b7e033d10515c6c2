//go:build e2e

package push

import (
	"encoding/json"
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

func TestPushFromALayout(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from := fixture.WriteLayout(t, images.ByTag())
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:all", "oci-layout://"+string(from)+":%s"))
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)

	stored, _ := g.Manifest(t, "app", "all")
	clitest.WantText(t, "stored digest", printed.String(), stored.Digest.String())
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("app"), printed), images.Objects()...)
}

// TestPushToALayout lets skopeo and oras judge the folder.
func TestPushToALayout(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	to := fixture.Layout(filepath.Join(t.TempDir(), "new"))
	spec := clitest.WriteSpec(t, g.Host, "tags: [1.10, stable]\n"+images.Spec("oci-layout://"+string(to)+":all", "REGISTRY/app:%s"))
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	fixture.WantEntries(t, fixture.WantComplete(t, to, printed), images.Objects()...)
	for _, tag := range []string{"all", "1.10", "stable"} {
		clitest.WantText(t, "digest of "+tag, printed.String(), to.ResolveTag(t, tag).String())
	}

	shown := clitest.Session{}.MustRunTool(t, "oras", "manifest", "fetch", "--oci-layout", string(to)+":all")
	fixture.WantDigest(t, printed, []byte(shown))
	folder := t.TempDir()
	clitest.Session{}.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "--all", "oci:"+string(to)+":all", "dir:"+folder)
	fixture.WantComplete(t, interop.SkopeoDir(folder), printed)
}

// TestPushBetweenLayouts needs no registry at all, and inspect reads what it
// wrote.
func TestPushBetweenLayouts(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from := fixture.WriteLayout(t, images.ByTag())
	to := fixture.Layout(filepath.Join(t.TempDir(), "new"))
	ref := "oci-layout://" + string(to) + ":all"
	spec := clitest.WriteSpec(t, "", images.Spec(ref, "oci-layout://"+string(from)+":%s"))
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	fixture.WantEntries(t, fixture.WantComplete(t, to, printed), images.Objects()...)

	again := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	clitest.WantText(t, "second digest", printed.String(), again.String())
	clitest.WantText(t, "tag after the second push", printed.String(), to.ResolveTag(t, "all").String())

	for _, name := range []string{ref, "oci-layout://" + string(to) + "@" + printed.String()} {
		shown := clitest.Run(t, "inspect", name)
		shown.WantCode(t, 0)
		clitest.WantLines(t, shown.Stdout,
			"Name:   "+name+" (Type: "+fixture.OCI().Index+")",
			"Digest: "+printed.String(),
			" * Contains 3 manifest references (3 images, 0 attestation):",
			"[2]    -    Arch: arm64", "[3]    - Variant: v7", "[3] # Layers: 3")
	}
}

// TestPushToALayoutKeepsOtherTags adds an index to a folder that holds images.
func TestPushToALayoutKeepsOtherTags(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	at := fixture.WriteLayout(t, images.ByTag())
	source := "oci-layout://" + string(at) + ":%s"
	spec := clitest.WriteSpec(t, "", images.Spec("oci-layout://"+string(at)+":all", source))
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	clitest.WantText(t, "digest of all", printed.String(), at.ResolveTag(t, "all").String())
	for _, one := range images {
		clitest.WantText(t, "digest of "+one.Tag, one.Image.Digest().String(), at.ResolveTag(t, one.Tag).String())
	}
}

// TestPushUnchangedLayout pushes twice what is named by several tags, in both
// ways of pushing: the second time no file and no folder of the layout is
// touched, and nobody may write to them.
func TestPushUnchangedLayout(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from := fixture.WriteLayout(t, images.ByTag())
	source := "oci-layout://" + string(from)
	for name, push := range map[string]func(target string) []string{
		"from-spec": func(target string) []string {
			return []string{"from-spec", clitest.WriteSpec(t, "", "tags: [1.10, stable]\n"+images.Spec(target, source+":%s"))}
		},
		"from-args": func(target string) []string {
			return []string{"from-args", "--tags", "1.10,stable", "--platforms", "linux/amd64,linux/arm64", "--template", source + ":ARCH", "--target", target}
		},
	} {
		to := fixture.Layout(filepath.Join(t.TempDir(), name))
		args := push("oci-layout://" + string(to) + ":all")
		printed := clitest.Run(t, append([]string{"push"}, args...)...).PushedDigest(t)
		to.Chmod(t, 0o500, 0o400)
		before := to.Stats(t)
		for _, flags := range [][]string{{"push", "--quiet=false"}, {"push", "--quiet=false", "--confirm"}, {"push", "--quiet=false", "--expect", printed.String()}} {
			done := clitest.Run(t, append(flags, args...)...)
			clitest.WantText(t, "digest", printed.String(), done.PushedDigest(t).String())
			done.WantStderr(t, "unchanged: oci-layout://")
			if strings.Contains(done.Stderr, "registry") {
				t.Errorf("it speaks of a registry:\n%s", done.Stderr)
			}
		}
		done := clitest.Run(t, append([]string{"push", "-o", "json"}, args...)...)
		done.WantCode(t, 0)
		clitest.WantSchema(t, "push", done.Stdout)
		var got struct {
			Unchanged bool
			Tags      []struct{ Tag, State string }
		}
		clitest.Must(t, json.Unmarshal([]byte(done.Stdout), &got))
		if !got.Unchanged || len(got.Tags) != 3 {
			t.Errorf("%s: %+v", name, got)
		}
		for _, tag := range got.Tags {
			clitest.WantText(t, "state of "+tag.Tag, "unchanged", tag.State)
		}
		if diff := cmp.Diff(before, to.Stats(t)); diff != "" {
			t.Errorf("%s: files changed (-before +after):\n%s", name, diff)
		}
		to.Chmod(t, 0o700, 0o600)
	}
}

// TestPushRepairsLayout pushes what is there already, but damaged.
func TestPushRepairsLayout(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from := fixture.WriteLayout(t, images.ByTag())
	to := fixture.Layout(filepath.Join(t.TempDir(), "new"))
	spec := clitest.WriteSpec(t, "", images.Spec("oci-layout://"+string(to)+":all", "oci-layout://"+string(from)+":%s"))
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	layer := fixture.BlobPath(digest.FromBytes(images[0].Image.Blobs[0]))
	to.WriteFile(t, layer, []byte("damaged"))
	done := clitest.Run(t, "push", "from-spec", spec)
	clitest.WantText(t, "digest", printed.String(), done.PushedDigest(t).String())
	clitest.WantText(t, "stderr", "", done.Stderr)
	fixture.WantEntries(t, fixture.WantComplete(t, to, printed), images.Objects()...)
}
