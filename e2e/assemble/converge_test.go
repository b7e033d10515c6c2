//go:build e2e

package assemble

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestConverge has 16 jobs that each push an image and then run the same command, all at
// once: the index is complete in the end. The last image appears when the first job writes
// the index without it, so that a job is late in each round, however busy the machine is.
// CONVERGE_ROUNDS is how often, twice by default.
func TestConverge(t *testing.T) {
	t.Parallel()
	rounds := 2
	if text := os.Getenv("CONVERGE_ROUNDS"); text != "" {
		var err error
		rounds, err = strconv.Atoi(text)
		clitest.Must(t, err)
	}
	g := registrytest.StartOpen(t)
	images := fixture.NewLargeImageSet(t, 16)
	last := len(images) - 1
	total := 0
	for round := range rounds {
		repo := fmt.Sprintf("round%d", round)
		appeared := make(chan struct{})
		appear := sync.OnceFunc(func() {
			g.PutImages(t, repo, images[last:])
			close(appeared)
		})
		front, _ := g.BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/manifests/all") {
				appear()
			}
			return false
		})
		spec := clitest.WriteSpec(t, front.Host, images.Spec("REGISTRY/"+repo+":all", "REGISTRY/"+repo+":%s"))
		runs := make([]clitest.Result, len(images))
		var all sync.WaitGroup
		for i := range images {
			all.Go(func() {
				if i == last {
					<-appeared
				} else {
					g.PutImages(t, repo, images[i:i+1])
				}
				runs[i] = clitest.Run(t, "push", "from-spec", "--ignore-missing", "--converge", spec)
			})
		}
		all.Wait()
		again := 0
		for _, done := range runs {
			done.PushedDigest(t)
			again += strings.Count(done.Stderr, "is assembled again")
		}
		if again == 0 {
			t.Errorf("round %d: no job looked again and found the last image", round)
		}
		total += again
		now, _ := g.Manifest(t, repo, "all")
		fixture.WantEntries(t, fixture.WantComplete(t, g.Repository(repo), now.Digest), images.Objects()...)
	}
	t.Logf("%d rounds of %d jobs, assembled again %d times", rounds, len(images), total)
	clitest.Run(t, "push", "from-spec", "--converge", "x.yaml").WantCode(t, 2)
}

// TestFloating pushes versions in an order that would move tags backwards.
func TestFloating(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "src", images)
	front := (&registrytest.RecordingProxy{Backend: g}).Open(t)
	push := func(version string) string {
		text := "annotations: {version: '" + version + "'}\n" + images.Spec("REGISTRY/app:"+version, "REGISTRY/src:%s")
		return clitest.Run(t, "push", "from-spec", "--floating", "major,minor,latest", clitest.WriteSpec(t, front.Host, text)).PushedDigest(t).String()
	}
	want := map[string]string{}
	for _, c := range []struct {
		version string
		takes   []string
	}{
		{"1.4.2", []string{"1", "1.4", "latest"}},
		{"2.0.0-rc.1", nil},
		{"2.0.0", []string{"2", "2.0", "latest"}},
		{"1.4.3", []string{"1", "1.4"}},
		{"1.3.9", []string{"1.3"}},
		{"2.0.0", []string{"2", "2.0", "latest"}},
	} {
		d := push(c.version)
		for _, tag := range append(c.takes, c.version) {
			want[tag] = d
		}
		for tag, d := range want {
			stored, _ := g.Manifest(t, "app", tag)
			clitest.WantText(t, "after "+c.version+", digest of "+tag, d, stored.Digest.String())
		}
	}
	shown := strings.Fields(clitest.Run(t, "tags", g.Host+"/app").Stdout)
	if slices.Contains(shown, "2.0.0-rc") || len(shown) != len(want) {
		t.Errorf("tags %q, want those of %v", shown, want)
	}
	lists := front.Seen.Matching(func(r registrytest.Request) bool { return r.Kind == "tags" })
	if len(lists) != 6 {
		t.Errorf("the tags were listed %d times by 6 pushes", len(lists))
	}
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:stable", "REGISTRY/src:%s"))
	for _, flags := range [][]string{{"--floating", "latest"}, {"--floating", "patch"}} {
		clitest.Run(t, append(append([]string{"push", "from-spec"}, flags...), spec)...).WantCode(t, 2)
	}
}

// TestPlatformTags: each image has a tag of its own next to the index.
func TestPlatformTags(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	layout := fixture.WriteLayout(t, images.ByTag())
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:1", "oci-layout://"+string(layout)+":%s"))
	tags := []string{"1-linux-amd64", "1-linux-arm64v8", "1-linux-armv7"}
	for range 2 { // the second time nothing changes
		done := clitest.Run(t, "push", "from-spec", "--platform-tags", "{{.Tag}}-{{.OS}}-{{.Arch}}{{.Variant}}", "-o", "json", spec)
		done.WantCode(t, 0)
		clitest.WantSchema(t, "push", done.Stdout)
		for i, tag := range tags {
			stored, _ := g.Manifest(t, "app", tag)
			clitest.WantText(t, tag, images[i].Image.Digest().String(), stored.Digest.String())
		}
	}
	for _, pattern := range []string{"{{.Tag}}", "{{.Tag}}-{{.OS}}", "a b", "{{.Nothing}}", "{{"} {
		done := clitest.Run(t, "push", "from-spec", "--platform-tags", pattern, clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/new:1", "oci-layout://"+string(layout)+":%s")))
		done.WantCode(t, 2)
	}
	clitest.Run(t, "tags", g.Host+"/new").WantCode(t, 1)
	digits := clitest.Run(t, "push", "from-spec", "--platform-tags", "{{slice .Digest 7 19}}{{if .Variant}}-{{slice .Variant 1}}{{end}}",
		clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/cut:1", "oci-layout://"+string(layout)+":%s")))
	digits.WantCode(t, 0)
	hex := images[0].Image.Digest().Encoded()[:12]
	stored, _ := g.Manifest(t, "cut", hex)
	clitest.WantText(t, hex, images[0].Image.Digest().String(), stored.Digest.String())
}
