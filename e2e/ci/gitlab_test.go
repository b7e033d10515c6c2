//go:build e2e

package ci

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// componentInputs is the first document of a component of GitLab.
type componentInputs struct {
	Spec struct {
		Inputs map[string]struct {
			Description string
			Default     *string
		}
	}
}

// gitlabJob is a job of GitLab CI.
type gitlabJob struct {
	Stage string
	Image struct {
		Name       string
		Entrypoint []string
	}
	Variables map[string]string
	Script    []string
	Artifacts struct {
		Paths   []string
		Reports struct{ Dotenv string }
	}
}

// interpolation is the use of an input in a component.
var interpolation = regexp.MustCompile(`\$\[\[ inputs\.(\w+) \]\]`)

func readComponent(t *testing.T) (inputs componentInputs, jobs string) {
	t.Helper()
	head, jobs, found := strings.Cut(read(t, "templates", "push.yml"), "\n---\n")
	if !found {
		t.Fatal("the component has one document")
	}
	decode(t, head, &inputs)
	return inputs, jobs
}

// componentJob returns the only job of the component with inputs, and its name.
func componentJob(t *testing.T, given map[string]string) (name string, job gitlabJob) {
	t.Helper()
	inputs, text := readComponent(t)
	value := func(found string) string {
		name := interpolation.FindStringSubmatch(found)[1]
		input, known := inputs.Spec.Inputs[name]
		if v, ok := given[name]; known && ok {
			return v
		}
		if !known || input.Default == nil {
			t.Fatalf("the input %q does not exist, or must be given", name)
		}
		return *input.Default
	}
	var jobs map[string]gitlabJob
	decode(t, text, &jobs)
	for name, job = range jobs {
		job.Image.Name = interpolation.ReplaceAllStringFunc(job.Image.Name, value)
		for variable, text := range job.Variables {
			job.Variables[variable] = interpolation.ReplaceAllStringFunc(text, value)
		}
	}
	if len(jobs) != 1 {
		t.Fatalf("%d jobs", len(jobs))
	}
	return interpolation.ReplaceAllStringFunc(name, value), job
}

// runGitLab runs the script of a job as its runner does, in a directory.
func runGitLab(t *testing.T, shell []string, job gitlabJob, dir string, env ...string) clitest.Result {
	t.Helper()
	env = append(env, "PATH="+binaryPath(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
	for name, value := range job.Variables {
		env = append(env, name+"="+value)
	}
	script := write(t, filepath.Join(t.TempDir(), "script"), "set -e\n"+strings.Join(job.Script, "\n"))
	return clitest.Session{Dir: dir, Env: env}.RunProgram(t, shell[0], append(slices.Clone(shell[1:]), script)...)
}

// readEnv reads a report of the kind dotenv.
func readEnv(text string) map[string]string {
	env := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		env[name] = value
	}
	return env
}

func TestGitLabComponentIsComplete(t *testing.T) {
	t.Parallel()
	inputs, text := readComponent(t)
	for name, input := range inputs.Spec.Inputs {
		if !strings.Contains(text, "$[[ inputs."+name+" ]]") || input.Description == "" {
			t.Errorf("the input %s is not used, or not described", name)
		}
	}
	name, job := componentJob(t, map[string]string{"image": "an-image", "job": "a-job"})
	if name != "a-job" || job.Image.Name != "an-image" || !slices.Equal(job.Image.Entrypoint, []string{""}) || job.Artifacts.Reports.Dotenv == "" {
		t.Errorf("%s: %+v", name, job)
	}
	for _, line := range job.Script {
		if interpolation.MatchString(line) {
			t.Errorf("an input is part of the script: %s", line)
		}
	}
	for variable := range job.Variables {
		if variable != "GIT_STRATEGY" && !strings.Contains(job.Script[0], "$"+variable) {
			t.Errorf("the script does not use %s", variable)
		}
	}
}

func TestGitLabComponentPushes(t *testing.T) {
	t.Parallel()
	for shell, command := range shells(t) {
		g, set, dir := images(t)
		for form, inputs := range forms(t, g, set, dir) {
			inputs["image"], inputs["arguments"] = "an-image", strings.Join(arguments(form), "\n")
			_, job := componentJob(t, inputs)
			r := runGitLab(t, command, job, dir)
			if r.Code != 0 {
				t.Fatalf("%s, %s: exit code %d\n%s", shell, form, r.Code, r.Stderr)
			}
			env := readEnv(content(t, filepath.Join(dir, job.Artifacts.Reports.Dotenv)))
			wantIndex(t, g, env["INDEX_IMAGE"], env["INDEX_DIGEST"], env["INDEX_REFERENCE"])
			for _, path := range append(job.Artifacts.Paths, job.Artifacts.Reports.Dotenv) {
				clitest.Must(t, os.Remove(filepath.Join(dir, path)))
			}
			wantAnnotation(t, g, form)
		}
	}
}

// TestGitLabComponentLogsIn pushes to a registry that requires the job's login, and
// with a wrong password, which no shell is to see as code.
func TestGitLabComponentLogsIn(t *testing.T) {
	t.Parallel()
	g, set, dir := registrytest.StartBasic(t), imageSet(t), t.TempDir()
	g.PutImages(t, "app", set)
	_, job := componentJob(t, map[string]string{"image": "an-image", "spec": "index.yaml"})
	forms(t, g, set, dir)
	for password, code := range map[string]int{registrytest.UserPassword: 0, "$(touch ran)": 1} {
		r := runGitLab(t, shells(t)["dash"], job, dir, "CI_REGISTRY="+g.Host, "CI_REGISTRY_USER="+registrytest.UserName, "CI_REGISTRY_PASSWORD="+password)
		r.WantCode(t, code)
		registrytest.WantNoSecret(t, r, password)
	}
	if _, err := os.Stat(filepath.Join(dir, "ran")); err == nil {
		t.Error("the password was run")
	}
}

func TestGitLabComponentFails(t *testing.T) {
	t.Parallel()
	for _, inputs := range wrongInputs() {
		inputs["image"] = "an-image"
		_, job := componentJob(t, inputs)
		dir := t.TempDir()
		r := runGitLab(t, shells(t)["dash"], job, dir)
		if _, err := os.Stat(filepath.Join(dir, "index.env")); r.Code != 2 || err == nil {
			t.Errorf("%q: exit code %d, stderr %s, report: %v", inputs, r.Code, r.Stderr, err == nil)
		}
	}
}
