//go:build e2e

package ci

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// githubWorkflow is a workflow of docs/ci/github.md.
type githubWorkflow struct {
	Env  map[string]string
	Jobs map[string]githubJob
}

type githubJob struct {
	Needs    string
	Strategy struct {
		Matrix struct{ Include []map[string]string }
	}
	Steps []struct {
		ID, Uses, Run string
		With          map[string]any
		Env           map[string]string
	}
}

// githubRun runs a workflow: its scripts and this project's action for real, the
// actions of others with what they leave.
type githubRun struct {
	registry   *registrytest.Registry
	images     fixture.ImageSet
	directory  string // of the job
	artifacts  string
	path       string
	env        []string
	context    values
	repository string
}

// start is a run for a registry in place of ghcr.io.
func newGitHubRun(t *testing.T, g *registrytest.Registry, set fixture.ImageSet) *githubRun {
	t.Helper()
	return &githubRun{registry: g, images: set, artifacts: t.TempDir(), path: stubs(t, map[string]string{
		"cosign": `printf '%s\n' "$*" >>signed`,
	}), repository: "team/app"}
}

// run runs the jobs in their order, and returns the outputs of the steps of the last.
func (r *githubRun) run(t *testing.T, text string) values {
	t.Helper()
	var w githubWorkflow
	decodeSome(t, strings.ReplaceAll(text, "ghcr.io", r.registry.Host), &w)
	names := slices.SortedFunc(maps.Keys(w.Jobs), func(a, b string) int { return strings.Compare(w.Jobs[a].Needs, w.Jobs[b].Needs) })
	for _, name := range names {
		job := w.Jobs[name]
		matrix := job.Strategy.Matrix.Include
		if len(matrix) == 0 {
			matrix = []map[string]string{nil}
		}
		for _, one := range matrix {
			r.runJob(t, w, job, one)
		}
	}
	return r.context
}

func (r *githubRun) runJob(t *testing.T, w githubWorkflow, job githubJob, matrix map[string]string) {
	t.Helper()
	r.directory = t.TempDir()
	r.context = values{"github.repository": r.repository, "github.actor": "alice", "github.token": "x", "github.sha": "0123abc"}
	for name, value := range matrix {
		r.context["matrix."+name] = value
	}
	r.env = nil
	for name, value := range w.Env {
		r.context["env."+name] = r.context.expand(t, value)
		r.env = append(r.env, name+"="+r.context["env."+name])
	}
	for _, s := range job.Steps {
		with := map[string]string{}
		for name, value := range s.With {
			with[name] = r.context.expand(t, fmt.Sprint(value))
		}
		if s.Uses != "" {
			action, _, _ := strings.Cut(s.Uses, "@")
			r.use(t, action, s.ID, with)
			continue
		}
		env := slices.Clone(r.env)
		for name, value := range s.Env {
			env = append(env, name+"="+r.context.expand(t, value))
		}
		session := clitest.Session{Dir: r.directory, Env: append(env, "PATH="+r.path)}
		session.RunProgram(t, clitest.FindTool(t, "bash"), "-e", "-c", s.Run).WantCode(t, 0)
	}
}

// use does what an action does.
func (r *githubRun) use(t *testing.T, action, id string, with map[string]string) {
	t.Helper()
	switch action {
	case "docker/build-push-action":
		r.context["steps."+id+".outputs.digest"] = r.build(t, with)
	case "actions/upload-artifact":
		clitest.Must(t, os.CopyFS(filepath.Join(r.artifacts, with["name"]), os.DirFS(filepath.Join(r.directory, with["path"]))))
	case "actions/download-artifact":
		found, err := filepath.Glob(filepath.Join(r.artifacts, with["pattern"]))
		clitest.Must(t, err)
		for _, artifact := range found {
			clitest.Must(t, os.CopyFS(filepath.Join(r.directory, with["path"]), os.DirFS(artifact)))
		}
	case "docker/metadata-action":
		json := fmt.Sprintf(`{"tags":["%[1]s:1.4.2","%[1]s:1.4"],"labels":{},"annotations":["manifest:org.opencontainers.image.version=1.4.2"]}`, with["images"])
		r.env = append(r.env, "DOCKER_METADATA_OUTPUT_JSON="+json)
	case "OWNER/manifest-tool":
		got := actionRun{workspace: r.directory, path: r.path, env: r.env, inputs: with}.run(t)
		if got.Code != 0 {
			t.Fatalf("the action: exit code %d\n%s", got.Code, got.Stderr)
		}
		for name, value := range got.outputs {
			r.context["steps."+id+".outputs."+name] = value
		}
	case "docker/setup-buildx-action", "docker/login-action", "sigstore/cosign-installer":
	default:
		t.Fatalf("%s is not known", action)
	}
}

// build pushes the image of the platform, by digest unless there are tags.
func (r *githubRun) build(t *testing.T, with map[string]string) (digest string) {
	t.Helper()
	at := slices.IndexFunc(r.images, func(i fixture.TaggedImage) bool { return "linux/"+i.Tag == with["platforms"] })
	if at < 0 {
		t.Fatalf("no image of %q", with["platforms"])
	}
	image := r.images[at].Image
	digest = image.Digest().String()
	name := r.registry.Host + "/" + r.repository
	if with["tags"] == "" && strings.Contains(with["outputs"], "name="+name+",push-by-digest=true,") {
		r.registry.Put(t, r.repository, digest, image)
		return digest
	}
	tag, found := strings.CutPrefix(with["tags"], name+":")
	if !found || with["push"] != "true" {
		t.Fatalf("%q pushes nothing to %s", with, name)
	}
	r.registry.Put(t, r.repository, tag, image)
	return digest
}
