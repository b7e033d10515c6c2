//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestFault20CommandsAgreeHowDeepIndexesLie has chains of indexes in a layout:
// four are read by all commands, a fifth by none.
func TestFault20CommandsAgreeHowDeepIndexesLie(t *testing.T) {
	t.Parallel()
	family := ociMedia()
	objects := map[string]object{}
	at := platform("linux/amd64")
	chain := newImage(t, family, "bottom", at, 1)
	for n := 1; n <= 6; n++ {
		chain = newIndex(t, family, chain)
		chain.platform = &at
		objects[fmt.Sprint("deep", n)] = chain
	}
	from := writeLayout(t, objects)
	for n := 1; n <= 6; n++ {
		name := fmt.Sprintf("oci-layout://%s:deep%d", from, n)
		tooDeep := n > 4
		code := func(whenDeep int) int {
			if tooDeep {
				return whenDeep
			}
			return 0
		}
		shown := manifestTool(t, "inspect", name)
		shown.wantCode(t, 0)
		if strings.Contains(shown.stdout, "nested too deep to be read") != tooDeep {
			t.Errorf("inspect %s:\n%s", name, shown.stdout)
		}
		verified := manifestTool(t, "verify", "--binaries", "none", name)
		verified.wantCode(t, code(3))
		if strings.Contains(verified.stdout, "index-too-deep") != tooDeep {
			t.Errorf("verify %s:\n%s", name, verified.stdout)
		}
		for _, failed := range []result{
			manifestTool(t, "resolve", "--platform", "linux/amd64", name),
			manifestTool(t, "push", "from-args", "--platforms", "linux/amd64", "--template", name, "--target", "oci-layout://"+t.TempDir()+":1"),
		} {
			failed.wantCode(t, code(1))
			if strings.Contains(failed.stderr, "nested more than 4 deep") != tooDeep {
				t.Errorf("%s:\n%s", name, failed.stderr)
			}
		}
	}
}

// TestAnIndexWithoutEntriesIsNamedAsOne has one in a registry, which takes it.
func TestAnIndexWithoutEntriesIsNamedAsOne(t *testing.T) {
	t.Parallel()
	g, seen := startOpen(t).behind(t, nil)
	empty := newIndex(t, ociMedia())
	empty.raw = []byte(strings.Replace(string(empty.raw), `"manifests":null`, `"manifests":[]`, 1))
	g.put(t, "app", "empty", empty)
	name := g.host + "/app:empty"
	before := len(seen.matching(request.writes))

	found := manifestTool(t, "verify", name)
	found.wantCode(t, 3)
	wantLines(t, found.stdout, "error index-empty: an index has no entries, so no node can pull an image")
	found.wantStderr(t, "verify found 1 error")
	manifestTool(t, "verify", "--ignore", "index-empty", name).wantCode(t, 0)
	for _, format := range []string{"json", "sarif", "junit"} {
		found := manifestTool(t, "verify", "-o", format, name)
		found.wantCode(t, 3)
		if !strings.Contains(found.stdout, "index-empty") {
			t.Errorf("%s does not tell:\n%s", format, found.stdout)
		}
	}

	spec := specFile(t, g.host, "image: REGISTRY/app:new\nmanifests:\n  - image: REGISTRY/app:empty\n")
	pushed := manifestTool(t, "push", "from-spec", spec)
	pushed.wantCode(t, 2)
	pushed.wantStderr(t, "there is no image to push: image "+name+" is an index without entries")
	if n := len(seen.matching(request.writes)); n != before {
		t.Errorf("%d requests wrote", n-before)
	}
}
