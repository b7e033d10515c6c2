//go:build e2e

package inspect

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault20CommandsAgreeHowDeepIndexesLie has chains of indexes in a layout:
// four are read by all commands, a fifth by none.
func TestFault20CommandsAgreeHowDeepIndexesLie(t *testing.T) {
	t.Parallel()
	family := fixture.OCI()
	objects := map[string]fixture.Object{}
	at := fixture.ParsePlatform("linux/amd64")
	chain := fixture.NewImage(t, family, "bottom", at, 1)
	for n := 1; n <= 6; n++ {
		chain = fixture.NewIndex(t, family, chain)
		chain.Platform = &at
		objects[fmt.Sprint("deep", n)] = chain
	}
	from := fixture.WriteLayout(t, objects)
	for n := 1; n <= 6; n++ {
		name := fmt.Sprintf("oci-layout://%s:deep%d", from, n)
		tooDeep := n > 4
		code := func(whenDeep int) int {
			if tooDeep {
				return whenDeep
			}
			return 0
		}
		shown := clitest.Run(t, "inspect", name)
		shown.WantCode(t, 0)
		if strings.Contains(shown.Stdout, "nested too deep to be read") != tooDeep {
			t.Errorf("inspect %s:\n%s", name, shown.Stdout)
		}
		verified := clitest.Run(t, "verify", "--binaries", "none", name)
		verified.WantCode(t, code(3))
		if strings.Contains(verified.Stdout, "index-too-deep") != tooDeep {
			t.Errorf("verify %s:\n%s", name, verified.Stdout)
		}
		for _, failed := range []clitest.Result{
			clitest.Run(t, "resolve", "--platform", "linux/amd64", name),
			clitest.Run(t, "inspect", "--platform", "linux/amd64", name),
			clitest.Run(t, "query", "--has", "linux/amd64", name),
			clitest.Run(t, "push", "from-args", "--platforms", "linux/amd64", "--template", name, "--target", "oci-layout://"+t.TempDir()+":1"),
		} {
			failed.WantCode(t, code(1))
			if strings.Contains(failed.Stderr, "nested more than 4 deep") != tooDeep {
				t.Errorf("%s:\n%s", name, failed.Stderr)
			}
		}
	}
}

// TestEmptyIndex has one in a registry, which takes it.
func TestEmptyIndex(t *testing.T) {
	t.Parallel()
	g, seen := registrytest.StartOpen(t).BehindProxy(t, nil)
	empty := fixture.NewIndex(t, fixture.OCI())
	empty.Raw = []byte(strings.Replace(string(empty.Raw), `"manifests":null`, `"manifests":[]`, 1))
	g.Put(t, "app", "empty", empty)
	name := g.Host + "/app:empty"
	before := len(seen.Matching(registrytest.Request.IsWrite))

	found := clitest.Run(t, "verify", name)
	found.WantCode(t, 3)
	clitest.WantLines(t, found.Stdout, "error index-empty: an index has no entries, so no node can pull an image")
	found.WantStderr(t, "verify found 1 error")
	clitest.Run(t, "verify", "--ignore", "index-empty", name).WantCode(t, 0)
	for _, format := range []string{"json", "sarif", "junit"} {
		found := clitest.Run(t, "verify", "-o", format, name)
		found.WantCode(t, 3)
		if !strings.Contains(found.Stdout, "index-empty") {
			t.Errorf("%s does not tell:\n%s", format, found.Stdout)
		}
	}

	spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:new\nmanifests:\n  - image: REGISTRY/app:empty\n")
	pushed := clitest.Run(t, "push", "from-spec", spec)
	pushed.WantCode(t, 2)
	pushed.WantStderr(t, "there is no image to push: image "+name+" is an index without entries")
	if n := len(seen.Matching(registrytest.Request.IsWrite)); n != before {
		t.Errorf("%d requests wrote", n-before)
	}
}
