package cmd

import (
	"path/filepath"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
)

const (
	digestA = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	// absentDigest is that of no image.
	absentDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

// fromFile pushes what a file of a builder has.
func fromFile(id, condition, name, text string, flags ...string) errorCase {
	return errorCase{id: id, condition: condition, run: func(t *testing.T, m *machine) outcome {
		from := m.file(t, name, text)
		if strings.HasSuffix(condition, "directory") {
			from = m.dir + "/digests"
		}
		return m.main(append([]string{"push", "from-digests", "registry.example.com/app:1", from}, flags...)...)
	}}
}

func digestCases() []errorCase {
	return []errorCase{
		fromFile("digests-stray", "a file that is not named by a digest in a directory", "digests/readme.txt", ""),
		fromFile("digests-nested", "a directory in a directory", "digests/linux-amd64/"+digestA, ""),
		{id: "digests-empty", condition: "an empty directory", run: func(t *testing.T, m *machine) outcome {
			dir := t.TempDir()
			m.name("DIR", dir)
			return m.main("push", "from-digests", "registry.example.com/app:1", dir)
		}},
		typed("digests-reference", "a reference in place of a file", "push", "from-digests", "registry.example.com/app:1", "registry.example.com/app:1-amd64"),
		typed("digests-twice", "a digest that two builds left", "push", "from-digests", "registry.example.com/app:1", digestA, digestA),
		fromFile("digests-case", "a digest in upper case", "amd64.digest", strings.ToUpper(digestA)),
		fromFile("digests-encoding", "a file in UTF-16", "amd64.digest", "\xff\xfes\x00h\x00a\x00"),
		fromFile("digests-builder", "metadata of another builder", "meta.json", `{"digest": "`+digestA+`", "reference": "registry.example.com/app"}`),
		fromFile("digests-metadata", "the result of docker/metadata-action in place of a builder's", "meta.json", `{"tags": ["registry.example.com/app:1"], "labels": {}}`),
		fromFile("digests-image", "metadata of a build without an image", "meta.json", `{"buildx.build.ref": "builder/builder0/x"}`),
		fromFile("digests-target", "a bake target without an image", "bake.json", `{"app": {"containerimage.digest": "`+digestA+`"}, "test": {"buildx.build.ref": "x"}}`),
		fromFile("digests-targets", "two bake targets with one digest", "bake.json", `{"app": {"containerimage.digest": "`+digestA+`"}, "copy": {"containerimage.digest": "`+digestA+`"}}`),
		fromFile("digests-jib", "jib built an image without a push", "jib-image.json", `{"image":"registry.example.com/app","imageDigest":"`+digestA+`","imagePushed":false}`),
		fromFile("digests-contradiction", "`--image` contradicts the metadata", "meta.json", `{"containerimage.digest": "`+digestA+`", "image.name": "registry.example.com/app:1"}`, "--image", "registry.example.com/other"),
		{id: "digests-repository", condition: "a digest without a repository, for a target that is not in a registry", run: func(_ *testing.T, m *machine) outcome {
			return m.main("push", "from-digests", "oci-layout://"+filepath.Join(m.dir, "app")+":1", digestA)
		}},
		{id: "digests-missing", condition: "the image of a digest is not in the repository of the target", run: func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewRegistry(t)
			return m.main("push", "from-digests", m.name("REGISTRY", r.Host)+"/app:1", absentDigest)
		}},
		typed("images-platform", "a platform of `push from-images` that is not valid", "push", "from-images", "registry.example.com/app:1", "registry.example.com/app:1-amd64=amd64/linux/v1/v2"),
		typed("metadata-unset", "`--docker-metadata` without the variable", "push", "from-images", "registry.example.com/app", "registry.example.com/app:1-amd64", "--docker-metadata"),
		typed("metadata-buildx", "`--docker-metadata` with the metadata of a builder", "push", "from-images", "registry.example.com/app:1", "registry.example.com/app:1-amd64", `--docker-metadata={"containerimage.digest": "`+digestA+`"}`),
		typed("metadata-tags", "no tag of docker/metadata-action is for the target", "push", "from-images", "registry.example.com/app", "registry.example.com/app:1-amd64", `--docker-metadata={"tags": ["registry.example.com/other:1"]}`),
		{id: "metadata-level", condition: "annotations of docker/metadata-action that a push cannot set, with `--strict`", run: func(_ *testing.T, m *machine) outcome {
			return m.main("push", "from-images", "oci-layout://"+filepath.Join(m.dir, "app")+":1", amd64Source,
				`--docker-metadata={"annotations": ["manifest:org.opencontainers.image.created=2026-11-30T00:00:00Z", "manifest:org.opencontainers.image.title=app"]}`, "--strict")
		}},
		{id: "annotation-platform", condition: "an annotation for a platform that the index does not have", run: func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewRegistry(t)
			manifesttest.PutImage(t, r.Host+"/app:amd64", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
			return m.main("push", "from-images", m.name("REGISTRY", r.Host)+"/app:1", r.Host+"/app:amd64", "--annotation", "manifest-descriptor[linux/arm64]:a=b")
		}},
	}
}
