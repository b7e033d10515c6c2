//go:build e2e

package cli

import (
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFlagOrder gives one invocation in several orders, with one dash and with
// two: the output stays the same.
func TestFlagOrder(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	g.PutImages(t, "app", images)
	g.Put(t, "app", "all", fixture.NewIndex(t, fixture.Docker(), images.Objects()...))
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:pushed", "REGISTRY/app:%s"))
	ref := g.Host + "/app:all"
	same := map[string][][]string{
		"inspect raw": {
			{"inspect", "--raw", ref},
			{"inspect", ref, "--raw"},
			{"inspect", ref, "-raw"},
			{"-plain-http", "inspect", "-raw", ref},
			{"inspect", ref, "-raw", "-plain-http"},
		},
		"push type": {
			{"push", "--type", "oci", "from-spec", spec},
			{"push", "from-spec", spec, "-type", "oci"},
			{"push", "-type=oci", "from-spec", spec},
			{"push", "from-spec", "--type=oci", spec, "-ignore-missing"},
		},
		"push from args": {
			{"push", "from-args", "--platforms", "linux/amd64", "--template", g.Host + "/app:ARCH", "--target", g.Host + "/app:args"},
			{"push", "from-args", "-platforms", "linux/amd64", "-template", g.Host + "/app:ARCH", "-target=" + g.Host + "/app:args"},
		},
	}
	for name, orders := range same {
		t.Run(name, func(t *testing.T) {
			want := clitest.Run(t, orders[0]...)
			want.WantCode(t, 0)
			if want.Stdout == "" {
				t.Fatalf("%q prints nothing", orders[0])
			}
			for _, args := range orders[1:] {
				got := clitest.Run(t, args...)
				got.WantCode(t, 0)
				clitest.WantText(t, strings.Join(args, " "), want.Stdout, got.Stdout)
			}
		})
	}
}

// TestSpecFromStandardInput reads two indexes from one stream.
func TestSpecFromStandardInput(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	text := images.Spec(g.Host+"/app:all", g.Host+"/app:%s") + "---\n" + images[:2].Spec(g.Host+"/app:some", g.Host+"/app:%s")
	done := clitest.Session{Stdin: text}.Run(t, "push", "from-spec", "-")
	done.WantCode(t, 0)
	printed := done.PushedDigests(t)
	if len(printed) != 2 {
		t.Fatalf("%d digests printed, want 2:\n%s", len(printed), done.Stdout)
	}
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("app"), printed[0]), images.Objects()...)
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("app"), printed[1]), images[:2].Objects()...)
}

// TestVersion needs the binary that these tests build: what another one was
// built with is not known.
func TestVersion(t *testing.T) {
	t.Parallel()
	if !clitest.IsTestBuild() {
		t.Skip("the binary was given, so its version is not known")
	}
	for _, args := range [][]string{{"version"}, {"--version"}} {
		done := clitest.Run(t, args...)
		done.WantCode(t, 0)
		if !strings.Contains(done.Stdout, clitest.BuiltVersion) || !strings.Contains(done.Stdout, clitest.BuiltCommit) {
			t.Errorf("%v prints %q, want version %s and commit %s", args, done.Stdout, clitest.BuiltVersion, clitest.BuiltCommit)
		}
	}
}

// TestColor holds that a pipe gets no colour unless it is asked for, and that
// NO_COLOR does not overrule the flag.
func TestColor(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "one", fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1))
	ref := g.Host + "/app:one"
	tests := []struct {
		name  string
		args  []string
		env   []string
		color bool
	}{
		{"a pipe", nil, nil, false},
		{"asked for", []string{"--color", "always"}, []string{"NO_COLOR=1"}, true},
		{"forced by the environment", nil, []string{"CLICOLOR_FORCE=1"}, true},
		{"refused and forced by the environment", nil, []string{"NO_COLOR=1", "CLICOLOR_FORCE=1"}, false},
		{"refused", []string{"--color", "never"}, []string{"CLICOLOR_FORCE=1"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			done := clitest.Session{Env: test.env}.Run(t, append(test.args, "inspect", ref)...)
			done.WantCode(t, 0)
			if !strings.Contains(done.Stdout, ref) {
				t.Errorf("the name is not shown whole:\n%q", done.Stdout)
			}
			if got := strings.Contains(done.Stdout, "\x1b["); got != test.color {
				t.Errorf("colour %v, want %v:\n%q", got, test.color, done.Stdout)
			}
		})
	}
}
