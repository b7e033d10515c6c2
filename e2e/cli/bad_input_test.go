//go:build e2e

package cli

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// badInput is one invocation that must fail and leave the registry as it was.
// REGISTRY stands for HOST:PORT, SPEC for a file with the spec.
type badInput struct {
	name string
	args string // separated by blanks
	spec string
	code int
	says []string // what standard error must hold
}

// badInputs returns the mistakes of the user: exit code 2. The images amd64,
// arm64 and armv7 of the repository app exist.
func badInputs() []badInput {
	const push = "push from-spec SPEC"
	const image = "image: REGISTRY/new:all\n"
	const one = "manifests:\n  - image: REGISTRY/app:amd64\n"
	const args = "push from-args --target REGISTRY/new:all "
	return []badInput{
		{"inspect without a tag", "inspect REGISTRY/app", "", 2, []string{
			"image reference must include a tag or a digest; manifest-tool does not default to 'latest'",
		}},
		{"inspect of nothing", "inspect", "", 2, nil},
		{"inspect of a bad reference", "inspect REGISTRY/App:one", "", 2, []string{"REGISTRY/App:one"}},
		{"skopeo's name for a layout", "inspect oci:./dir:1", "", 2, []string{"hint: an OCI layout is written oci-layout://./dir:1"}},
		{"the path of a layout", "tags ./dir", "", 2, []string{"hint: an OCI layout is written oci-layout://./dir"}},
		{"an archive of skopeo", "verify docker-archive:dir/a.tar", "", 2, []string{"hint: a Docker archive is written docker-archive://dir/a.tar"}},
		{"a browser's address", "query https://REGISTRY/app:amd64", "", 2, []string{"hint: write it without https://, as REGISTRY/app:amd64"}},
		{"an address by http", push, "image: http://REGISTRY/new:all\n" + one, 2, []string{"hint: write it without http://, as REGISTRY/new:all, and --plain-http"}},
		{"another kind of reference", "inspect ftp://REGISTRY/app:amd64", "", 2, []string{"hint: a reference is NAME:TAG"}},
		{"two prefixes", "inspect docker://http://REGISTRY/app:amd64", "", 2, []string{"hint: write it without http://, as REGISTRY/app:amd64"}},
		{"tags of skopeo's name", "tags dir:x", "", 2, []string{"HOST[:PORT]/NAME", "hint: skopeo's dir: directories are not supported"}},
		{"a command behind two dashes", "-- inspect", "", 2, []string{"the command inspect belongs before --"}},
		{"expand-config without raw", "inspect --expand-config REGISTRY/app:amd64", "", 2, []string{"--raw"}},
		{"inspect for a malformed platform", "inspect --platform linux REGISTRY/app:amd64", "", 2, []string{"os/arch"}},
		{"inspect for an unknown version of Windows", "inspect --platform windows/amd64:nanoserver REGISTRY/app:amd64", "", 2, []string{`"nanoserver" is not a version of Windows`}},
		{"an unknown field in a template", "inspect -o template={{.Nope}} REGISTRY/app:amd64", "", 2, []string{"--output", "Nope"}},
		{"an unknown field deeper in a template", "inspect -o template={{range.Layers}}{{.Digest}}{{.Nope}}{{end}} REGISTRY/app:amd64", "", 2, []string{"Nope"}},
		{"a malformed template", "inspect -o template={{.Name REGISTRY/app:amd64", "", 2, []string{"template"}},
		{"an unknown format", "inspect -o xml REGISTRY/app:amd64", "", 2, []string{"xml", "text, json, yaml"}},
		{"raw and a format", "inspect --raw -o json REGISTRY/app:amd64", "", 2, []string{"--raw", "--output"}},
		{"raw and raw-bytes", "inspect --raw --raw-bytes REGISTRY/app:amd64", "", 2, []string{"--raw-bytes"}},
		{"raw-bytes and a format", "inspect --raw-bytes -o json REGISTRY/app:amd64", "", 2, []string{"--raw-bytes"}},
		{"tags of a tag", "tags REGISTRY/app:amd64", "", 2, []string{"a repository is HOST[:PORT]/NAME"}},
		{"tags of a bad name", "tags REGISTRY/App", "", 2, []string{"REGISTRY/App"}},
		{"push with an unknown format", "push -o xml from-spec SPEC", image + one, 2, []string{"xml"}},
		{"unknown command", "frobnicate", "", 2, []string{"frobnicate"}},
		{"unknown flag", "inspect --frobnicate REGISTRY/app:amd64", "", 2, []string{"frobnicate"}},
		{"a misspelt flag", "inspect --platfrom linux/arm64 REGISTRY/app:amd64", "", 2, []string{`unknown flag --platfrom for "manifest-tool inspect"`, `"--platform"`}},
		{"tags of a spec as a flag", "push from-spec --tags 1.0 SPEC", image + one, 2, []string{`below its key "tags"`, "hint: manifest-tool push from-spec --help"}},
		{"flags that are missing", "push from-args", "", 2, []string{"--platforms", "hint: manifest-tool push from-args --help"}},
		{"an unknown shell", "completion tcsh", "", 2, []string{`unknown command "tcsh"`, "bash, fish, powershell, zsh"}},
		{"an unknown command of auth", "auth explian REGISTRY/app", "", 2, []string{`did you mean "explain"?`}},
		{"no number of jobs", "inspect --jobs many REGISTRY/app:amd64", "", 2, []string{`--jobs: "many" is not a number`}},
		{"no duration", "inspect --timeout 5 REGISTRY/app:amd64", "", 2, []string{`--timeout: "5" is not a duration, such as 90s`}},
		{"an unknown rule", "resolve --rule docker REGISTRY/app:amd64", "", 2, []string{`--rule: unknown value "docker": it is containerd, windows, podman, exact or first`}},
		{"an unknown severity", "verify --severity bad REGISTRY/app:amd64", "", 2, []string{`--severity: unknown value "bad": it is error, warning or info`}},
		{"an unknown code", "verify --ignore child-mising REGISTRY/app:amd64", "", 2, []string{"--ignore", `did you mean "child-missing"?`}},
		{"target without a tag", push, "image: REGISTRY/new\n" + one, 2, []string{"REGISTRY/new"}},
		{"bad target", push, "image: REGISTRY/New:all\n" + one, 2, []string{"REGISTRY/New:all"}},
		{"bad tag", push, image + "tags: [no/slash]\n" + one, 2, []string{"no/slash"}},
		{"bad source", push, image + "manifests:\n  - image: REGISTRY/app@sha256:12\n", 2, []string{"REGISTRY/app@sha256:12"}},
		{"source without a tag", push, image + "manifests:\n  - image: REGISTRY/app\n", 2, []string{"REGISTRY/app"}},
		{"no target", push, one, 2, []string{"image"}},
		{"no manifests", push, image, 2, []string{"manifests"}},
		{"an empty list of manifests", push, image + "manifests: []\n", 2, []string{"manifests"}},
		{"no YAML", push, "image: [REGISTRY/new:all\n", 2, []string{"spec.yaml"}},
		{"an empty spec", push, "", 2, []string{"spec.yaml"}},
		{"an empty spec on standard input", "push from-spec -", "", 2, []string{"standard input:1: the spec is empty"}},
		{"no file", "push from-spec no-such-spec.yaml", "", 2, []string{"no-such-spec.yaml"}},
		{"an unknown key", push, image + one + "    platfrom: {os: linux}\n", 2, []string{"spec.yaml:4", "platfrom"}},
		{"a doubled key", push, image + "image: REGISTRY/new:two\n" + one, 2, []string{"spec.yaml:2", "image"}},
		{"a wrong type", push, image + "tags: {a: b}\n" + one, 2, []string{"spec.yaml:2", "tags"}},
		{"unknown architecture", push, image + one + "    platform: {os: linux, architecture: z80}\n", 2, []string{"z80", "REGISTRY/app:amd64"}},
		{"unknown system", push, image + one + "    platform: {os: beos, architecture: amd64}\n", 2, []string{"beos"}},
		{
			"one platform twice", push, image + one + "  - image: REGISTRY/app:arm64\n    platform: {os: linux, architecture: amd64}\n", 2,
			[]string{"cannot include two manifests with the same platform"},
		},
		{
			"one platform in two spellings", push, image + one + "  - image: REGISTRY/app:arm64\n    platform: {os: linux, architecture: amd64, variant: v1}\n", 2,
			[]string{"cannot include two manifests with the same platform", "REGISTRY/app:amd64 (", "REGISTRY/app:arm64 (", "spec.yaml:4) are both for linux/amd64 and linux/amd64/v1"},
		},
		{"a misspelt type", "push --type ocii from-spec SPEC", image + one, 2, []string{"ocii"}},
		{
			"annotations on a Docker list", "push --type docker from-spec SPEC", image + "annotations: {a: b}\n" + one, 2,
			[]string{"manifest list (Docker media type) does not support annotations; use --type oci instead"},
		},
		{"a template without ARCH", args + "--platforms linux/amd64,linux/arm64 --template REGISTRY/app:amd64", "", 2, []string{"ARCH", "REGISTRY/app:amd64"}},
		{"a platform of one part", args + "--platforms linux --template REGISTRY/app:ARCH", "", 2, []string{"os/arch"}},
		{"an unknown platform", args + "--platforms linux/z80 --template REGISTRY/app:ARCH", "", 2, []string{"z80"}},
		{"an annotation without a value", args + "--platforms linux/amd64 --annotations lonely --template REGISTRY/app:ARCH", "", 2, []string{"lonely"}},
		{"no template", args + "--platforms linux/amd64", "", 2, []string{"template"}},
	}
}

// brokenRegistries returns what goes wrong on the registry's side: exit code 1.
func brokenRegistries() []badInput {
	const push = "push from-spec SPEC"
	spec := "image: REGISTRY/new:all\nmanifests:\n  - image: REGISTRY/app:amd64\n  - image: REGISTRY/%s\n"
	from := func(source string) string { return fmt.Sprintf(spec, source) }
	return []badInput{
		{"inspect of a tag that is not there", "inspect REGISTRY/app:absent", "", 1, []string{"REGISTRY/app:absent", "not found"}},
		{"inspect without a login", "inspect REGISTRY/closed:one", "", 1, []string{"REGISTRY/closed:one", "unauthorized"}},
		{"inspect of a page", "inspect REGISTRY/page:one", "", 1, []string{"REGISTRY/page:one", "text/html"}},
		{"inspect of an entry that is a number", "inspect REGISTRY/five:one", "", 1, []string{`line 1: an item of "manifests" must be an object, not a number`}},
		{"tags of a refusal with details", "tags REGISTRY/shut", "", 1, []string{"DENIED: no; Action: pull, Name: shut, Type: repository\n"}},
		{"inspect of a manifest over 4 MiB", "inspect REGISTRY/large:one", "", 1, []string{"REGISTRY/large:one", "larger than"}},
		{"tags of a repository that is not there", "tags REGISTRY/nothing", "", 1, []string{"REGISTRY/nothing", "not found"}},
		{"tags without a login", "tags REGISTRY/closed", "", 1, []string{"REGISTRY/closed", "unauthorized"}},
		{"tags of a page", "tags REGISTRY/page", "", 1, []string{"REGISTRY/page", "list of tags"}},
		{"inspect at a closed port", "inspect CLOSED_PORT/app:one", "", 1, []string{"CLOSED_PORT"}},
		{"source not found", push, from("app:absent"), 1, []string{"REGISTRY/app:absent", "not found"}},
		{"source without a login", push, from("closed:one"), 1, []string{"REGISTRY/closed:one", "unauthorized"}},
		{"source is a page", push, from("page:one"), 1, []string{"REGISTRY/page:one", "text/html"}},
		{"source over 4 MiB", push, from("large:one"), 1, []string{"REGISTRY/large:one", "larger than"}},
		{"source at a closed port", push, strings.Replace(from("app:one"), "REGISTRY/app:one", "CLOSED_PORT/app:one", 1), 1, []string{"CLOSED_PORT"}},
	}
}

// TestBadInput holds that each mistake is told on standard error, ends with
// its exit code, and changes nothing in the registry.
func TestBadInput(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	open.PutImages(t, "app", fixture.NewImageSet(t, fixture.Docker(), "app"))
	closedPort := registrytest.ClosedPort(t)
	for _, bad := range append(badInputs(), brokenRegistries()...) {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			g, seen := open.BehindProxy(t, misbehave)
			names := strings.NewReplacer("REGISTRY", g.Host, "CLOSED_PORT", closedPort)
			spec := clitest.WriteSpec(t, g.Host, names.Replace(bad.spec))
			args := strings.Fields(strings.ReplaceAll(names.Replace(bad.args), "SPEC", spec))
			done := clitest.Run(t, args...)

			done.WantCode(t, bad.code)
			done.WantStderr(t, "manifest-tool failed with error: ")
			for _, text := range bad.says {
				done.WantStderr(t, names.Replace(text))
			}
			clitest.WantText(t, "stdout", "", done.Stdout)
			seen.WantNoWrites(t)
		})
	}
}

// misbehave answers for five repositories: closed wants a login, page answers
// with HTML, five with an index of a number, shut with details, large with a manifest of 5 MiB.
func misbehave(w http.ResponseWriter, r *http.Request) bool {
	repo, _, _ := registrytest.SplitPath(r.URL.Path)
	switch repo {
	case "closed":
		w.Header().Set("WWW-Authenticate", `Basic realm="closed"`)
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
	case "page":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!DOCTYPE html><html><body>Please log in to the network.</body></html>")
	case "five":
		w.Header().Set("Content-Type", fixture.OCI().Index)
		fmt.Fprintf(w, `{"schemaVersion":2,"mediaType":%q,"manifests":[5]}`, fixture.OCI().Index)
	case "shut":
		const detail = `[{"Type":"repository","Class":"","Name":"shut","Action":"pull"}]`
		http.Error(w, `{"errors":[{"code":"DENIED","message":"no","detail":`+detail+`}]}`, http.StatusForbidden)
	case "large":
		w.Header().Set("Content-Type", fixture.OCI().Manifest)
		fmt.Fprintf(w, `{"schemaVersion":2,"mediaType":%q,"annotations":{"pad":%q}}`, fixture.OCI().Manifest, strings.Repeat("x", 5<<20))
	default:
		return false
	}
	return true
}
