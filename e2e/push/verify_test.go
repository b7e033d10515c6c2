//go:build e2e

package push

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestPushVerifiesBinaries holds that a finding stops a push before anything
// is written, and that --verify-warn only tells of it.
func TestPushVerifiesBinaries(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	app := func(target string) string { return string(fixture.CompileProgram(t, target)) }
	right := fixture.ImageSet{
		{Tag: "amd64", Image: fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": app("linux/amd64")})},
		{Tag: "arm64", Image: fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/app"), fixture.Files{"app": app("linux/arm64")})},
	}
	wrong := fixture.ImageSet{right[0], {Tag: "wrong", Image: fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/app"), fixture.Files{"app": app("linux/amd64")})}}
	open.PutImages(t, "src", right)
	open.PutImages(t, "src", wrong)
	push := func(f fixture.ImageSet, g *registrytest.Registry, flags ...string) clitest.Result {
		spec := f.Spec(g.Host+"/app:all", g.Host+"/src:%s")
		return clitest.Run(t, append(append([]string{"push"}, flags...), "from-spec", clitest.WriteSpec(t, g.Host, spec))...)
	}
	const says = "binary-platform: linux/arm64 sha256:"

	t.Run("what is right is pushed", func(t *testing.T) {
		g, _ := open.BehindProxy(t, nil)
		done := push(right, g, "--verify", "binaries")
		printed := done.PushedDigest(t)
		clitest.WantText(t, "stderr", "", done.Stderr)
		fixture.WantEntries(t, fixture.WantComplete(t, open.Repository("app"), printed), right.Objects()...)
	})
	t.Run("what is wrong is not", func(t *testing.T) {
		g, seen := open.BehindProxy(t, nil)
		done := push(wrong, g, "--verify", "binaries")
		done.WantCode(t, 3)
		clitest.WantText(t, "stdout", "", done.Stdout)
		done.WantStderr(t, "1 finding stops the push of "+g.Host+"/app:all; nothing was written", says, "hint: correct the images")
		seen.WantNoWrites(t)
	})
	t.Run("nor is what is wrong in an index of the source's index", func(t *testing.T) {
		open.Put(t, "src", "nested", fixture.NewIndex(t, fixture.OCI(), fixture.NewIndex(t, fixture.OCI(), wrong.Objects()...)))
		g, seen := open.BehindProxy(t, nil)
		done := push(fixture.ImageSet{{Tag: "nested"}}, g, "--verify", "binaries")
		done.WantCode(t, 3)
		done.WantStderr(t, "1 finding stops the push of "+g.Host+"/app:all; nothing was written", says)
		seen.WantNoWrites(t)
	})
	t.Run("unless it is only to be told", func(t *testing.T) {
		g, _ := open.BehindProxy(t, nil)
		done := push(wrong, g, "--verify", "binaries", "--verify-warn")
		done.PushedDigest(t)
		done.WantStderr(t, "warning: "+says)
	})
	t.Run("of several indexes none is written with --fail-fast", func(t *testing.T) {
		g, seen := open.BehindProxy(t, nil)
		spec := right.Spec(g.Host+"/one:all", g.Host+"/src:%s") + "---\n" + wrong.Spec(g.Host+"/two:all", g.Host+"/src:%s")
		done := clitest.Run(t, "push", "--fail-fast", "--verify", "binaries", "from-spec", clitest.WriteSpec(t, g.Host, spec))
		done.WantCode(t, 3)
		seen.WantNoWrites(t)
	})
	t.Run("a layout is looked into as well", func(t *testing.T) {
		g, seen := open.BehindProxy(t, nil)
		at := fixture.WriteLayout(t, wrong.ByTag())
		spec := wrong.Spec(g.Host+"/app:all", "oci-layout://"+string(at)+":%s")
		done := clitest.Run(t, "push", "--verify", "binaries", "from-spec", clitest.WriteSpec(t, g.Host, spec))
		done.WantCode(t, 3)
		done.WantStderr(t, says)
		seen.WantNoWrites(t)
	})
	t.Run("the entries of an index too", func(t *testing.T) {
		g, seen := open.BehindProxy(t, nil)
		open.Put(t, "src", "index", fixture.NewIndex(t, fixture.OCI(), wrong.Objects()...))
		spec := fmt.Sprintf("image: %s/app:all\nmanifests:\n  - image: %s/src:index\n", g.Host, g.Host)
		done := clitest.Run(t, "push", "--verify", "binaries", "from-spec", clitest.WriteSpec(t, g.Host, spec))
		done.WantCode(t, 3)
		done.WantStderr(t, says)
		seen.WantNoWrites(t)
	})
	t.Run("a declaration that contradicts", func(t *testing.T) {
		spec := "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/src:arm64\n    platform: {os: linux, architecture: amd64}\n"
		for _, tt := range []struct {
			flags  string
			code   int
			writes bool
			says   string
		}{
			{"", 0, true, "warning: "},
			{"--strict", 2, false, "its architecture is declared as"},
			{"--strict --verify-warn", 0, true, "its architecture is declared as"},
			{"--verify binaries", 3, false, "config-platform: linux/amd64 sha256:"},
			{"--verify none", 0, true, ""},
		} {
			g, seen := open.BehindProxy(t, nil)
			args := append([]string{"push"}, strings.Fields(tt.flags)...)
			done := clitest.Run(t, append(args, "from-spec", clitest.WriteSpec(t, g.Host, spec))...)
			done.WantCode(t, tt.code)
			done.WantStderr(t, tt.says)
			if !tt.writes {
				seen.WantNoWrites(t)
			}
		}
	})
}
