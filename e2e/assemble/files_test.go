//go:build e2e

package assemble

import (
	"os"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestSeveralFiles: the indexes of several files and of standard input are one run.
func TestSeveralFiles(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	front := (&registrytest.RecordingProxy{Backend: g}).Open(t)
	document := func(tag string) string {
		return "annotations: {tag: '" + tag + "'}\n" + images.Spec(front.Host+"/app:"+tag, front.Host+"/app:%s")
	}
	one := clitest.WriteSpec(t, g.Host, document("1")+"---\n"+document("2"))
	two := clitest.WriteSpec(t, g.Host, document("3"))
	s := clitest.Session{Stdin: document("4")}
	digests := s.Run(t, "push", "from-spec", one, "-", two).PushedDigests(t)
	for i, tag := range []string{"1", "2", "4", "3"} {
		stored, _ := g.Manifest(t, "app", tag)
		clitest.WantText(t, tag, digests[i].String(), stored.Digest.String())
	}
	if n := len(front.Seen.Matching(func(r registrytest.Request) bool { return r.Method == "GET" && r.Kind == "manifest" })); n != len(images) {
		t.Errorf("manifests were read %d times, want %d: each image once in the run", n, len(images))
	}

	writes := len(front.Seen.Matching(registrytest.Request.IsWrite))
	other := clitest.WriteSpec(t, g.Host, document("5"))
	bad := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:6\nmanifests: {}\n")
	again := clitest.WriteSpec(t, g.Host, document("5"))
	for _, c := range []struct {
		files  []string
		stderr string
	}{
		{[]string{other, bad}, bad + ":2: "},
		{[]string{other, again}, "two documents of " + other + " and " + again + " describe " + front.Host + "/app:5"},
		{[]string{other, other}, "two documents of " + other + " describe " + front.Host + "/app:5"},
		{[]string{other, "-", "-"}, "standard input is named 2 times"},
		{[]string{other, "no-such.yaml"}, `can't read YAML file "no-such.yaml"`},
		{nil, "needs a spec file"},
	} {
		done := s.Run(t, append([]string{"push", "from-spec"}, c.files...)...)
		done.WantCode(t, 2)
		done.WantStderr(t, c.stderr)
	}
	if n := len(front.Seen.Matching(registrytest.Request.IsWrite)) - writes; n != 0 {
		t.Errorf("bad input: %d requests that write", n)
	}
}

// TestTwoPathsToOneTarget: two documents that name one layout or archive by different
// paths set one tag, too.
func TestTwoPathsToOneTarget(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	layout := "oci-layout://" + string(fixture.WriteLayout(t, images.ByTag()))
	for _, prefix := range []string{"oci-layout://", "oci-archive://"} {
		s := clitest.Session{Dir: t.TempDir()}
		var documents []string
		for _, name := range []string{"new", s.Dir + "/new"} {
			documents = append(documents, "annotations: {path: "+name+"}\n"+images.Spec(prefix+name+":1", layout+":%s"))
		}
		done := s.Run(t, "push", "from-spec", clitest.WriteSpec(t, "", strings.Join(documents, "---\n")))
		done.WantCode(t, 2)
		done.WantStderr(t, " describe "+prefix+s.Dir+"/new:1")
		if _, err := os.Stat(s.Dir + "/new"); err == nil {
			t.Errorf("%s was written", prefix)
		}
	}
}
