//go:build e2e

package inspect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// TestLayoutsOfOtherTools reads the only image of a layout, which other tools wrote
// without a tag or in addition to its children.
func TestLayoutsOfOtherTools(t *testing.T) {
	t.Parallel()
	index := fixture.NewIndex(t, fixture.OCI(), fixture.NewImageSet(t, fixture.OCI(), "app").Objects()...)
	from := string(fixture.WriteLayout(t, map[string]fixture.Object{"1": index}))
	for name, write := range map[string]func(s clitest.Session, to string){
		"skopeo": func(s clitest.Session, to string) {
			s.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "--all", "oci:"+from+":1", "oci:"+to)
		},
		"skopeo with a full name": func(s clitest.Session, to string) {
			s.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "--all", "oci:"+from+":1", "oci:"+to+":docker.io/library/app:1")
		},
		"oras": func(s clitest.Session, to string) {
			s.MustRunTool(t, "oras", "cp", "--from-oci-layout", from+":1", "--to-oci-layout", to)
		},
		"oras with a tag and an artifact": func(s clitest.Session, to string) {
			s.MustRunTool(t, "oras", "cp", "--from-oci-layout", from+":1", "--to-oci-layout", to+":x")
			file := filepath.Join(t.TempDir(), "sbom")
			clitest.Must(t, os.WriteFile(file, []byte("x"), 0o600))
			s.MustRunTool(t, "oras", "attach", "--disable-path-validation", "--oci-layout", "--artifact-type", "application/vnd.example.sbom", to+":x", file)
		},
		"regctl under two tags": func(s clitest.Session, to string) {
			s.MustRunTool(t, "regctl", "image", "copy", "ocidir://"+from+":1", "ocidir://"+to)
			s.MustRunTool(t, "regctl", "image", "copy", "ocidir://"+from+":1", "ocidir://"+to+":x")
		},
	} {
		t.Run(name, func(t *testing.T) {
			to := filepath.Join(t.TempDir(), "layout")
			write(clitest.Session{Home: t.TempDir()}, to)
			shown := clitest.Run(t, "inspect", "-o", "template={{.Digest}}", "oci-layout://"+to)
			clitest.WantText(t, "digest", index.Digest().String(), strings.TrimSpace(shown.Stdout))
			for _, args := range [][]string{{"query", "--has", "linux/arm64"}, {"verify", "--binaries", "none"}, {"resolve", "--platform", "linux/arm64"}} {
				clitest.Run(t, append(args, "oci-layout://"+to)...).WantCode(t, 0)
			}
		})
	}
}

// TestLayoutOfSeveralImages names all of them, and selects one by its full name.
func TestLayoutOfSeveralImages(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from := string(fixture.WriteLayout(t, images.ByTag()))
	to := filepath.Join(t.TempDir(), "layout")
	names := []string{"docker.io/library/app:latest", "ghcr.io/team/db:latest"}
	for i, name := range names {
		clitest.Session{}.MustRunTool(t, "skopeo", "--insecure-policy", "copy", "oci:"+from+":"+images[i].Tag, "oci:"+to+":"+name)
	}
	for i, name := range names {
		one := clitest.Run(t, "inspect", "-o", "template={{.Digest}}", "oci-layout://"+to+":"+name)
		one.WantCode(t, 0)
		clitest.WantText(t, name, images[i].Image.Digest().String(), strings.TrimSpace(one.Stdout))
	}
	for _, command := range []string{"inspect", "query", "resolve", "verify"} {
		for _, ref := range []string{"oci-layout://" + to, "oci-layout://" + to + ":latest"} {
			done := clitest.Run(t, command, ref)
			done.WantCode(t, 2)
			done.WantStderr(t, "2 images", images[0].Image.Digest().String()+" ("+names[0]+")", images[1].Image.Digest().String()+" ("+names[1]+")", "hint: select one by its digest")
		}
	}
	missing := clitest.Run(t, "inspect", "oci-layout://"+to+":2")
	missing.WantCode(t, 1)
	missing.WantStderr(t, "not found: the layout has "+images[0].Image.Digest().String()+" ("+names[0]+"), ")
}

// TestLayoutThatIsAnIndex reads an index.json with an untagged entry for each
// platform, as apko, ko and crane write it.
func TestLayoutThatIsAnIndex(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	at := fixture.WriteLayout(t, images.ByTag())
	index := fixture.NewIndex(t, fixture.OCI(), images.Objects()...)
	at.WriteFile(t, "index.json", index.Raw)
	shown := clitest.Run(t, "inspect", "oci-layout://"+string(at))
	shown.WantCode(t, 0)
	clitest.WantLines(t, shown.Stdout, "Digest: "+index.Digest().String(), " * Contains 3 manifest references (3 images, 0 attestation):")
	clitest.Run(t, "query", "--has", "linux/amd64,linux/arm64,linux/arm/v7", "oci-layout://"+string(at)).WantCode(t, 0)
	clitest.Run(t, "resolve", "--platform", "linux/arm64", "oci-layout://"+string(at)).WantCode(t, 0)
	clitest.Run(t, "verify", "--binaries", "none", "oci-layout://"+string(at)).WantCode(t, 0)
}
