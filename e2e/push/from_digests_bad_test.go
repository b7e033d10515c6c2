//go:build e2e

package push

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFromDigests_Bad holds that bad input ends with exit code 2, a message that names
// file and line, and no request; only two images of one platform are found out later.
func TestFromDigests_Bad(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	again := fixture.TaggedImage{Tag: "again", Image: fixture.NewImage(t, fixture.OCI(), "again", fixture.ParsePlatform("linux/amd64"), 1)}
	images = append(images[:2], again)
	open.PutImages(t, "team/app", images)
	g, seen := open.BehindProxy(t, nil)
	metadata := fmt.Sprintf(buildxFile, "{amd64}", "REGISTRY/team/app")
	for _, tt := range []struct {
		name  string
		files map[string]string
		args  string
		want  string
	}{
		{"a stray file", map[string]string{"digests/{amd64 hex}": "", "digests/notes.txt": ""}, "digests", "digests/notes.txt: its name is not a digest"},
		{"a directory that is missing", nil, "digests", "digests: no such file or directory"},
		{"a digest in upper case", map[string]string{"a": "{AMD64}"}, "a", `a:1: "{AMD64}" is not a digest: a digest is written in lower case`},
		{"a file name in upper case", map[string]string{"digests/{AMD64 hex}": ""}, "digests", "hint: write it as {amd64}"},
		{"another builder", map[string]string{"meta.json": `{"digest": "{amd64}"}`}, "meta.json", "meta.json: it is not the metadata of buildx, bake or jib"},
		{"a digest twice", map[string]string{"a": "{amd64}", "b": "\n{amd64}\n"}, "a b", "b:2: digest {amd64} is in a:1 already"},
		{"a line that is no reference", map[string]string{"a": "{amd64}\nREGISTRY/team/app\n"}, "a", `a:2: "REGISTRY/team/app" is neither a digest nor a reference`},
		{"no repository", map[string]string{"a": "{amd64}"}, "a", "a:1: digest {amd64} has no repository"},
		{"a contradiction", map[string]string{"meta.json": metadata}, "meta.json --image REGISTRY/other/app", "meta.json:4: the image was pushed to REGISTRY/team/app, not to REGISTRY/other/app"},
		{"metadata that is missing", map[string]string{"a": "{amd64}"}, "a --docker-metadata=meta.json", `can't read metadata file "meta.json"`},
		{"metadata of a builder", map[string]string{"a": "{amd64}", "meta.json": metadata}, "a --docker-metadata=meta.json", "meta.json: it is not a result of docker/metadata-action"},
		{"no tag", map[string]string{"a": "{amd64}", "tags": "REGISTRY/other/app:1"}, "a --docker-metadata=tags", "tags has no tag for REGISTRY/team/app, the target"},
		{"one platform twice", map[string]string{"digests/{amd64 hex}": "", "digests/{again hex}": ""}, "digests", "are both for linux/amd64"},
		{"an annotation for no entry", map[string]string{"a": "{amd64}"}, "a --annotation manifest-descriptor[linux/s390x]:a=b", `annotation "a" is for linux/s390x, and the index has no entry for it`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, target := builderFiles(t, g, images, tt.files), g.Host+"/team/app:new"
			switch {
			case tt.name == "no repository":
				target = "oci-layout://out:1"
			case strings.HasPrefix(tt.want, "tags"):
				target = g.Host + "/team/app"
			}
			before := len(seen.All())
			done := s.Run(t, append([]string{"push", "from-digests", target}, strings.Fields(resolveNames(g, images, tt.args))...)...)
			done.WantCode(t, 2)
			clitest.WantText(t, "stdout", "", done.Stdout)
			done.WantStderr(t, "manifest-tool failed with error: ", resolveNames(g, images, tt.want))
			if reads := strings.Contains(tt.name, "platform") || strings.Contains(tt.name, "entry"); !reads && len(seen.All()) > before {
				t.Errorf("it sent %d requests", len(seen.All())-before)
			}
		})
	}
	seen.WantNoWrites(t)
	open.WantAbsent(t, "team/app", "new")
}
