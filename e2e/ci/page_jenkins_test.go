//go:build e2e

package ci

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// builder is docker as the build jobs use it: buildx build writes the metadata of an
// image that is pushed already, from $BUILT.
const builder = `if [ "$1" = login ]; then exec cat >/dev/null; fi
while [ $# -gt 1 ]; do
	if [ "$1" = --platform ]; then platform=$2; fi
	if [ "$1" = --metadata-file ]; then file=$2; fi
	shift
done
cp "$BUILT/${platform#linux/}.json" "$file"`

// TestJenkinsPipeline runs the scripts of the page: the first for each architecture.
func TestJenkinsPipeline(t *testing.T) {
	t.Parallel()
	g, set := registrytest.StartBasic(t), imageSet(t)
	pipeline := blocks(t, "jenkins.md", "groovy")[0]
	scripts := regexp.MustCompile(`(?s)sh '''\n(.*?)'''`).FindAllStringSubmatch(pipeline, -1)
	axis := regexp.MustCompile(`values '(\w+)', '(\w+)'`).FindStringSubmatch(pipeline)
	if len(scripts) != 2 || axis == nil {
		t.Fatalf("%d scripts, architectures %q", len(scripts), axis)
	}
	built, image := t.TempDir(), g.Host+"/team/app"
	for _, one := range set {
		digest := one.Image.Digest()
		g.Put(t, "team/app", digest.String(), one.Image)
		g.Put(t, "team/app", "7-"+one.Tag, one.Image)
		write(t, filepath.Join(built, one.Tag+".json"), fmt.Sprintf(
			`{"containerimage.descriptor":{"mediaType":"%s","digest":"%s","size":%d},"containerimage.digest":"%[2]s","image.name":"%[4]s"}`,
			one.Image.MediaType, digest, len(one.Image.Raw), image))
	}
	s := clitest.Session{Home: t.TempDir(), Dir: t.TempDir(), Env: []string{
		"PATH=" + stubs(t, map[string]string{"docker": builder}), "BUILT=" + built, "IMAGE=" + image, "BUILD_NUMBER=7",
		"REGISTRY_USR=" + registrytest.UserName, "REGISTRY_PSW=" + registrytest.UserPassword,
	}}
	run := func(script string, env ...string) {
		t.Helper()
		one := s
		one.Env = append(env, s.Env...)
		one.RunProgram(t, clitest.FindTool(t, "sh"), "-xe", "-c", script).WantCode(t, 0)
	}
	for _, arch := range axis[1:] {
		run(scripts[0][1], "ARCH="+arch)
	}
	login, push, _ := strings.Cut(scripts[1][1], "manifest-tool push ")
	run(login)
	for _, script := range []string{blocks(t, "jenkins.md", "sh")[0], "manifest-tool push " + push} {
		run(script)
		digest := wantPlatforms(t, g, "team/app", "7")
		if got := content(t, filepath.Join(s.Dir, "digest.txt")); got != digest {
			t.Errorf("digest.txt has %q, want %s", got, digest)
		}
		g.DeleteManifest(t, "team/app", wantDigest(t, digest))
		clitest.Must(t, os.Remove(filepath.Join(s.Dir, "digest.txt")))
	}
}
