//go:build e2e

package faults

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fault"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// ending has the binary get a signal at the nth request that its registry
// sees; 0 is never.
type ending struct {
	signal  os.Signal
	nth     int64
	seen    atomic.Int64
	started chan struct{}
	process *os.Process
}

func (e *ending) intercept(http.ResponseWriter, *http.Request) bool {
	if e.seen.Add(1) == e.nth {
		<-e.started
		_ = e.process.Signal(e.signal) // it may have ended by itself
	}
	return false
}

// run starts the command and returns its exit code, -1 when it was killed.
func (e *ending) run(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	e.started = make(chan struct{})
	clitest.Must(t, cmd.Start())
	e.process = cmd.Process
	close(e.started)
	_ = cmd.Wait() // the exit code says how it ended
	return cmd.ProcessState.ExitCode()
}

// TestFault79ASignalAtAnyRequestLeavesTagsOldOrNew ends a push at each of its
// requests in turn: the tag is what it was or what it was to be, and the same
// command again completes the work.
func TestFault79ASignalAtAnyRequestLeavesTagsOldOrNew(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send a signal to one process")
	}
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			g, images := registrytest.StartOpen(t), fixture.NewImageSet(t, fixture.OCI(), "app")
			g.PutImagesApart(t, "src/app", images)
			count, code := endedAt(t, g, images, signal, 0)
			if code != 0 || count < 10 {
				t.Fatalf("exit code %d after %d requests", code, count)
			}
			stopped := 0
			for n := int64(1); n <= count; n++ {
				if _, code := endedAt(t, g, images, signal, n); code != 0 {
					stopped++
				}
			}
			if stopped < int(count)/2 {
				t.Errorf("%d of %d pushes were stopped", stopped, count)
			}
		})
	}
}

// TestFault79AnInterruptStopsReadingLayouts interrupts a run of many indexes, whose target
// is a layout that takes long to read: it ends soon.
func TestFault79AnInterruptStopsReadingLayouts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send a signal to one process")
	}
	t.Parallel()
	const documents, tags = 2000, 5000
	layout := string(fixture.WriteLayout(t, fixture.NewImageSet(t, fixture.OCI(), "app").ByTag()))
	entry := fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":2,"annotations":{"org.opencontainers.image.ref.name":"old%%d"}}`, ocispec.MediaTypeImageIndex, digest.FromString("{}"))
	var entries, specs []string
	for i := range tags {
		entries = append(entries, fmt.Sprintf(entry, i))
	}
	clitest.Must(t, os.WriteFile(filepath.Join(layout, "index.json"), []byte(`{"schemaVersion":2,"manifests":[`+strings.Join(entries, ",")+`]}`), 0o600))
	for i := range documents {
		specs = append(specs, fmt.Sprintf("image: oci-layout://%s:%d\nmanifests: [{image: REGISTRY/app:1}]\n", layout, i))
	}
	e := &fault.Killer{Nth: 1, Signal: os.Interrupt}
	front, _ := registrytest.StartOpen(t).BehindProxy(t, e.Intercept)
	done := e.Run(t, "push", "from-spec", clitest.WriteSpec(t, front.Host, strings.Join(specs, "---\n")))
	done.WantCode(t, 130)
	if !done.Reached || done.Took > clitest.WaitLimit {
		t.Errorf("interrupt sent: %v; it ended %v after it", done.Reached, done.Took)
	}
}

// endedAt pushes to a repository of its own whose tag names one of the images,
// and ends that at the nth request. It returns the number of requests and the
// exit code.
func endedAt(t *testing.T, g *registrytest.Registry, images fixture.ImageSet, signal os.Signal, nth int64) (requests int64, code int) {
	t.Helper()
	repo := fmt.Sprintf("app%d", nth)
	old := fixture.NewIndex(t, fixture.OCI(), images[0].Image)
	g.Put(t, repo, "all", old)
	e := &ending{signal: signal, nth: nth}
	front, _ := g.BehindProxy(t, e.intercept)
	spec := clitest.WriteSpec(t, front.Host, "tags: [one, two]\n"+images.Spec("REGISTRY/"+repo+":all", "REGISTRY/src/app-%s:1.0"))
	code = e.run(t, clitest.Session{}.Command(t.Context(), t, clitest.Binary(), "push", "from-spec", spec))
	requests = e.seen.Load()
	if want := map[bool]int{true: -1, false: 130}[signal == syscall.SIGKILL]; code != 0 && code != want && code != 4 {
		t.Errorf("ended by %v at request %d with exit code %d, want %d", signal, nth, code, want)
	}
	then := map[string]digest.Digest{}
	for _, tag := range []string{"all", "one", "two"} {
		got := g.FetchManifest(t, repo, tag)
		if got.Status == http.StatusOK {
			then[tag] = digest.FromBytes(got.Body)
		}
	}
	again := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository(repo), again), images.Objects()...)
	for _, tag := range []string{"all", "one", "two"} {
		before := map[bool]digest.Digest{true: old.Digest()}[tag == "all"]
		if then[tag] != before && then[tag] != again {
			t.Errorf("after %v at request %d the tag %s names %q", signal, nth, tag, then[tag])
		}
		if now, _ := g.Manifest(t, repo, tag); now.Digest != again {
			t.Errorf("after the second run the tag %s names %s, want %s", tag, now.Digest, again)
		}
	}
	return requests, code
}
