//go:build e2e

package ci

import (
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/registrytest"
)

// wantPlatforms checks that an index has entries of amd64 and arm64, and returns its
// digest.
func wantPlatforms(t *testing.T, g *registrytest.Registry, repository, tag string) string {
	t.Helper()
	index, raw := g.Manifest(t, repository, tag)
	for _, arch := range []string{`"architecture": "amd64"`, `"architecture": "arm64"`} {
		if strings.Count(string(raw), `"digest"`) != 2 || !strings.Contains(string(raw), arch) {
			t.Errorf("%s:%s has no %s, or not two entries: %s", repository, tag, arch, raw)
		}
	}
	return index.Digest.String()
}

func TestGitHubTagForEachPlatform(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	got := newGitHubRun(t, g, imageSet(t)).run(t, githubExamples(t)["A-tag-for-each-platform"])
	digest := wantPlatforms(t, g, "team/app", "edge")
	if want := g.Host + "/team/app@" + digest; got["steps.push.outputs.reference"] != want {
		t.Errorf("reference %q, want %q", got["steps.push.outputs.reference"], want)
	}
}

func TestGitHubRunnerForEachPlatform(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	r := newGitHubRun(t, g, imageSet(t))
	r.run(t, githubExamples(t)["A-runner-for-each-platform"])
	digest := wantPlatforms(t, g, "team/app", "1.4.2")
	if other := wantPlatforms(t, g, "team/app", "1.4"); other != digest {
		t.Errorf("1.4 is %s, want %s", other, digest)
	}
	if signed, want := content(t, filepath.Join(r.directory, "signed")), "sign --yes --recursive "+g.Host+"/team/app@"+digest+"\n"; signed != want {
		t.Errorf("signed %q, want %q", signed, want)
	}
}

func TestGitHubWithoutALastJob(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	newGitHubRun(t, g, imageSet(t)).run(t, githubExamples(t)["Without-a-last-job"])
	wantPlatforms(t, g, "team/app", "0123abc")
}
