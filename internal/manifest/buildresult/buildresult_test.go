package buildresult

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
)

// hex returns 64 hex digits, and d a digest.
func hex(digit string) string { return strings.Repeat(digit, 64) }
func d(digit string) string   { return "sha256:" + hex(digit) }

// read writes files into a directory and reads some of them. It returns the images in
// short: ORIGIN DIGEST NAMES.
func read(t *testing.T, files map[string]string, bakeTargets []string, from ...string) ([]string, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	images, err := Read(Input{From: from, BakeTargets: bakeTargets, ReadFile: os.ReadFile})
	var all []string
	for _, i := range images {
		text := i.Origin + " "
		if i.Digest != "" {
			text += i.Digest.Encoded()[:1]
		}
		for _, ref := range i.Names {
			text += " " + strings.TrimSuffix(ref.String(), string(i.Digest))
		}
		all = append(all, text)
	}
	return all, err
}

// TestRead reads the files of builders. Each case names the tool whose source or
// documentation has the shape.
func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name   string
		files  map[string]string
		target string
		from   []string
		want   []string
	}{
		{
			// Docker's documentation, "Distribute build across multiple runners":
			// touch "/tmp/digests/${digest#sha256:}"; actions/upload-artifact v4.
			name:  "a directory of digests",
			files: map[string]string{"digests/" + hex("b"): "", "digests/" + hex("a"): ""},
			from:  []string{"digests"},
			want:  []string{"digests/" + hex("a") + " a", "digests/" + hex("b") + " b"},
		},
		{
			// The same where a runner keeps the algorithm; what is in the files does not count.
			name:  "a directory with the algorithm in its names",
			files: map[string]string{"digests/" + d("a"): "x", "digests/" + hex("b"): d("c")},
			from:  []string{"digests/"},
			want:  []string{"digests/" + hex("b") + " b", "digests/" + d("a") + " a"},
		},
		{
			name:  "the files of such a directory as arguments",
			files: map[string]string{"x/digests-linux-amd64/" + hex("a"): "", "x/digests-linux-arm64/" + hex("b"): ""},
			from:  []string{"x/digests-linux-amd64/" + hex("a"), "x/digests-linux-arm64"},
			want:  []string{"x/digests-linux-amd64/" + hex("a") + " a", "x/digests-linux-arm64/" + hex("b") + " b"},
		},
		{
			name: "digests as arguments",
			from: []string{d("a"), hex("b"), "sha512:" + hex("c") + hex("c")},
			want: []string{"command line a", "command line b", "command line c"},
		},
		{
			// kaniko v1.28 --digest-file, buildah 1.28 and podman 4.3 push --digestfile,
			// skopeo 1.9 copy --digestfile, jib-image.digest of jib 3.5: no line end.
			name:  "a file with a digest",
			files: map[string]string{"amd64": d("a"), "arm64": d("b") + "\n", "s390x": "\ufeff" + hex("c") + "\r\n\r\n"},
			from:  []string{"amd64", "arm64", "s390x"},
			want:  []string{"amd64:1 a", "arm64:1 b", "s390x:1 c"},
		},
		{
			name:  "metadata written by PowerShell",
			files: map[string]string{"amd64.json": "\ufeff{\"containerimage.digest\": \"" + d("a") + "\"}\r\n"},
			from:  []string{"amd64.json"},
			want:  []string{"amd64.json:1 a"},
		},
		{
			name:  "digests of several builds in a file",
			files: map[string]string{"all": d("a") + "\n\n" + d("b") + "\n"},
			from:  []string{"all"},
			want:  []string{"all:1 a", "all:3 b"},
		},
		{
			// kaniko v1.28 --image-name-with-digest-file, one line for each --destination:
			// the line is repeated if only their tags differ.
			name: "image names with digest",
			files: map[string]string{
				"kaniko": "index.docker.io/team/app@" + d("a") + "\nindex.docker.io/team/app@" + d("a") + "\nghcr.io/team/app@" + d("a") + "\n",
			},
			from: []string{"kaniko"},
			want: []string{"kaniko:1 a docker.io/team/app@ docker.io/team/app@ ghcr.io/team/app@"},
		},
		{
			// kaniko v1.28 --image-name-tag-with-digest-file; ko v0.19 with one --tags.
			name:  "image names with tag and digest",
			files: map[string]string{"kaniko": "ghcr.io/team/app:1@" + d("a") + "\nghcr.io/team/app:latest@" + d("a") + "\n"},
			from:  []string{"kaniko"},
			want:  []string{"kaniko:1 a ghcr.io/team/app:1@ ghcr.io/team/app:latest@"},
		},
		{
			// ko v0.19 build --image-refs: of several platforms, the index and its images.
			name:  "image references of ko",
			files: map[string]string{"ko": "ghcr.io/team/app@" + d("a") + "\nghcr.io/team/app@" + d("b") + "\nghcr.io/team/app@" + d("c") + "\n"},
			from:  []string{"ko"},
			want:  []string{"ko:1 a ghcr.io/team/app@", "ko:2 b ghcr.io/team/app@", "ko:3 c ghcr.io/team/app@"},
		},
		{
			// ko v0.19 build --tag-only --image-refs.
			name:  "references by tag",
			files: map[string]string{"refs": "ghcr.io/team/app:1-amd64\nghcr.io/team/app:1-arm64\noci-layout://out:1\n"},
			from:  []string{"refs"},
			want:  []string{"refs:1  ghcr.io/team/app:1-amd64", "refs:2  ghcr.io/team/app:1-arm64", "refs:3  oci-layout://out:1"},
		},
		{
			name:  "buildx",
			files: map[string]string{"push.json": buildxPush, "load.json": buildxLoad},
			from:  []string{"push.json", "load.json"},
			want:  []string{"push.json:11 a docker.io/team/app@ ghcr.io/team/app@", "load.json:1 b"},
		},
		{
			// docker buildx v0.36 imagetools create --metadata-file: no containerimage.digest.
			name: "buildx imagetools",
			files: map[string]string{
				"meta.json": "{\n  \"containerimage.descriptor\": {\n    \"mediaType\": \"application/vnd.oci.image.index.v1+json\",\n    \"digest\": \"" + d("a") + "\",\n    \"size\": 4654\n  },\n  \"image.name\": \"docker.io/team/app\"\n}",
			},
			from: []string{"meta.json"},
			want: []string{"meta.json:4 a docker.io/team/app@"},
		},
		{
			name:  "bake",
			files: map[string]string{"bake.json": bake},
			from:  []string{"bake.json"},
			want:  []string{"bake.json:7 a docker.io/team/app@", "bake.json:11 b docker.io/team/app@"},
		},
		{
			name:   "one target of bake",
			files:  map[string]string{"bake.json": bake},
			target: "app-arm64",
			from:   []string{"bake.json"},
			want:   []string{"bake.json:11 b docker.io/team/app@"},
		},
		{
			name:  "jib",
			files: map[string]string{"build/jib-image.json": jib, "old.json": strings.Replace(strings.ReplaceAll(jib, hex("a"), hex("c")), `,"imagePushed":true`, "", 1)},
			from:  []string{"build/jib-image.json", "old.json"},
			want:  []string{"build/jib-image.json:1 a ghcr.io/team/app@", "old.json:1 c ghcr.io/team/app@"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var targets []string
			if tt.target != "" {
				targets = []string{tt.target}
			}
			got, err := read(t, tt.files, targets, tt.from...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("images (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRead_Invalid holds what is said about input that cannot be used, and that it is
// bad input.
func TestRead_Invalid(t *testing.T) {
	for _, tt := range []struct {
		name       string
		files      map[string]string
		from       []string
		want, hint string
	}{
		{name: "a stray file", files: map[string]string{"digests/" + hex("a"): "", "digests/readme.txt": ""}, from: []string{"digests"}, want: "digests/readme.txt: its name is not a digest", hint: "delete the others"},
		{name: "a short digest", files: map[string]string{"digests/" + hex("a")[:63]: ""}, from: []string{"digests"}, want: "its name is not a digest"},
		{name: "a name in upper case", files: map[string]string{"digests/" + hex("A"): ""}, from: []string{"digests"}, want: "digests/" + hex("A") + `: "` + hex("A") + `" is not a digest: a digest is written in lower case`, hint: "write it as " + d("a")},
		{name: "a line in upper case", files: map[string]string{"x": "SHA256:" + hex("A")}, from: []string{"x"}, want: `x:1: "SHA256:` + hex("A") + `" is not a digest: a digest is written in lower case`, hint: d("a")},
		{name: "an argument in upper case", from: []string{"sha256:" + hex("B")}, want: `command line: "sha256:` + hex("B") + `" is not a digest: a digest is written in lower case`, hint: d("b")},
		{name: "metadata in upper case", files: map[string]string{"m": `{"containerimage.digest": "Sha256:` + hex("a") + `"}`}, from: []string{"m"}, want: `m:1: "Sha256:` + hex("a") + `" is not a digest: a digest is written in lower case`, hint: d("a")},
		{name: "a reference in upper case", files: map[string]string{"x": "ghcr.io/a/b@SHA256:" + hex("A")}, from: []string{"x"}, want: "a digest is written in lower case: " + d("a")},
		{name: "a directory in a directory", files: map[string]string{"digests/linux-amd64/" + hex("a"): ""}, from: []string{"digests"}, want: "digests/linux-amd64: it is a directory", hint: "merge-multiple"},
		{name: "two names of one digest", files: map[string]string{"digests/" + hex("a"): "", "digests/" + d("a"): ""}, from: []string{"digests"}, want: "digests/" + d("a") + ": digest " + d("a") + " is in digests/" + hex("a") + " already", hint: "build each platform once"},
		{name: "a digest in two files", files: map[string]string{"amd64": d("a"), "arm64": "\n" + d("a")}, from: []string{"amd64", "arm64"}, want: "arm64:2: digest " + d("a") + " is in amd64:1 already", hint: "leave one of them out"},
		{name: "a digest twice in a file", files: map[string]string{"all": d("a") + "\n" + hex("a")}, from: []string{"all"}, want: "all:2: digest " + d("a") + " is in all:1 already"},
		{name: "a digest and a reference with it", files: map[string]string{"all": d("a") + "\nghcr.io/a/b@" + d("a")}, from: []string{"all"}, want: "all:2: digest"},
		{name: "an empty argument", from: []string{""}, want: "an argument is empty"},
		{name: "a missing file", from: []string{"none"}, want: "none: no such file or directory"},
		{name: "a reference", from: []string{"ghcr.io/team/app:1"}, want: "ghcr.io/team/app:1: no such file or directory", hint: "push from-images"},
		{name: "an empty file", files: map[string]string{"amd64": " \n"}, from: []string{"amd64"}, want: "amd64: it is empty"},
		{name: "a file that is not text", files: map[string]string{"amd64": "\xff\xfes\x00h\x00a\x00"}, from: []string{"amd64"}, want: "amd64: it is not text in UTF-8", hint: "PowerShell"},
		{name: "two words", files: map[string]string{"sums": "\n" + hex("a") + "  ghcr.io/team/app\n"}, from: []string{"sums"}, want: `sums:2: "` + hex("a") + `  ghcr.io/team/a" is more than a digest`},
		{name: "a name without tag", files: map[string]string{"refs": "ghcr.io/team/app\n"}, from: []string{"refs"}, want: `refs:1: "ghcr.io/team/app" is neither a digest nor a reference: image reference must include a tag`},
		{name: "a digest that is too short", files: map[string]string{"amd64": "sha256:abc"}, from: []string{"amd64"}, want: `amd64:1: "sha256:abc" is not a digest`},
		{name: "a password", files: map[string]string{"refs": "https://me:secret@ghcr.io/app:1"}, from: []string{"refs"}, want: "refs:1: "},
		{name: "JSON that is cut off", files: map[string]string{"meta.json": "{\n\"containerimage.digest\": "}, from: []string{"meta.json"}, want: "meta.json:1: it is not JSON: it ends too early"},
		{name: "JSON that is a list", files: map[string]string{"meta.json": "[]"}, from: []string{"meta.json"}, want: "meta.json:1: it is not a JSON object"},
		{name: "metadata of another builder", files: map[string]string{"meta.json": `{"reference": "ghcr.io/team/app", "digest": "` + d("a") + `"}`}, from: []string{"meta.json"}, want: `meta.json: it is not the metadata of buildx, bake or jib: its keys are "reference, digest"`, hint: "write the digest or the reference into a file"},
		{name: "docker/metadata-action", files: map[string]string{"meta.json": metadataAction}, from: []string{"meta.json"}, want: "it is the result of docker/metadata-action", hint: "--docker-metadata=FILE"},
		{name: "no image", files: map[string]string{"meta.json": `{"buildx.build.ref": "x"}`}, from: []string{"meta.json"}, want: "meta.json: it has no containerimage.digest: the build exported no image", hint: "push=true"},
		{name: "a digest that is none", files: map[string]string{"meta.json": "{\n\n\"containerimage.digest\": \"latest\"}"}, from: []string{"meta.json"}, want: `meta.json:3: "latest" is not a digest`},
		{name: "a digest that is a number", files: map[string]string{"meta.json": "{\n\"containerimage.digest\": 5}"}, from: []string{"meta.json"}, want: `meta.json:2: "containerimage.digest" must be a text`},
		{name: "a descriptor that is a text", files: map[string]string{"meta.json": "{\n\"containerimage.descriptor\": \"x\"}"}, from: []string{"meta.json"}, want: `meta.json:2: "containerimage.descriptor" must be an object`},
		{name: "a name that is no reference", files: map[string]string{"meta.json": "{\"containerimage.digest\": \"" + d("a") + "\",\n\"image.name\": \"a/b:1,UPPER/x:1\"}"}, from: []string{"meta.json"}, want: `meta.json:2: image.name: "UPPER/x:1" is not a reference`},
		{name: "a bake target without an image", files: map[string]string{"bake.json": "{\"app\": {\"containerimage.digest\": \"" + d("a") + "\"},\n\"test\": {\"buildx.build.ref\": \"x\"}}"}, from: []string{"bake.json"}, want: "bake.json:2: it has no containerimage.digest", hint: "if target test is not for this index"},
		{name: "empty metadata", files: map[string]string{"meta.json": "{}"}, from: []string{"meta.json"}, want: "meta.json: it is an empty object: the build exported no image", hint: "type=image,push=true"},
		{name: "two bake targets with one digest", files: map[string]string{"bake.json": "{\"app\": {\"containerimage.digest\": \"" + d("a") + "\"},\n\"copy\": {\"containerimage.digest\": \"" + d("a") + "\"}}"}, from: []string{"bake.json"}, want: `bake.json:2: targets "app" and "copy" have one digest`, hint: "--bake-target"},
		{name: "an unknown bake target", files: map[string]string{"bake.json": bake}, from: []string{"bake.json"}, want: `no file has the bake target "none"`},
		{name: "jib that did not push", files: map[string]string{"jib.json": strings.Replace(jib, "true", "false", 1)}, from: []string{"jib.json"}, want: "jib.json:1: jib did not push the image", hint: "jib:build"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var targets []string
			if strings.Contains(tt.want, "bake target") {
				targets = []string{"none"}
			}
			_, err := read(t, tt.files, targets, tt.from...)
			var input *manifest.InputError
			if !errors.As(err, &input) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(errtext.Hint(err), tt.hint) {
				t.Errorf("%v\nhint: %s\nwant %s\nhint: %s", err, errtext.Hint(err), tt.want, tt.hint)
			}
			if strings.Contains(fmt.Sprint(err), "secret") {
				t.Error("it shows a password")
			}
		})
	}
}

func TestRead_EmptyDirectory(t *testing.T) {
	dir := t.TempDir()
	_, err := Read(Input{From: []string{dir}})
	if err == nil || !strings.Contains(err.Error(), dir+": the directory is empty") || errtext.ExitCode(err) != 2 {
		t.Error(err)
	}
}
