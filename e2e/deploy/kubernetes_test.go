//go:build e2e

package deploy

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/redistest"
	"manifest-tool/e2e/internal/registrytest"
)

// object has the fields of a Kubernetes object that the tests need.
type object struct {
	Kind     string
	Metadata struct{ Name string }
	Data     map[string]string
	Spec     struct {
		Replicas int
		// Selector of a Service has the labels themselves.
		Selector    map[string]any
		PodSelector struct{ MatchLabels map[string]any }
		Template    struct {
			Metadata struct{ Labels map[string]any }
			Spec     struct{ Containers []container }
		}
	}
}

type container struct {
	Name            string
	Args            []string
	Env             []struct{ Name, Value string }
	ReadinessProbe  probe
	LivenessProbe   probe
	SecurityContext struct{ ReadOnlyRootFilesystem bool }
}

type probe struct{ HTTPGet struct{ Path string } }

func readObjects(t *testing.T) map[string]object {
	t.Helper()
	all := map[string]object{}
	for text := range strings.SplitSeq(read(t, "kubernetes.yaml"), "\n---\n") {
		var o object
		clitest.Must(t, yaml.Unmarshal([]byte(text), &o))
		all[o.Kind+"/"+o.Metadata.Name] = o
	}
	return all
}

// TestKubernetesManifestIsValid decodes the manifest with the types of Kubernetes, and
// a manifest with a misspelled field, which they refuse.
func TestKubernetesManifestIsValid(t *testing.T) {
	t.Parallel()
	text := read(t, "kubernetes.yaml")
	checker := filepath.Join(t.TempDir(), "kubernetes")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", checker, ".")
	build.Dir = "../tools/kubernetes"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	valid := clitest.Session{Stdin: text}.RunProgram(t, checker)
	if names := strings.Fields(valid.Stdout); valid.Code != 0 || len(names) != len(readObjects(t)) {
		t.Errorf("exit code %d, objects %q\n%s", valid.Code, names, valid.Stderr)
	}
	misspelled := clitest.Session{Stdin: strings.Replace(text, "replicas:", "replica:", 1)}.RunProgram(t, checker)
	misspelled.WantCode(t, 1)
	misspelled.WantStderr(t, `unknown field "spec.replica"`)
}

// TestKubernetesSelectorsMatch checks that all that selects pods selects those of the
// Deployment of its name.
func TestKubernetesSelectorsMatch(t *testing.T) {
	t.Parallel()
	all, selectors := readObjects(t), 0
	for name, o := range all {
		selector := o.Spec.Selector
		if inner, ok := selector["matchLabels"].(map[string]any); ok {
			selector = inner
		} else if o.Kind == "NetworkPolicy" {
			selector = o.Spec.PodSelector.MatchLabels
		}
		labels := all["Deployment/"+o.Metadata.Name].Spec.Template.Metadata.Labels
		for key, value := range selector {
			selectors++
			if labels[key] != value {
				t.Errorf("%s selects %s=%v, the pods have %v", name, key, value, labels[key])
			}
		}
	}
	if want := 11; selectors != want {
		t.Errorf("%d labels were compared, want %d", selectors, want)
	}
}

// TestKubernetesReplicasShareTheCache starts as many services as there are replicas,
// with the arguments of their container, and a Redis with the settings of Valkey.
func TestKubernetesReplicasShareTheCache(t *testing.T) {
	t.Parallel()
	all := readObjects(t)
	deployment := all["Deployment/serve"]
	c := deployment.Spec.Template.Spec.Containers[0]
	settings := regexp.MustCompile(`(?m)^(include|port) .*$`).ReplaceAllString(all["ConfigMap/valkey"].Data["valkey.conf"], "")
	shared := redistest.Start(t, strings.Split(settings, "\n")...)
	password := filepath.Join(t.TempDir(), "password")
	clitest.Must(t, os.WriteFile(password, []byte(redistest.Password), 0o600))
	args := arguments(t, c.Args)
	for old, its := range map[string]string{"redis://valkey": "redis://" + shared.Addr, "/run/secrets/valkey/password": password} {
		args[slices.Index(args, old)] = its
	}
	g, seen := registrytest.StartOpen(t).BehindProxy(t, nil)
	g.Put(t, "app", "1", fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1))
	before := len(seen.Matching(isManifestGet))
	for range deployment.Spec.Replicas {
		v := clitest.Session{}.Serve(t, append(args, "--allow-registry", g.Host)...)
		wantStatus(t, v, c.ReadinessProbe.HTTPGet.Path, http.StatusOK)
		wantStatus(t, v, c.LivenessProbe.HTTPGet.Path, http.StatusOK)
		wantStatus(t, v, "/v1/images/"+g.Host+"/app:1", http.StatusOK)
	}
	if gets := len(seen.Matching(isManifestGet)) - before; gets != 1 || deployment.Spec.Replicas != 2 {
		t.Errorf("%d replicas sent %d GET of the manifest, want 2 and 1", deployment.Spec.Replicas, gets)
	}
}

func isManifestGet(r registrytest.Request) bool {
	return r.Method == http.MethodGet && r.Kind == "manifest"
}
