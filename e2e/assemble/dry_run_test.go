//go:build e2e

package assemble

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// plan is what the tests read of plan/v1.
type plan struct {
	Digest  digest.Digest
	Index   string
	Targets []struct {
		Ref  string
		Tags []struct{ Tag, Current, Planned string }
	}
}

func parsePlan(t *testing.T, text string) plan {
	t.Helper()
	clitest.WantSchema(t, "plan", text)
	var p plan
	clitest.Must(t, json.Unmarshal([]byte(text), &p))
	return p
}

// TestDryRunShowsWhatThePushWrites holds for generated specs that the digest of the
// dry run is that of the push, that it is the digest of the bytes shown, and that the
// dry run writes nothing.
func TestDryRunShowsWhatThePushWrites(t *testing.T) {
	t.Parallel()
	g, seen := registrytest.StartToken(t)
	s := registrytest.WithLogin(t, g.Host)
	docker, oci := fixture.NewImageSet(t, fixture.Docker(), "docker"), fixture.NewImageSet(t, fixture.OCI(), "oci")
	g.PutImages(t, "src/docker", docker)
	g.PutImages(t, "src/oci", oci)
	layout := fixture.WriteLayout(t, oci.ByTag())
	random := rand.New(rand.NewPCG(1, 1))
	for i := range 50 {
		text := generateSpec(random, i, g.Host, string(layout))
		spec := clitest.WriteSpec(t, g.Host, text)
		before := len(seen.Matching(registrytest.Request.IsWrite))
		dry := s.Run(t, "push", "from-spec", "--dry-run", "-o", "json", spec)
		dry.WantCode(t, 0)
		if after := len(seen.Matching(registrytest.Request.IsWrite)); after != before {
			t.Errorf("the dry run sent %d requests that write\n%s", after-before, text)
		}
		shown := parsePlan(t, dry.Stdout)
		clitest.WantText(t, "digest of the bytes shown", shown.Digest.String(), digest.FromString(shown.Index).String())
		pushed := s.Run(t, "push", "from-spec", spec).PushedDigest(t)
		clitest.WantText(t, "digest of the push of\n"+text, shown.Digest.String(), pushed.String())
	}
}

// generateSpec returns a spec of random images of both families, from the registry
// and from a layout, with random other keys.
func generateSpec(random *rand.Rand, i int, host, layout string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "image: REGISTRY/app%d:1.0\n", i%7)
	maybe := func(text string) {
		if random.IntN(2) == 0 {
			b.WriteString(text)
		}
	}
	maybe("tags: [latest]\n")
	maybe("targets: [REGISTRY/copy:1, REGISTRY/copy:2]\n")
	maybe("annotations: {org.example.a: 'x: <y>', org.example.b: ü}\n")
	maybe("require: [linux/amd64]\n")
	b.WriteString("manifests:\n")
	for k, arch := range []string{"amd64", "arm64", "armv7"} {
		if k > 0 && random.IntN(3) == 0 {
			continue
		}
		from := []string{host + "/src/docker", host + "/src/oci", "oci-layout://" + layout}[random.IntN(3)]
		fmt.Fprintf(&b, "- image: %s:%s\n", from, arch)
		maybe("  annotations: {org.example.c: d}\n")
		maybe("  platform: {os: linux}\n")
	}
	return b.String()
}

// TestDryRunShowsTags: the present digest of each tag, and its future one.
func TestDryRunShowsTags(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	text := images.Spec("REGISTRY/app:1.0", "REGISTRY/app:%s")
	first := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, text)).PushedDigest(t)
	spec := clitest.WriteSpec(t, g.Host, "tags: [new]\nannotations: {a: b}\n"+text)
	p := parsePlan(t, clitest.Run(t, "push", "--dry-run", "-o", "json", "from-spec", spec).Stdout)
	tags := p.Targets[0].Tags
	if len(tags) != 2 || tags[0].Current != first.String() || tags[1].Current != "" || tags[1].Planned != p.Digest.String() {
		t.Errorf("tags %v", tags)
	}
	shown := clitest.Run(t, "push", "--dry-run", "from-spec", spec)
	clitest.WantLines(t, shown.Stdout, "Plan:   "+g.Host+"/app:1.0 (Type: application/vnd.oci.image.index.v1+json)",
		" * Type: the index has annotations", "   - tag 1.0: "+first.Encoded()[:12]+" -> "+p.Digest.Encoded()[:12], " * Index:")
	if !strings.HasSuffix(shown.Stdout, p.Index+"\n") {
		t.Error("the text does not end with the bytes of the index")
	}
	clitest.Run(t, "push", "--dry-run", "-o", "template={{.Platfrom}}", "from-spec", spec).WantCode(t, 2)
}

// TestDryRunWritesNoFile: neither targets on disk nor the files for the next step.
func TestDryRunWritesNoFile(t *testing.T) {
	t.Parallel()
	layout := fixture.WriteLayout(t, fixture.NewImageSet(t, fixture.OCI(), "app").ByTag())
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	s := clitest.Session{Env: []string{"GITHUB_OUTPUT=" + in("output"), "GITHUB_STEP_SUMMARY=" + in("summary")}}
	args := []string{
		"push", "from-images", "oci-layout://" + in("layout") + ":1", "oci-layout://" + string(layout) + ":amd64",
		"--target", "oci-archive://" + in("archive.tar") + ":1", "--digest-file", in("digest"), "--metadata-file", in("metadata"), "--github",
	}
	for _, c := range []struct {
		flags []string
		files int
	}{{[]string{"--dry-run"}, 0}, {nil, 6}} {
		s.Run(t, append(args, c.flags...)...).WantCode(t, 0)
		found, err := os.ReadDir(dir)
		clitest.Must(t, err)
		if len(found) != c.files {
			t.Errorf("%q: %d files in the directory, want %d: %v", c.flags, len(found), c.files, found)
		}
	}
}
