//go:build e2e

package push

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFromImages pushes references of two repositories and of a layout, one with a
// declared platform, to several targets.
func TestFromImages(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "team/app", images[:1])
	g.PutImages(t, "other/app", images[1:2])
	layout := fixture.WriteLayout(t, images[2:].ByTag())
	done := clitest.Run(t, "push", "from-images", g.Host+"/team/app:1",
		g.Host+"/team/app:amd64", g.Host+"/other/app@"+images[1].Image.Digest().String(), "oci-layout://"+string(layout)+":armv7=linux/arm/v6",
		"--tags", "latest", "--target", g.Host+"/mirror/app\n"+g.Host+"/other/app:2", "--annotation", "manifest-descriptor[linux/arm64]:a=b",
		"--annotation", "index:c=d", "--digest-file", t.TempDir()+"/digest")
	printed := done.PushedDigest(t)
	done.WantStderr(t, "its variant is declared as \"v6\", its config says \"v7\"")
	for repo, tags := range map[string][]string{"team/app": {"1", "latest"}, "mirror/app": {"1", "latest"}, "other/app": {"2"}} {
		index := fixture.WantComplete(t, g.Repository(repo), printed)
		var got []string
		for _, d := range index.Manifests {
			got = append(got, d.Platform.Architecture+d.Platform.Variant+d.Annotations["a"])
		}
		if diff := cmp.Diff([]string{"amd64", "arm64v8b", "armv6"}, got); diff != "" || index.Annotations["c"] != "d" {
			t.Errorf("%s: entries (-want +got):\n%s", repo, diff)
		}
		for _, tag := range tags {
			confirm(t, g, repo, tag, printed)
		}
	}
	g.WantAbsent(t, "other/app", "1")
}

// TestModeOfAFile: a new file is for those whom the umask allows, and one that exists
// keeps its mode.
func TestModeOfAFile(t *testing.T) {
	t.Parallel()
	layout := fixture.WriteLayout(t, fixture.NewImageSet(t, fixture.OCI(), "app").ByTag())
	dir := t.TempDir()
	push := func(umask string) {
		t.Helper()
		clitest.Session{}.RunProgram(t, "/bin/sh", "-c", "umask "+umask+`; exec "$0" "$@"`, clitest.Binary(), "push", "from-images", "oci-layout://"+dir+"/out:1",
			"oci-layout://"+string(layout)+":amd64", "--digest-file", dir+"/digest", "--metadata-file", dir+"/metadata-"+umask).WantCode(t, 0)
	}
	push("077")
	clitest.Must(t, os.Chmod(dir+"/digest", 0o640))
	push("022")
	for name, want := range map[string]os.FileMode{"digest": 0o640, "metadata-077": 0o600, "metadata-022": 0o644} {
		info, err := os.Stat(dir + "/" + name)
		clitest.Must(t, err)
		if info.Mode() != want {
			t.Errorf("%s has the mode %v, want %v", name, info.Mode(), want)
		}
	}
}

// TestTargets adds targets to a spec and to a template. With one that has a tag, the
// others get that of the first.
func TestTargets(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "team/app", images)
	metadata := `--docker-metadata={"tags": ["` + g.Host + `/team/app:meta", "` + g.Host + `/three/app:meta"]}`
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/team/app:spec", "REGISTRY/team/app:%s"))
	for tag, args := range map[string][]string{
		"spec": {"push", "from-spec", spec},
		"args": {"push", "from-args", "--platforms", "linux/amd64,linux/arm64/v8", "--template", g.Host + "/team/app:ARCH", "--target", g.Host + "/team/app:args"},
	} {
		printed := clitest.Run(t, append(args, "--target", g.Host+"/two/app", metadata)...).PushedDigest(t)
		for _, name := range [][2]string{{"team/app", tag}, {"team/app", "meta"}, {"two/app", tag}, {"two/app", "meta"}, {"three/app", "meta"}} {
			stored, _ := g.Manifest(t, name[0], name[1])
			clitest.WantText(t, name[0]+":"+name[1], printed.String(), stored.Digest.String())
		}
	}
	spec = clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/team/app:a", "REGISTRY/team/app:%s")+"---\n"+images.Spec("REGISTRY/team/app:b", "REGISTRY/team/app:%s"))
	done := clitest.Run(t, "push", "from-spec", spec, "--target", g.Host+"/team/app:c")
	done.WantCode(t, 2)
	done.WantStderr(t, "two documents of "+spec+" describe "+g.Host+"/team/app:c")
	g.WantAbsent(t, "team/app", "a")
}
