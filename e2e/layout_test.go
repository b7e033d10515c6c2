//go:build e2e

package e2e

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
)

func TestPushFromALayout(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	from := writeLayout(t, images.ByTag())
	spec := specFile(t, g.Host, images.Spec("REGISTRY/app:all", "oci-layout://"+string(from)+":%s"))
	printed := manifestTool(t, "push", "from-spec", spec).PushedDigest(t)

	stored, _ := g.Manifest(t, "app", "all")
	wantText(t, "stored digest", printed.String(), stored.Digest.String())
	wantEntries(t, wantComplete(t, g.Repository("app"), printed), images.Objects()...)
}

// TestPushToALayout lets skopeo and oras judge the folder.
func TestPushToALayout(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	g.PutImages(t, "app", images)
	to := layout(filepath.Join(t.TempDir(), "new"))
	spec := specFile(t, g.Host, "tags: [1.10, stable]\n"+images.Spec("oci-layout://"+string(to)+":all", "REGISTRY/app:%s"))
	printed := manifestTool(t, "push", "from-spec", spec).PushedDigest(t)
	wantEntries(t, wantComplete(t, to, printed), images.Objects()...)
	for _, tag := range []string{"all", "1.10", "stable"} {
		wantText(t, "digest of "+tag, printed.String(), to.ResolveTag(t, tag).String())
	}

	shown := session{}.MustRunTool(t, "oras", "manifest", "fetch", "--oci-layout", string(to)+":all")
	wantDigest(t, printed, []byte(shown))
	folder := t.TempDir()
	session{}.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "--all", "oci:"+string(to)+":all", "dir:"+folder)
	wantComplete(t, skopeoFolder(folder), printed)
}

// TestPushBetweenLayouts needs no registry at all, and inspect reads what it
// wrote.
func TestPushBetweenLayouts(t *testing.T) {
	t.Parallel()
	images := newImageSet(t, ociMedia(), "app")
	from := writeLayout(t, images.ByTag())
	to := layout(filepath.Join(t.TempDir(), "new"))
	ref := "oci-layout://" + string(to) + ":all"
	spec := specFile(t, "", images.Spec(ref, "oci-layout://"+string(from)+":%s"))
	printed := manifestTool(t, "push", "from-spec", spec).PushedDigest(t)
	wantEntries(t, wantComplete(t, to, printed), images.Objects()...)

	again := manifestTool(t, "push", "from-spec", spec).PushedDigest(t)
	wantText(t, "second digest", printed.String(), again.String())
	wantText(t, "tag after the second push", printed.String(), to.ResolveTag(t, "all").String())

	for _, name := range []string{ref, "oci-layout://" + string(to) + "@" + printed.String()} {
		shown := manifestTool(t, "inspect", name)
		shown.WantCode(t, 0)
		wantLines(t, shown.Stdout,
			"Name:   "+name+" (Type: "+ociMedia().Index+")",
			"Digest: "+printed.String(),
			" * Contains 3 manifest references (3 images, 0 attestation):",
			"[2]    -    Arch: arm64", "[3]    - Variant: v7", "[3] # Layers: 3")
	}
}

// TestPushToALayoutKeepsOtherTags adds an index to a folder that holds images.
func TestPushToALayoutKeepsOtherTags(t *testing.T) {
	t.Parallel()
	images := newImageSet(t, ociMedia(), "app")
	at := writeLayout(t, images.ByTag())
	source := "oci-layout://" + string(at) + ":%s"
	spec := specFile(t, "", images.Spec("oci-layout://"+string(at)+":all", source))
	printed := manifestTool(t, "push", "from-spec", spec).PushedDigest(t)
	wantText(t, "digest of all", printed.String(), at.ResolveTag(t, "all").String())
	for _, one := range images {
		wantText(t, "digest of "+one.Tag, one.Image.Digest().String(), at.ResolveTag(t, one.Tag).String())
	}
}

// TestPushThatChangesNothingInALayout pushes twice what is named by several tags,
// in both ways of pushing: the second time no file and no folder of the layout is
// touched, and nobody may write to them.
func TestPushThatChangesNothingInALayout(t *testing.T) {
	t.Parallel()
	images := newImageSet(t, ociMedia(), "app")
	from := writeLayout(t, images.ByTag())
	source := "oci-layout://" + string(from)
	for name, push := range map[string]func(target string) []string{
		"from-spec": func(target string) []string {
			return []string{"from-spec", specFile(t, "", "tags: [1.10, stable]\n"+images.Spec(target, source+":%s"))}
		},
		"from-args": func(target string) []string {
			return []string{"from-args", "--tags", "1.10,stable", "--platforms", "linux/amd64,linux/arm64", "--template", source + ":ARCH", "--target", target}
		},
	} {
		to := layout(filepath.Join(t.TempDir(), name))
		args := push("oci-layout://" + string(to) + ":all")
		printed := manifestTool(t, append([]string{"push"}, args...)...).PushedDigest(t)
		to.Chmod(t, 0o500, 0o400)
		before := to.Stats(t)
		for _, flags := range [][]string{{"push"}, {"push", "--confirm"}, {"push", "--expect", printed.String()}} {
			done := manifestTool(t, append(flags, args...)...)
			wantText(t, "digest", printed.String(), done.PushedDigest(t).String())
			done.WantStderr(t, "unchanged: oci-layout://")
			if strings.Contains(done.Stderr, "registry") {
				t.Errorf("it speaks of a registry:\n%s", done.Stderr)
			}
		}
		done := manifestTool(t, append([]string{"push", "-o", "json"}, args...)...)
		done.WantCode(t, 0)
		wantSchema(t, "push", done.Stdout)
		var got struct {
			Unchanged bool
			Tags      []struct{ Tag, State string }
		}
		must(t, json.Unmarshal([]byte(done.Stdout), &got))
		if !got.Unchanged || len(got.Tags) != 3 {
			t.Errorf("%s: %+v", name, got)
		}
		for _, tag := range got.Tags {
			wantText(t, "state of "+tag.Tag, "unchanged", tag.State)
		}
		if diff := cmp.Diff(before, to.Stats(t)); diff != "" {
			t.Errorf("%s: files changed (-before +after):\n%s", name, diff)
		}
		to.Chmod(t, 0o700, 0o600)
	}
}

// TestPushToALayoutMendsIt pushes what is there already, but damaged.
func TestPushToALayoutMendsIt(t *testing.T) {
	t.Parallel()
	images := newImageSet(t, ociMedia(), "app")
	from := writeLayout(t, images.ByTag())
	to := layout(filepath.Join(t.TempDir(), "new"))
	spec := specFile(t, "", images.Spec("oci-layout://"+string(to)+":all", "oci-layout://"+string(from)+":%s"))
	printed := manifestTool(t, "push", "from-spec", spec).PushedDigest(t)
	layer := blobPath(digest.FromBytes(images[0].Image.Blobs[0]))
	to.WriteFile(t, layer, []byte("damaged"))
	done := manifestTool(t, "push", "from-spec", spec)
	wantText(t, "digest", printed.String(), done.PushedDigest(t).String())
	wantText(t, "stderr", "", done.Stderr)
	wantEntries(t, wantComplete(t, to, printed), images.Objects()...)
}
