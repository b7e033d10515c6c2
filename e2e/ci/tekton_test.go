//go:build e2e

package ci

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// task is a Task of Tekton, with the fields that this project's has.
type task struct {
	APIVersion, Kind string
	Metadata         struct {
		Name                string
		Labels, Annotations map[string]string
	}
	Spec struct {
		Description string
		Params      []struct {
			Name, Description, Type string
			Default                 any
		}
		Workspaces []struct {
			Name, Description string
			Optional          bool
		}
		Results []struct{ Name, Description string }
		Steps   []struct {
			Name, Image, Script               string
			ComputeResources, SecurityContext any
			Env                               []struct{ Name, Value string }
			Args                              []string
		}
	}
}

// taskVariable is the use of a variable of Tekton.
var taskVariable = regexp.MustCompile(`\$\((\w+\.[\w.-]+)\)`)

func readTask(t *testing.T) task {
	t.Helper()
	var k task
	decode(t, read(t, "docs", "deploy", "tekton-task.yaml"), &k)
	if len(k.Spec.Steps) != 1 {
		t.Fatalf("%d steps", len(k.Spec.Steps))
	}
	return k
}

// run runs the script of the step, with the arguments as Tekton passes them, and
// returns the results.
func (k task) run(t *testing.T, params map[string]string, arguments []string, workspaces map[string]string) (clitest.Result, map[string]string) {
	t.Helper()
	results, known, dir := map[string]string{}, values{}, t.TempDir()
	for _, p := range k.Spec.Params {
		if p.Type == "string" {
			known["params."+p.Name], _ = p.Default.(string)
		}
	}
	for name, value := range params {
		if _, ok := known["params."+name]; !ok {
			t.Fatalf("there is no parameter %q", name)
		}
		known["params."+name] = value
	}
	for _, w := range k.Spec.Workspaces {
		known["workspaces."+w.Name+".path"] = workspaces[w.Name]
	}
	for _, r := range k.Spec.Results {
		known["results."+r.Name+".path"] = filepath.Join(dir, r.Name)
	}
	step := k.Spec.Steps[0]
	env := []string{"PATH=" + binaryPath(t) + string(os.PathListSeparator) + os.Getenv("PATH")}
	for _, e := range step.Env {
		env = append(env, e.Name+"="+taskVariable.ReplaceAllStringFunc(e.Value, func(found string) string {
			value, ok := known[found[2:len(found)-1]]
			if !ok {
				t.Fatalf("there is no variable %s", found)
			}
			return value
		}))
	}
	script := filepath.Join(dir, "script")
	clitest.WriteScript(t, script, step.Script)
	r := clitest.Session{Dir: t.TempDir(), Env: env}.RunProgram(t, script, arguments...)
	for _, one := range k.Spec.Results {
		results[one.Name] = content(t, filepath.Join(dir, one.Name))
	}
	return r, results
}

// TestTektonTaskIsComplete holds that parameters, workspaces and results are used, and
// that no variable is part of the script, where its value would be code.
func TestTektonTaskIsComplete(t *testing.T) {
	t.Parallel()
	k := readTask(t)
	step := k.Spec.Steps[0]
	used := step.Image + strings.Join(step.Args, "")
	for _, e := range step.Env {
		used += e.Value
		if !strings.Contains(step.Script, "$"+e.Name) {
			t.Errorf("the script does not use %s", e.Name)
		}
	}
	for _, p := range k.Spec.Params {
		if !strings.Contains(used, "$(params."+p.Name) || p.Description == "" {
			t.Errorf("the parameter %s is not used, or not described", p.Name)
		}
	}
	for _, w := range k.Spec.Workspaces {
		if !strings.Contains(used, "$(workspaces."+w.Name+".path)") || !w.Optional {
			t.Errorf("the workspace %s is not used, or not optional", w.Name)
		}
	}
	for _, r := range k.Spec.Results {
		if !strings.Contains(used, "$(results."+r.Name+".path)") {
			t.Errorf("the result %s is not written", r.Name)
		}
	}
	if taskVariable.MatchString(step.Script) || k.APIVersion != "tekton.dev/v1" || k.Kind != "Task" {
		t.Errorf("the script has a variable, or the kind is %s %s", k.APIVersion, k.Kind)
	}
}

func TestTektonTaskPushes(t *testing.T) {
	t.Parallel()
	k := readTask(t)
	g, set, dir := images(t)
	for form, params := range forms(t, g, set, dir) {
		r, results := k.run(t, params, arguments(form), map[string]string{"source": dir})
		if r.Code != 0 {
			t.Fatalf("%s: exit code %d\n%s", form, r.Code, r.Stderr)
		}
		wantIndex(t, g, results["image"], results["digest"], results["reference"])
		wantAnnotation(t, g, form)
	}
}

// TestTektonTaskLogsIn has the login in the optional workspace, and no source.
func TestTektonTaskLogsIn(t *testing.T) {
	t.Parallel()
	g, set, dir, login := registrytest.StartBasic(t), imageSet(t), t.TempDir(), t.TempDir()
	g.PutImages(t, "app", set)
	registrytest.WriteLogin(t, login, g.Host)
	params := forms(t, g, set, dir)["template"]
	r, results := readTask(t).run(t, params, nil, map[string]string{"dockerconfig": login})
	r.WantCode(t, 0)
	wantIndex(t, g, results["image"], results["digest"], results["reference"])
	if r, results = readTask(t).run(t, params, nil, nil); r.Code == 0 || results["digest"] != "" {
		t.Errorf("without a login: exit code %d, results %q", r.Code, results)
	}
}

func TestTektonTaskFails(t *testing.T) {
	t.Parallel()
	for _, params := range wrongInputs() {
		if r, results := readTask(t).run(t, params, nil, nil); r.Code != 2 || results["digest"]+results["image"] != "" {
			t.Errorf("%q: exit code %d, results %q, stderr %s", params, r.Code, results, r.Stderr)
		}
	}
}
