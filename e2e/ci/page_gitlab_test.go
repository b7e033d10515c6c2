//go:build e2e

package ci

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// gitlabPipeline is a block of docs/ci/gitlab.md.
type gitlabPipeline struct {
	Include []struct {
		Component string
		Inputs    map[string]string
	}
	Build struct {
		Parallel struct{ Matrix []map[string]string }
		Script   []string
	}
	Sign struct{ Script []string }
}

// buildah is skopeo with the same flags: both use one library. What it builds are the
// layouts in $BUILT.
const buildah = `case $1 in
login) shift; exec skopeo login --tls-verify=false "$@" ;;
build) ;;
push) [ "$2" = --digestfile ]; exec skopeo copy --quiet --dest-tls-verify=false --digestfile "$3" "oci:$BUILT/$ARCH:built" "$5" ;;
esac`

// builtImages is the directory $BUILT.
func builtImages(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, one := range imageSet(t) {
		layout := fixture.WriteLayout(t, map[string]fixture.Object{"built": one.Image})
		clitest.Must(t, os.Symlink(string(layout), filepath.Join(dir, one.Tag)))
	}
	return dir
}

// TestGitLabPipelines runs the jobs of the page in their order, and the component with
// the inputs of each of its examples.
func TestGitLabPipelines(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasic(t)
	variables := map[string]string{
		"CI_REGISTRY": g.Host, "CI_REGISTRY_USER": registrytest.UserName, "CI_REGISTRY_PASSWORD": registrytest.UserPassword,
		"CI_REGISTRY_IMAGE": g.Host + "/team/app", "CI_COMMIT_SHORT_SHA": "0123abc", "CI_COMMIT_REF_SLUG": "main",
	}
	s := clitest.Session{Home: t.TempDir(), Dir: t.TempDir()}
	for name, value := range variables {
		s.Env = append(s.Env, name+"="+value)
	}
	login := s.Env
	s.Env = append(s.Env, "REGISTRY_AUTH_FILE="+filepath.Join(s.Home, "auth.json"), "BUILT="+builtImages(t), "PATH="+stubs(t, map[string]string{
		"buildah": buildah, "apk": "", "cosign": `printf '%s\n' "$*" >>signed`,
	}))
	run := func(script []string, env ...string) {
		t.Helper()
		one := s
		one.Env = append(append(env, s.Env...), "LC_ALL=C")
		one.RunProgram(t, clitest.FindTool(t, "sh"), "-e", "-c", strings.Join(script, "\n")).WantCode(t, 0)
	}
	var sign []string
	pushed := 0
	for _, text := range blocks(t, "gitlab.md", "yaml") {
		var p gitlabPipeline
		decodeSome(t, text, &p)
		for _, one := range p.Build.Parallel.Matrix {
			run(p.Build.Script, "ARCH="+one["ARCH"])
		}
		if p.Sign.Script != nil {
			sign = p.Sign.Script
		}
		for _, include := range p.Include {
			pushed++
			_, job := componentJob(t, include.Inputs)
			for name, value := range job.Variables {
				job.Variables[name] = os.Expand(value, func(v string) string { return variables[v] })
			}
			if r := runGitLab(t, shells(t)["dash"], job, s.Dir, login...); r.Code != 0 {
				t.Fatalf("%s: exit code %d\n%s", include.Component, r.Code, r.Stderr)
			}
			digest := wantPlatforms(t, g, "team/app", "main")
			g.DeleteManifest(t, "team/app", wantDigest(t, digest))
			run(sign, strings.Split(strings.TrimSpace(content(t, filepath.Join(s.Dir, "index.env"))), "\n")...)
			if signed, want := content(t, filepath.Join(s.Dir, "signed")), "sign --yes --recursive "+g.Host+"/team/app@"+digest+"\n"; !strings.HasSuffix(signed, want) {
				t.Errorf("signed %q, want %q", signed, want)
			}
		}
	}
	if pushed == 0 || sign == nil {
		t.Errorf("%d examples of the component, signed by %q", pushed, sign)
	}
}
