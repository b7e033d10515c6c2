//go:build e2e

package ci

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
	"manifest-tool/internal/output/githubtest"
)

// wantOutputs checks the outputs of a push of one index against the registry.
func (r actionResult) wantOutputs(t *testing.T, g *registrytest.Registry, repository string, tags ...string) {
	t.Helper()
	r.WantCode(t, 0)
	index, _ := g.Manifest(t, repository, tags[0])
	var full []string
	for _, tag := range tags {
		full = append(full, g.Host+"/"+repository+":"+tag)
		if d, _ := g.Manifest(t, repository, tag); d.Digest != index.Digest {
			t.Errorf("%s is %s, want %s", tag, d.Digest, index.Digest)
		}
	}
	digest := index.Digest.String()
	want := map[string]string{
		"image": g.Host + "/" + repository, "digest": digest, "reference": g.Host + "/" + repository + "@" + digest,
		"tags": strings.Join(full, "\n"), "binary": clitest.Binary(), "metadata": r.outputs["metadata"],
	}
	if diff := cmp.Diff(want, r.outputs); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if !strings.Contains(r.outputs["metadata"], `"containerimage.digest":"`+digest+`"`) {
		t.Errorf("metadata %s", r.outputs["metadata"])
	}
	if !strings.Contains(r.summary, "| `"+g.Host+"/"+repository+"` | `"+digest+"` | `"+strings.Join(tags, "`, `")+"` |\n") {
		t.Errorf("summary %s", r.summary)
	}
}

// images is a registry with the images of app, and a directory.
func images(t *testing.T) (*registrytest.Registry, fixture.ImageSet, string) {
	t.Helper()
	g, set := registrytest.StartOpen(t), imageSet(t)
	g.PutImages(t, "app", set)
	return g, set, t.TempDir()
}

func imageSet(t *testing.T) fixture.ImageSet {
	t.Helper()
	return fixture.NewImageSet(t, fixture.OCI(), "app")
}

func TestActionPushesASpec(t *testing.T) {
	t.Parallel()
	g, set, dir := images(t)
	clitest.Must(t, os.Mkdir(filepath.Join(dir, "deploy"), 0o700))
	write(t, filepath.Join(dir, "deploy", "my index.yaml"), "tags: [latest]\n"+set.Spec(g.Host+"/app:1.0", g.Host+"/app:%s"))
	r := actionRun{workspace: dir, inputs: map[string]string{
		"binary": clitest.Binary(), "working-directory": "deploy", "spec": "my index.yaml", "arguments": "--type=oci\n\n--confirm\n",
	}}
	r.run(t).wantOutputs(t, g, "app", "1.0", "latest")
}

// TestActionPushesEveryForm uses the program in PATH.
func TestActionPushesEveryForm(t *testing.T) {
	t.Parallel()
	g, set, dir := images(t)
	path := binaryPath(t) + string(os.PathListSeparator) + os.Getenv("PATH")
	for form, inputs := range forms(t, g, set, dir) {
		got := actionRun{workspace: dir, path: path, inputs: inputs}.run(t)
		if got.Code != 0 {
			t.Fatalf("%s: exit code %d\n%s", form, got.Code, got.Stderr)
		}
		wantIndex(t, g, got.outputs["image"], got.outputs["digest"], got.outputs["reference"])
	}
}

func TestActionPushesATemplate(t *testing.T) {
	t.Parallel()
	g, _, dir := images(t)
	r := actionRun{workspace: dir, inputs: map[string]string{
		"binary": clitest.Binary(), "template": g.Host + "/app:ARCHVARIANT", "platforms": "linux/amd64,linux/arm/v7",
		"target": g.Host + "/app:1.0", "tags": "1,latest", "arguments": "--annotation=org.opencontainers.image.title=two words; $(date)",
	}}
	got := r.run(t)
	got.wantOutputs(t, g, "app", "1.0", "1", "latest")
	if _, raw := g.Manifest(t, "app", "1.0"); !strings.Contains(string(raw), `"two words; $(date)"`) {
		t.Errorf("the annotation is not in %s", raw)
	}
}

// TestActionInputsAreNotCode has inputs that would run a command, if a shell or the
// runner read them as code.
func TestActionInputsAreNotCode(t *testing.T) {
	t.Parallel()
	const evil = "x\"; touch ran; $(touch ran) `touch ran`\n::set-output name=digest::evil\n-x ##[set-output name=digest]evil"
	for _, name := range []string{"spec", "digests", "template", "platforms", "target", "tags", "arguments", "username", "password", "version", "repository", "binary"} {
		r := actionRun{workspace: t.TempDir(), inputs: map[string]string{"binary": clitest.Binary(), "template": "r.example/app:ARCH"}}
		switch name {
		case "spec", "digests":
			delete(r.inputs, "template")
		case "version", "repository":
			delete(r.inputs, "binary")
			r.env = []string{"GITHUB_SERVER_URL=http://127.0.0.1:1"}
			r.inputs["version"], r.inputs["repository"] = "1", "o/r"
		}
		r.inputs[name] = evil
		got := r.run(t)
		for _, c := range got.commands {
			if c.Name != "error" {
				t.Errorf("%s: the runner carries out %+v", name, c)
			}
		}
		if entries, err := os.ReadDir(r.workspace); got.Code == 0 || err != nil || len(entries) > 0 || got.outputs["digest"] != "" {
			t.Errorf("%s: exit code %d, files %v, outputs %q", name, got.Code, entries, got.outputs)
		}
	}
}

// TestActionRefusesWrongInputs also has the inputs that have no effect on a form.
func TestActionRefusesWrongInputs(t *testing.T) {
	t.Parallel()
	for _, inputs := range wrongInputs() {
		inputs["binary"] = clitest.Binary()
		got := actionRun{workspace: t.TempDir(), inputs: inputs}.run(t)
		if got.Code != 2 || len(got.commands) != 1 || got.outputs["digest"] != "" {
			t.Errorf("%q: exit code %d, commands %+v, stderr %s", inputs, got.Code, got.commands, got.Stderr)
		}
	}
}

func TestActionNeedsOneForm(t *testing.T) {
	t.Parallel()
	for _, inputs := range []map[string]string{{}, {"spec": "x", "template": "y"}} {
		inputs["binary"] = clitest.Binary()
		got := actionRun{workspace: t.TempDir(), inputs: inputs}.run(t)
		want := []githubtest.Command{{Name: "error", Properties: "title=manifest-tool", Data: "give one of the inputs spec, digests and template"}}
		if diff := cmp.Diff(want, got.commands); got.Code != 2 || diff != "" {
			t.Errorf("exit code %d, commands (-want +got):\n%s", got.Code, diff)
		}
	}
}
