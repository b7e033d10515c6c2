//go:build e2e

package assemble

import (
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// badInput is a spec, with flags or variables, that is not valid.
type badInput struct {
	name, spec  string // the spec has manifests unless it names some
	flags, env  []string
	stderr      string // part of it
	twoDocument bool
}

// badInputs has each key of a spec and each flag of a push that chooses what is
// written and where. The form of each key has its cases in testdata/spec/bad.
func badInputs() []badInput {
	d := digest.FromString("no image").String()
	index := "manifests: [{image: 'REGISTRY/app:all', "
	return []badInput{
		{name: "targets: not a reference", spec: "targets: ['a b']", stderr: "error parsing name for manifest list (a b)"},
		{name: "targets: a digest", spec: "targets: ['REGISTRY/b@" + d + "']", stderr: "must be a name with a tag"},
		{name: "targets: a file", spec: "targets: ['docker-archive://x.tar:1']", stderr: "writing to docker-archive://x.tar:1: it can only be read"},
		{name: "--target: not a reference", flags: []string{"--target", "REGISTRY/B:1"}, stderr: "error parsing name for manifest list"},
		{name: "--target: empty", flags: []string{"--target", ""}, stderr: "--target: its value is empty"},
		{name: "one target of two documents", twoDocument: true, flags: []string{"--target", "REGISTRY/b:1"}, stderr: "describe REGISTRY/b:1"},
		{name: "type: not one", spec: "type: manifest-list", stderr: "is not one of auto, docker, oci"},
		{name: "type: docker with a subject", spec: "type: docker\nsubject: " + d, stderr: "does not support a subject; use --type oci"},
		{name: "type: docker with an artifact type", spec: "type: docker\nartifactType: a/b", stderr: "does not support an artifact type"},
		{name: "type: docker of OCI content", spec: "type: docker\nannotations: {a: b}", stderr: "does not support annotations"},
		{name: "--type: docker for a subject", spec: "subject: " + d, flags: []string{"--type", "docker"}, stderr: "does not support a subject"},
		{name: "artifactType: no media type", spec: "artifactType: sbom", stderr: "is not a media type"},
		{name: "subject: no tag", spec: "subject: REGISTRY/app", stderr: "is neither a digest nor a reference"},
		{name: "subject: not a reference", spec: "subject: 'a b'", stderr: "is neither a digest nor a reference"},
		{name: "attestations: not one", spec: "attestations: maybe", stderr: "is not one of keep, drop"},
		{name: "require: not a platform", spec: "require: [linux]", stderr: "it must be os/arch"},
		{name: "--require: not a platform", flags: []string{"--require", "linux/"}, stderr: "--require"},
		{name: "platforms: not a platform", spec: index + "platforms: [linux/amd64/v1/x]}]", stderr: "it must be os/arch"},
		{name: "digest: short", spec: index + "digest: 'sha256:1'}]", stderr: "is not a digest"},
		{name: "digest: two", spec: "manifests: [{image: 'REGISTRY/app@" + d + "', digest: '" + digest.FromString("x").String() + "'}]", stderr: "another as its key digest"},
		{name: "optional: not a boolean", spec: index + "optional: maybe}]", stderr: "is not one of true, false"},
		{name: "annotations: of another level", spec: "annotations: {'manifest-descriptor:a': b}", stderr: "is for another object than the index"},
		{name: "--expand-env: no name", spec: "annotations: {a: '${1X}'}", flags: []string{"--expand-env"}, stderr: "is not a variable"},
		{name: "--expand-env: not closed", spec: "annotations: {a: '${X'}", flags: []string{"--expand-env"}, env: []string{"X=1"}, stderr: "is not a variable"},
		{name: "--expand-env: not set", spec: "annotations: {a: '${X}'}", flags: []string{"--expand-env"}, stderr: "spec.yaml:1: the variable X is not set or empty"},
		{name: "--expand-env: not UTF-8", spec: "annotations:\n  a: '${X}'", flags: []string{"--expand-env"}, env: []string{"X=a\xff"}, stderr: "spec.yaml:2: the variable X is not text in UTF-8"},
		{name: "--expand-env: a value that is not valid", spec: "tags: ['${X}']", flags: []string{"--expand-env"}, env: []string{"X=a:b"}, stderr: `"a:b" is not a tag`},
		{name: "--wait: no unit", flags: []string{"--wait", "10"}, stderr: `--wait: "10" is not a duration`},
		{name: "--wait: negative", flags: []string{"--wait", "-1m"}, stderr: "--wait: -1m0s is negative"},
		{name: "MANIFEST_TOOL_WAIT", env: []string{"MANIFEST_TOOL_WAIT=soon"}, stderr: `MANIFEST_TOOL_WAIT: "soon" is not a duration`},
		{name: "--converge with --expect", flags: []string{"--converge", "--ignore-missing", "--expect", "absent"}, stderr: "--converge and --expect contradict each other"},
		{name: "--converge alone", flags: []string{"--converge"}, stderr: "--converge needs --ignore-missing"},
		{name: "--floating: not one", flags: []string{"--floating", "patch"}, stderr: "major"},
		{name: "--floating: no version", flags: []string{"--floating", "major"}, stderr: "is not a version such as 1.4.2"},
		{name: "--platform-tags: not a template", flags: []string{"--platform-tags", "{{"}, stderr: "reading --platform-tags"},
		{name: "--platform-tags: no such field", flags: []string{"--platform-tags", "{{.Os}}"}, stderr: "the fields are {{.Tag}}"},
		{name: "--platform-tags: not a tag", flags: []string{"--platform-tags", "{{.OS}}/{{.Arch}}"}, stderr: "which is not a tag"},
		{name: "--platform-tags: a field that is too short", flags: []string{"--platform-tags", "{{slice .Arch 9}}"}, stderr: "the tag of linux/amd64: "},
		{name: "--platform-tags: one for two", flags: []string{"--platform-tags", "{{.OS}}"}, stderr: "gives the tag linux to linux/amd64 and to linux/arm64"},
		{name: "MANIFEST_TOOL_PLATFORM_TAGS", env: []string{"MANIFEST_TOOL_PLATFORM_TAGS={{.Tag}}"}, stderr: "to the index and to linux/amd64"},
		{name: "MANIFEST_TOOL_ALWAYS", env: []string{"MANIFEST_TOOL_ALWAYS=often"}, stderr: "MANIFEST_TOOL_ALWAYS"},
		{name: "--referrers-tag", flags: []string{"--referrers-tag=tag"}, stderr: "--referrers-tag"},
		{name: "--expect with two targets", spec: "targets: ['REGISTRY/b:1']", flags: []string{"--expect", "absent"}, stderr: "is for one index in one repository, not for 2"},
		{name: "--dry-run: not a boolean", flags: []string{"--dry-run=plan"}, stderr: "--dry-run"},
		{name: "--dry-run of bad input", spec: "subject: REGISTRY/app", flags: []string{"--dry-run"}, stderr: "is neither a digest nor a reference"},
		{name: "--dry-run with --expect and two targets", spec: "targets: ['REGISTRY/b:1']", flags: []string{"--dry-run", "--expect", "absent"}, stderr: "is for one index in one repository, not for 2"},
	}
}

// TestBadInput: each ends with exit code 2 and an error that names what is wrong, and
// nothing is written.
func TestBadInput(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	g.Put(t, "app", "all", fixture.NewIndex(t, fixture.OCI(), images.Objects()...))
	front := (&registrytest.RecordingProxy{Backend: g}).Open(t)
	here := strings.NewReplacer("REGISTRY", front.Host)
	t.Run("all", func(t *testing.T) {
		for _, c := range badInputs() {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				text := c.spec + "\nimage: REGISTRY/new:1\n"
				if !strings.Contains(text, "manifests:") {
					text += "manifests: [{image: 'REGISTRY/app:amd64'}, {image: 'REGISTRY/app:arm64'}]\n"
				}
				if c.twoDocument {
					text += "---\n" + strings.Replace(text, "new:1", "new:2", 1)
				}
				args := []string{"push", "from-spec"}
				for _, flag := range c.flags {
					args = append(args, here.Replace(flag))
				}
				s := clitest.Session{Env: c.env}
				done := s.Run(t, append(args, clitest.WriteSpec(t, front.Host, here.Replace(text)))...)
				done.WantCode(t, 2)
				done.WantStderr(t, here.Replace(c.stderr))
				clitest.WantText(t, "stdout", "", done.Stdout)
			})
		}
	})
	front.Seen.WantNoWrites(t)
}
