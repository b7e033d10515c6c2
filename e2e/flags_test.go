//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// TestFlagsStandAnywhere gives one invocation in several orders, with one
// dash and with two: the output stays the same.
func TestFlagsStandAnywhere(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, dockerMedia(), "app")
	g.putImages(t, "app", images)
	g.put(t, "app", "all", newIndex(t, dockerMedia(), images.images()...))
	spec := specFile(t, g.host, images.spec("REGISTRY/app:pushed", "REGISTRY/app:%s"))
	ref := g.host + "/app:all"
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
			{"push", "from-args", "--platforms", "linux/amd64", "--template", g.host + "/app:ARCH", "--target", g.host + "/app:args"},
			{"push", "from-args", "-platforms", "linux/amd64", "-template", g.host + "/app:ARCH", "-target=" + g.host + "/app:args"},
		},
	}
	for name, orders := range same {
		t.Run(name, func(t *testing.T) {
			want := manifestTool(t, orders[0]...)
			want.wantCode(t, 0)
			if want.stdout == "" {
				t.Fatalf("%q prints nothing", orders[0])
			}
			for _, args := range orders[1:] {
				got := manifestTool(t, args...)
				got.wantCode(t, 0)
				wantText(t, strings.Join(args, " "), want.stdout, got.stdout)
			}
		})
	}
}

// TestSpecFromStandardInput reads two indexes from one stream.
func TestSpecFromStandardInput(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	g.putImages(t, "app", images)
	text := images.spec(g.host+"/app:all", g.host+"/app:%s") + "---\n" + images[:2].spec(g.host+"/app:some", g.host+"/app:%s")
	done := session{stdin: text}.manifestTool(t, "push", "from-spec", "-")
	done.wantCode(t, 0)
	printed := done.pushedAll(t)
	if len(printed) != 2 {
		t.Fatalf("%d digests printed, want 2:\n%s", len(printed), done.stdout)
	}
	wantEntries(t, wantComplete(t, repository{g, "app"}, printed[0]), images.images()...)
	wantEntries(t, wantComplete(t, repository{g, "app"}, printed[1]), images[:2].images()...)
}

// TestVersionNamesTheBuild needs the binary that these tests build: what
// another one was built with is not known.
func TestVersionNamesTheBuild(t *testing.T) {
	t.Parallel()
	if !builtHere() {
		t.Skip("the binary was given, so its version is not known")
	}
	for _, args := range [][]string{{"version"}, {"--version"}} {
		done := manifestTool(t, args...)
		done.wantCode(t, 0)
		if !strings.Contains(done.stdout, builtVersion) || !strings.Contains(done.stdout, builtCommit) {
			t.Errorf("%v prints %q, want version %s and commit %s", args, done.stdout, builtVersion, builtCommit)
		}
	}
}

// TestCompletionIsAScript has bash read the script and finds the commands in
// what it then offers.
func TestCompletionIsAScript(t *testing.T) {
	t.Parallel()
	done := manifestTool(t, "completion", "bash")
	done.wantCode(t, 0)
	checked := session{stdin: done.stdout}.run(t, tool(t, "bash"), "-n")
	checked.wantCode(t, 0)
	if !strings.Contains(done.stdout, "complete ") || !strings.Contains(done.stdout, "manifest-tool") {
		t.Errorf("no completion of manifest-tool in:\n%s", done.stdout)
	}
}

// TestColourIsADecision holds that a pipe gets no colour unless it is asked
// for, and that NO_COLOR does not overrule the flag.
func TestColourIsADecision(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	g.put(t, "app", "one", newImage(t, ociMedia(), "app", platform("linux/amd64"), 1))
	ref := g.host + "/app:one"
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
			done := session{env: test.env}.manifestTool(t, append(test.args, "inspect", ref)...)
			done.wantCode(t, 0)
			if !strings.Contains(done.stdout, ref) {
				t.Errorf("the name is not shown whole:\n%q", done.stdout)
			}
			if got := strings.Contains(done.stdout, "\x1b["); got != test.color {
				t.Errorf("colour %v, want %v:\n%q", got, test.color, done.stdout)
			}
		})
	}
}
