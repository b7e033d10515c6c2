//go:build e2e

package e2e

import (
	"path/filepath"
	"testing"
)

func TestPushFromALayout(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newFleet(t, ociMedia(), "app")
	from := writeLayout(t, images.byTag())
	spec := specFile(t, g.host, images.spec("REGISTRY/app:all", "oci-layout://"+string(from)+":%s"))
	printed := manifestTool(t, "push", "from-spec", spec).pushed(t)

	stored, _ := g.manifest(t, "app", "all")
	wantText(t, "stored digest", printed.String(), stored.Digest.String())
	wantEntries(t, wantComplete(t, repository{g, "app"}, printed), images.images()...)
}

// TestPushToALayout lets skopeo and oras judge the folder.
func TestPushToALayout(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newFleet(t, ociMedia(), "app")
	images.put(t, g, "app")
	to := layout(filepath.Join(t.TempDir(), "new"))
	spec := specFile(t, g.host, "tags: [1.10, stable]\n"+images.spec("oci-layout://"+string(to)+":all", "REGISTRY/app:%s"))
	printed := manifestTool(t, "push", "from-spec", spec).pushed(t)
	wantEntries(t, wantComplete(t, to, printed), images.images()...)
	for _, tag := range []string{"all", "1.10", "stable"} {
		wantText(t, "digest of "+tag, printed.String(), to.tagged(t, tag).String())
	}

	shown := session{}.witness(t, "oras", "manifest", "fetch", "--oci-layout", string(to)+":all")
	wantDigest(t, printed, []byte(shown))
	folder := t.TempDir()
	session{}.witness(t, "skopeo", "--insecure-policy", "copy", "--all", "oci:"+string(to)+":all", "dir:"+folder)
	wantComplete(t, skopeoFolder(folder), printed)
}

// TestPushBetweenLayouts needs no registry at all, and inspect reads what it
// wrote.
func TestPushBetweenLayouts(t *testing.T) {
	t.Parallel()
	images := newFleet(t, ociMedia(), "app")
	from := writeLayout(t, images.byTag())
	to := layout(filepath.Join(t.TempDir(), "new"))
	ref := "oci-layout://" + string(to) + ":all"
	spec := specFile(t, "", images.spec(ref, "oci-layout://"+string(from)+":%s"))
	printed := manifestTool(t, "push", "from-spec", spec).pushed(t)
	wantEntries(t, wantComplete(t, to, printed), images.images()...)

	again := manifestTool(t, "push", "from-spec", spec).pushed(t)
	wantText(t, "second digest", printed.String(), again.String())
	wantText(t, "tag after the second push", printed.String(), to.tagged(t, "all").String())

	for _, name := range []string{ref, "oci-layout://" + string(to) + "@" + printed.String()} {
		shown := manifestTool(t, "inspect", name)
		shown.wantCode(t, 0)
		wantLines(t, shown.stdout,
			"Name:   "+name+" (Type: "+ociMedia().index+")",
			"Digest: "+printed.String(),
			" * Contains 3 manifest references (3 images, 0 attestation):",
			"[2]    -    Arch: arm64", "[3]    - Variant: v7", "[3] # Layers: 3")
	}
}

// TestPushToALayoutKeepsOtherTags adds an index to a folder that holds images.
func TestPushToALayoutKeepsOtherTags(t *testing.T) {
	t.Parallel()
	images := newFleet(t, ociMedia(), "app")
	at := writeLayout(t, images.byTag())
	source := "oci-layout://" + string(at) + ":%s"
	spec := specFile(t, "", images.spec("oci-layout://"+string(at)+":all", source))
	printed := manifestTool(t, "push", "from-spec", spec).pushed(t)
	wantText(t, "digest of all", printed.String(), at.tagged(t, "all").String())
	for _, one := range images {
		wantText(t, "digest of "+one.tag, one.image.digest().String(), at.tagged(t, one.tag).String())
	}
}
