//go:build e2e

package plugin

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestContainerStartsPlugin starts a step as the container of docs/deploy does: with its
// entrypoint, without arguments, by the names of Woodpecker.
func TestContainerStartsPlugin(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(clitest.RepoPath("docs", "deploy", "Dockerfile.plugin"))
	clitest.Must(t, err)
	line := regexp.MustCompile(`(?m)^ENTRYPOINT (.*)$`).FindSubmatch(raw)
	if line == nil {
		t.Fatal("there is no ENTRYPOINT")
	}
	var entrypoint []string
	clitest.Must(t, json.Unmarshal(line[1], &entrypoint))
	if entrypoint[0] != "/manifest-tool" || !regexp.MustCompile(`(?m)^COPY .* /manifest-tool$`).Match(raw) {
		t.Errorf("the container starts %q", entrypoint)
	}
	if user := regexp.MustCompile(`(?m)^USER (.*)$`).FindSubmatch(raw); user == nil || user[1][0] == '0' {
		t.Errorf("the user is %q", user)
	}
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	open.PutImages(t, "app", images)
	s := step{
		files: map[string]string{specPath: images.Spec(open.Host+"/app:{{build.branch}}", open.Host+"/app:%s")},
		env:   append(buildVariables(t, "branch"), "PLUGIN_SPEC="+specPath),
	}
	digest := s.session(t).Run(t, entrypoint[1:]...).PushedDigest(t)
	if got, _ := open.Manifest(t, "app", "main"); got.Digest != digest {
		t.Errorf("main is %s, want %s", got.Digest, digest)
	}
}
