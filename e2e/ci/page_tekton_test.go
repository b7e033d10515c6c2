//go:build e2e

package ci

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/registrytest"
)

// tektonPipeline is the Pipeline of docs/ci/tekton.md.
type tektonPipeline struct {
	Kind string
	Spec struct {
		Tasks []struct {
			Name    string
			TaskRef struct{ Name string }
			Params  []struct {
				Name  string
				Value any
			}
		}
		Results []struct{ Name, Value string }
	}
}

// TestTektonPipeline runs the task with the parameters that the page gives it, and
// the results of the builds before it.
func TestTektonPipeline(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	var p tektonPipeline
	decodeSome(t, blocks(t, "tekton.md", "yaml")[0], &p)
	known := values{"params.image": g.Host + "/app", "params.tag": "1.0"}
	expand := func(text string) string {
		return taskVariable.ReplaceAllStringFunc(text, func(found string) string {
			value, ok := known[found[2:len(found)-1]]
			if !ok {
				t.Fatalf("there is no variable %s", found)
			}
			return value
		})
	}
	for _, one := range imageSet(t) {
		g.Put(t, "app", "1.0-"+one.Tag, one.Image)
		known["tasks.build-"+one.Tag+".results.IMAGE_DIGEST"] = one.Image.Digest().String()
	}
	for _, k := range p.Spec.Tasks {
		if k.TaskRef.Name != readTask(t).Metadata.Name {
			continue
		}
		params, arguments := map[string]string{}, []string(nil)
		for _, one := range k.Params {
			switch value := one.Value.(type) {
			case string:
				params[one.Name] = expand(value)
			case []any:
				for _, argument := range value {
					arguments = append(arguments, fmt.Sprint(argument))
				}
			}
		}
		delete(params, "image")
		r, results := readTask(t).run(t, params, arguments, nil)
		r.WantCode(t, 0)
		for name, value := range results {
			known["tasks."+k.Name+".results."+name] = value
		}
	}
	digest := wantPlatforms(t, g, "app", "1.0")
	if reference := expand(p.Spec.Results[0].Value); reference != g.Host+"/app@"+digest || strings.Contains(reference, "\n") {
		t.Errorf("reference %q, want the digest %s", reference, digest)
	}
}
