//go:build e2e

package ci

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/internal/output/githubtest"
)

// action is action.yml.
type action struct {
	Name, Description string
	Branding          struct{ Icon, Color string }
	Inputs            map[string]struct{ Description, Default string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []step
	}
}

// step is a step of a composite action.
type step struct {
	ID               string
	Shell            string
	Env              map[string]string
	Run              string
	WorkingDirectory string `json:"working-directory"`
}

func readAction(t *testing.T) action {
	t.Helper()
	var a action
	decode(t, read(t, "action.yml"), &a)
	return a
}

// actionRun is a job that uses the action: its directory and the action's inputs.
type actionRun struct {
	workspace string
	inputs    map[string]string
	env       []string          // variables of the job
	github    map[string]string // values of the github context
	path      string            // PATH, if it is not that of the test
}

// actionResult is what a run of the action left.
type actionResult struct {
	clitest.Result

	outputs  map[string]string
	summary  string
	path     string // of GITHUB_PATH
	commands []githubtest.Command
}

// run runs the steps as the runner does, up to the first that fails.
func (r actionRun) run(t *testing.T) actionResult {
	t.Helper()
	a := readAction(t)
	context := values{"github.action_repository": "", "github.action_ref": ""}
	for name, value := range r.github {
		context["github."+name] = value
	}
	for name, input := range a.Inputs {
		context["inputs."+name] = input.Default
	}
	for name, value := range r.inputs {
		if _, known := a.Inputs[name]; !known {
			t.Fatalf("the action has no input %q", name)
		}
		context["inputs."+name] = value
	}
	var all actionResult
	temp := t.TempDir()
	for _, s := range a.Runs.Steps {
		if all.Code != 0 {
			break
		}
		all.Result = r.runStep(t, s, context, temp)
		for name, value := range githubtest.ReadOutputs(t, content(t, filepath.Join(temp, s.ID+".output"))) {
			context["steps."+s.ID+".outputs."+name] = value
		}
		all.summary += content(t, filepath.Join(temp, s.ID+".summary"))
		all.path += content(t, filepath.Join(temp, s.ID+".path"))
		all.commands = append(all.commands, githubtest.ReadCommands(all.Stdout+all.Stderr)...)
	}
	all.outputs = map[string]string{}
	for name, output := range a.Outputs {
		path := expression.FindStringSubmatch(output.Value)[1]
		all.outputs[name] = context[path]
	}
	return all
}

// runStep runs one step. The runner starts bash with these arguments.
func (r actionRun) runStep(t *testing.T, s step, context values, temp string) clitest.Result {
	t.Helper()
	env := slices.Concat([]string{
		"PATH=" + cmp.Or(r.path, os.Getenv("PATH")),
		"RUNNER_OS=Linux", "RUNNER_ARCH=X64", "RUNNER_TEMP=" + temp, "GITHUB_ACTIONS=true",
	}, r.env)
	for variable, file := range map[string]string{"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary", "GITHUB_PATH": "path"} {
		env = append(env, variable+"="+write(t, filepath.Join(temp, s.ID+"."+file), ""))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		env = append(env, name+"="+context.expand(t, s.Env[name]))
	}
	session := clitest.Session{Dir: filepath.Join(r.workspace, context.expand(t, s.WorkingDirectory)), Env: env}
	script := write(t, filepath.Join(temp, s.ID+".sh"), s.Run)
	return session.RunProgram(t, clitest.FindTool(t, "bash"), "--noprofile", "--norc", "-eo", "pipefail", script)
}

// content is "" for a file that does not exist.
func content(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return ""
	}
	clitest.Must(t, err)
	return string(raw)
}

// TestActionIsComplete holds that each input is used, that each output exists, and
// that no expression is in a script, where its value would be code.
func TestActionIsComplete(t *testing.T) {
	t.Parallel()
	a := readAction(t)
	if a.Runs.Using != "composite" || a.Name == "" || a.Description == "" || a.Branding.Icon == "" {
		t.Errorf("%+v", a)
	}
	used := ""
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") || s.Shell != "bash" {
			t.Errorf("the step %s has an expression in its script, or the shell %q", s.ID, s.Shell)
		}
		used += s.WorkingDirectory
		for name, value := range s.Env {
			used += value
			if !strings.HasPrefix(name, "MANIFEST_TOOL_") && !strings.Contains(s.Run, "$"+name) && !strings.Contains(s.Run, "${"+name) {
				t.Errorf("the script of %s does not use %s", s.ID, name)
			}
		}
	}
	for name, input := range a.Inputs {
		if !strings.Contains(used, "inputs."+name+" ") || input.Description == "" {
			t.Errorf("the input %s is not used, or not described", name)
		}
	}
	for name, output := range a.Outputs {
		if !expression.MatchString(output.Value) || output.Description == "" {
			t.Errorf("the output %s has the value %q", name, output.Value)
		}
	}
}
