//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
)

// killer ends the process under test when it sends its nth request. The first
// signal to be sent is held until the process is known.
type killer struct {
	nth     int
	signal  os.Signal
	process chan *os.Process

	mu   sync.Mutex
	seen int
	sent time.Time
}

// intercept counts the requests of all proxies it is given to. The one that is
// the nth gets no answer: the registry does not see it, and the process gets
// the signal.
func (e *killer) intercept(_ http.ResponseWriter, r *http.Request) bool {
	e.mu.Lock()
	e.seen++
	hit := e.seen == e.nth
	e.mu.Unlock()
	if hit {
		process := <-e.process
		e.mu.Lock()
		e.sent = time.Now()
		e.mu.Unlock()
		_ = process.Signal(e.signal)
		<-r.Context().Done()
	}
	return hit
}

// killResult is how a process under test ended.
type killResult struct {
	result
	// reached is set when the nth request came, so that the signal was sent;
	// took is the time from the signal to the end.
	reached bool
	took    time.Duration
}

// run starts the binary and waits for its end.
func (e *killer) run(t *testing.T, args ...string) killResult {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e.process = make(chan *os.Process, 1)
	c := session{}.command(t.Context(), t, binaryPath(), args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	must(t, c.Start())
	e.process <- c.Process
	_ = c.Wait() // how it ended is looked at by the caller
	e.mu.Lock()
	defer e.mu.Unlock()
	return killResult{
		result:  result{stdout: stdout.String(), stderr: stderr.String(), code: c.ProcessState.ExitCode()},
		reached: !e.sent.IsZero(),
		took:    time.Since(e.sent),
	}
}

// killCopy is a copy of five platforms under three tags, between registries or
// into a layout.
type killCopy struct {
	source, target *registry // the target is nil for layouts
	images         imageSet
	old            object
}

// newKillCopy puts the images into the source registry.
func newKillCopy(t *testing.T, source, target *registry) killCopy {
	t.Helper()
	k := killCopy{source: source, target: target}
	for _, name := range []string{"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x", "linux/ppc64le"} {
		k.images = append(k.images, tagged{strings.ReplaceAll(name, "/", "-"), newImage(t, ociMedia(), "kill "+name, platform(name), 1)})
	}
	source.putImages(t, "kill/app", k.images)
	k.old = newIndex(t, ociMedia(), newImage(t, ociMedia(), "kill old", platform("linux/amd64"), 1))
	return k
}

// killTags are the tags of the copy; the first two name another index before.
func killTags() []string { return []string{"one", "two", "three"} }

// killTarget is one place a copy goes to.
type killTarget struct {
	place
	name string // of the repository
	dir  layout
	reg  *registry
}

// fresh makes a target with the old index under two of the tags.
func (k killCopy) fresh(t *testing.T, name string) killTarget {
	t.Helper()
	if k.target == nil {
		dir := writeLayout(t, map[string]object{"one": k.old, "two": k.old})
		return killTarget{place: dir, dir: dir}
	}
	for _, tag := range killTags()[:2] {
		k.target.put(t, name, tag, k.old)
	}
	return killTarget{place: repository{k.target, name}, name: name, reg: k.target}
}

// named returns the digest of a tag, "" where there is none.
func (a killTarget) named(t *testing.T, tag string) digest.Digest {
	t.Helper()
	if a.reg == nil {
		return a.dir.taggedOrNone(t, tag)
	}
	got := a.reg.fetchManifest(t, a.name, tag)
	if got.status == http.StatusNotFound {
		return ""
	}
	got.want(t, http.StatusOK)
	return digest.FromBytes(got.body)
}

// args are the arguments of the copy, by way of proxies that the ender watches.
func (k killCopy) args(t *testing.T, e *killer, at killTarget) []string {
	t.Helper()
	source, _ := k.source.behind(t, e.intercept)
	target := "oci-layout://" + string(at.dir) + ":one"
	if at.reg != nil {
		proxied, _ := k.target.behind(t, e.intercept)
		target = proxied.host + "/" + at.name + ":one"
	}
	spec := fmt.Sprintf("tags: [%s]\n", strings.Join(killTags()[1:], ", ")) + k.images.spec(target, source.host+"/kill/app:%s")
	return []string{"push", "from-spec", specFile(t, "", spec)}
}
