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
	Nth     int
	Signal  os.Signal
	process chan *os.Process

	mu   sync.Mutex
	Seen int
	sent time.Time
}

// Intercept counts the requests of all proxies it is given to. The one that is
// the nth gets no answer: the registry does not see it, and the process gets
// the signal.
func (e *killer) Intercept(_ http.ResponseWriter, r *http.Request) bool {
	e.mu.Lock()
	e.Seen++
	hit := e.Seen == e.Nth
	e.mu.Unlock()
	if hit {
		process := <-e.process
		e.mu.Lock()
		e.sent = time.Now()
		e.mu.Unlock()
		_ = process.Signal(e.Signal)
		<-r.Context().Done()
	}
	return hit
}

// killResult is how a process under test ended.
type killResult struct {
	result
	// Reached is set when the nth request came, so that the signal was sent;
	// took is the time from the signal to the end.
	Reached bool
	Took    time.Duration
}

// Run starts the binary and waits for its end.
func (e *killer) Run(t *testing.T, args ...string) killResult {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e.process = make(chan *os.Process, 1)
	c := session{}.Command(t.Context(), t, binaryPath(), args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	must(t, c.Start())
	e.process <- c.Process
	_ = c.Wait() // how it ended is looked at by the caller
	e.mu.Lock()
	defer e.mu.Unlock()
	return killResult{
		result:  result{Stdout: stdout.String(), Stderr: stderr.String(), Code: c.ProcessState.ExitCode()},
		Reached: !e.sent.IsZero(),
		Took:    time.Since(e.sent),
	}
}

// killCopy is a copy of five platforms under three tags, between registries or
// into a layout.
type killCopy struct {
	Source, Target *registry // the target is nil for layouts
	Images         imageSet
	Old            object
}

// newKillCopy puts the images into the source registry.
func newKillCopy(t *testing.T, source, target *registry) killCopy {
	t.Helper()
	k := killCopy{Source: source, Target: target}
	for _, name := range []string{"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x", "linux/ppc64le"} {
		k.Images = append(k.Images, tagged{Tag: strings.ReplaceAll(name, "/", "-"), Image: newImage(t, ociMedia(), "kill "+name, platform(name), 1)})
	}
	source.PutImages(t, "kill/app", k.Images)
	k.Old = newIndex(t, ociMedia(), newImage(t, ociMedia(), "kill old", platform("linux/amd64"), 1))
	return k
}

// killTags are the tags of the copy; the first two name another index before.
func killTags() []string { return []string{"one", "two", "three"} }

// killTarget is one place a copy goes to.
type killTarget struct {
	place
	Name     string // of the repository
	Layout   layout
	Registry *registry
}

// NewTarget makes a target with the old index under two of the tags.
func (k killCopy) NewTarget(t *testing.T, name string) killTarget {
	t.Helper()
	if k.Target == nil {
		dir := writeLayout(t, map[string]object{"one": k.Old, "two": k.Old})
		return killTarget{place: dir, Layout: dir}
	}
	for _, tag := range killTags()[:2] {
		k.Target.Put(t, name, tag, k.Old)
	}
	return killTarget{place: k.Target.Repository(name), Name: name, Registry: k.Target}
}

// LookupTag returns the digest of a tag, "" where there is none.
func (a killTarget) LookupTag(t *testing.T, tag string) digest.Digest {
	t.Helper()
	if a.Registry == nil {
		return a.Layout.LookupTag(t, tag)
	}
	got := a.Registry.FetchManifest(t, a.Name, tag)
	if got.Status == http.StatusNotFound {
		return ""
	}
	got.WantStatus(t, http.StatusOK)
	return digest.FromBytes(got.Body)
}

// Args are the arguments of the copy, by way of proxies that the ender watches.
func (k killCopy) Args(t *testing.T, e *killer, at killTarget) []string {
	t.Helper()
	source, _ := k.Source.BehindProxy(t, e.Intercept)
	target := "oci-layout://" + string(at.Layout) + ":one"
	if at.Registry != nil {
		proxied, _ := k.Target.BehindProxy(t, e.Intercept)
		target = proxied.Host + "/" + at.Name + ":one"
	}
	spec := fmt.Sprintf("tags: [%s]\n", strings.Join(killTags()[1:], ", ")) + k.Images.Spec(target, source.Host+"/kill/app:%s")
	return []string{"push", "from-spec", specFile(t, "", spec)}
}
