//go:build e2e

package ci

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// workflow is a file of .github/workflows, as far as the tests read it.
type workflow struct {
	name, text  string
	Permissions *map[string]string
	Concurrency struct{ Group string }
	Jobs        map[string]struct {
		Uses           string
		Permissions    map[string]string
		TimeoutMinutes int `json:"timeout-minutes"`
		Strategy       struct {
			Matrix map[string][]string
		}
		Steps []struct {
			Uses, Run string
			With      map[string]any
		}
	}
}

func readWorkflows(t *testing.T) (all []workflow) {
	t.Helper()
	paths, err := filepath.Glob(clitest.RepoPath(".github", "workflows", "*"))
	clitest.Must(t, err)
	for _, path := range paths {
		w := workflow{name: filepath.Base(path), text: content(t, path)}
		decodeSome(t, w.text, &w)
		all = append(all, w)
	}
	if len(all) < 3 {
		t.Fatalf("%d workflows", len(all))
	}
	return all
}

// lint runs actionlint on files of a directory. Its checks of scripts need other
// programs, and the scripts of workflows here are single commands.
func lint(t *testing.T, dir string) clitest.Result {
	t.Helper()
	return clitest.Session{Dir: dir}.RunProgram(t, clitest.FindTool(t, "actionlint"), "-no-color", "-shellcheck=", "-pyflakes=")
}

// TestWorkflowsAreValid has actionlint read the workflows, the use of action.yml in
// them included, and faults in copies of them, which it finds.
func TestWorkflowsAreValid(t *testing.T) {
	t.Parallel()
	if r := lint(t, clitest.RepoPath()); r.Code != 0 {
		t.Errorf("actionlint: exit code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	for name, change := range map[string]*strings.Replacer{
		"input":     strings.NewReplacer("          spec: demo/index.yaml", "          sepc: demo/index.yaml"),
		"output":    strings.NewReplacer("outputs.reference", "outputs.refrence"),
		"injection": strings.NewReplacer(`"$REFERENCE"`, `"${{ github.event.head_commit.message }}"`),
	} {
		dir := t.TempDir()
		clitest.Must(t, os.MkdirAll(filepath.Join(dir, ".github", "workflows"), 0o700))
		clitest.Must(t, os.Mkdir(filepath.Join(dir, ".git"), 0o700))
		write(t, filepath.Join(dir, "action.yml"), read(t, "action.yml"))
		write(t, filepath.Join(dir, ".github", "workflows", "ci.yml"), change.Replace(read(t, ".github", "workflows", "ci.yml")))
		if r := lint(t, dir); r.Code != 1 {
			t.Errorf("%s: exit code %d\n%s%s", name, r.Code, r.Stdout, r.Stderr)
		}
	}
}

// TestWorkflowsHaveLeastRights holds that a workflow gives a job only the rights that
// it lists, that only release.yml writes, and that each job ends.
func TestWorkflowsHaveLeastRights(t *testing.T) {
	t.Parallel()
	for _, w := range readWorkflows(t) {
		if w.Permissions == nil || len(*w.Permissions) > 0 || w.Concurrency.Group == "" {
			t.Errorf("%s: permissions %v, concurrency %+v", w.name, w.Permissions, w.Concurrency)
		}
		for name, job := range w.Jobs {
			if len(job.Permissions) == 0 || job.Uses == "" && job.TimeoutMinutes == 0 {
				t.Errorf("%s: %s: permissions %v, timeout %d", w.name, name, job.Permissions, job.TimeoutMinutes)
			}
			for right, value := range job.Permissions {
				if value != "read" && (w.name != "release.yml" || name != "release") {
					t.Errorf("%s: %s has %s: %s", w.name, name, right, value)
				}
			}
			for _, s := range job.Steps {
				if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != false {
					t.Errorf("%s: %s: the token stays in the checkout", w.name, name)
				}
			}
		}
	}
}

// TestActionsArePinned holds that actions of others are used by a commit, with the
// version in a comment, and by the same one everywhere.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^([\w.-]+/[\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$`)
	commits, uses := map[string]string{}, 0
	for _, w := range readWorkflows(t) {
		for _, found := range regexp.MustCompile(`(?m)^ *(?:- )?uses: (.*)$`).FindAllStringSubmatch(w.text, -1) {
			uses++
			if strings.HasPrefix(found[1], "./") {
				continue
			}
			pin := pinned.FindStringSubmatch(found[1])
			if pin == nil {
				t.Errorf("%s: %s is not pinned", w.name, found[1])
				continue
			}
			if other := commits[pin[1]]; other != "" && other != found[1] {
				t.Errorf("%s: %s and %s", w.name, found[1], other)
			}
			commits[pin[1]] = found[1]
		}
	}
	if uses < 10 {
		t.Errorf("%d uses of actions", uses)
	}
}

// TestWorkflowsRunWhatExists holds that targets of make, packages and versions in
// workflows are those of the repository.
func TestWorkflowsRunWhatExists(t *testing.T) {
	t.Parallel()
	makefile, found := read(t, "Makefile"), 0
	target := func(name string) {
		found++
		if !strings.Contains(makefile, "\n"+name+": ") {
			t.Errorf("make has no target %q", name)
		}
	}
	for _, w := range readWorkflows(t) {
		for _, job := range w.Jobs {
			for _, name := range job.Strategy.Matrix["target"] {
				target(name)
			}
			for _, s := range job.Steps {
				if s.Run == ".ci/run" {
					found++
				}
				if name, ok := strings.CutPrefix(s.Run, "make "); ok && name != `"$TARGET"` {
					target(name)
				}
				if strings.Contains(s.Run, "apt-get install") {
					wantPackages(t, s.Run)
				}
				if strings.HasPrefix(s.Uses, "actions/setup-go@") && !strings.Contains(read(t, "go.mod"), "\ngo "+fmt.Sprint(s.With["go-version"])+".") {
					t.Errorf("%s: go %v is not that of go.mod", w.name, s.With["go-version"])
				}
			}
		}
	}
	if found < 11 {
		t.Errorf("%d targets and scripts", found)
	}
}

// TestReleaseToolsHaveOneVersion holds that the workflows get goreleaser and syft from
// make, at the versions of the Makefile, and not from an action with a version of its own.
func TestReleaseToolsHaveOneVersion(t *testing.T) {
	t.Parallel()
	pins := regexp.MustCompile(`(?m)^(?:GORELEASER|SYFT)_VERSION := v\d+\.\d+\.\d+$`).FindAllString(read(t, "Makefile"), -1)
	if len(pins) != 2 || !strings.Contains(read(t, ".github", "workflows", "release.yml"), "- run: make release\n") {
		t.Errorf("the Makefile pins %q, and release.yml must run make release", pins)
	}
	for _, w := range readWorkflows(t) {
		if found := regexp.MustCompile(`uses: .*(?i:goreleaser|syft|sbom).*`).FindString(w.text); found != "" {
			t.Errorf("%s: %s", w.name, found)
		}
	}
}

// wantPackages checks that a workflow installs the packages that e2e/release/test needs.
func wantPackages(t *testing.T, script string) {
	t.Helper()
	_, rest, _ := strings.Cut(read(t, "e2e", "release", "test"), "\nneeds qemu")
	list, _, _ := strings.Cut(strings.ReplaceAll("qemu"+rest, "\\\n", " "), "\n")
	needed := strings.Fields(list)
	for i := 1; i < len(needed); i += 2 {
		if !slices.Contains(strings.Fields(script), needed[i]) {
			t.Errorf("the package %s is not installed", needed[i])
		}
	}
	if len(needed) < 10 {
		t.Errorf("e2e/release/test needs %q", needed)
	}
}
