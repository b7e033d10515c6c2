//go:build e2e

package fault

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

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// Killer signals the process under test when it sends its nth request. The
// first signal waits until the process is known.
type Killer struct {
	Nth     int
	Signal  os.Signal
	process chan *os.Process

	mu   sync.Mutex
	Seen int
	sent time.Time
}

// Intercept counts the requests of all proxies that use it as their
// interceptor. The nth request gets no response: the registry does not see it,
// and the process gets the signal.
func (e *Killer) Intercept(_ http.ResponseWriter, r *http.Request) bool {
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

// KillResult is how a process under test ended.
type KillResult struct {
	clitest.Result
	// Reached reports whether the nth request came, so that the signal was sent;
	// Took is the time from the signal to the end.
	Reached bool
	Took    time.Duration
}

// Run starts the binary with the arguments and waits for its end.
func (e *Killer) Run(t *testing.T, args ...string) KillResult {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e.process = make(chan *os.Process, 1)
	c := clitest.Session{}.Command(t.Context(), t, clitest.Binary(), args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	clitest.Must(t, c.Start())
	e.process <- c.Process
	_ = c.Wait() // how it ended is looked at by the caller
	e.mu.Lock()
	defer e.mu.Unlock()
	return KillResult{
		Result:  clitest.Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: c.ProcessState.ExitCode()},
		Reached: !e.sent.IsZero(),
		Took:    time.Since(e.sent),
	}
}

// CopyJob is a copy of five platforms under three tags, between registries or
// into a layout.
type CopyJob struct {
	Source, Target *registrytest.Registry // the target is nil for layouts
	Images         fixture.ImageSet
	Old            fixture.Object
}

// NewCopyJob returns a copy whose images are in the source registry. If target
// is nil it copies into layouts.
func NewCopyJob(t *testing.T, source, target *registrytest.Registry) CopyJob {
	t.Helper()
	k := CopyJob{Source: source, Target: target}
	for _, name := range []string{"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x", "linux/ppc64le"} {
		k.Images = append(k.Images, fixture.TaggedImage{Tag: strings.ReplaceAll(name, "/", "-"), Image: fixture.NewImage(t, fixture.OCI(), "kill "+name, fixture.ParsePlatform(name), 1)})
	}
	source.PutImages(t, "kill/app", k.Images)
	k.Old = fixture.NewIndex(t, fixture.OCI(), fixture.NewImage(t, fixture.OCI(), "kill old", fixture.ParsePlatform("linux/amd64"), 1))
	return k
}

// CopyTags returns the tags of the copy. The first two name another index
// before.
func CopyTags() []string { return []string{"one", "two", "three"} }

// CopyTarget is one target of a copy: a repository or a layout.
type CopyTarget struct {
	fixture.Reader
	Name     string // of the repository
	Layout   fixture.Layout
	Registry *registrytest.Registry
}

// NewTarget returns a target that has the old index under two of the tags.
func (k CopyJob) NewTarget(t *testing.T, name string) CopyTarget {
	t.Helper()
	if k.Target == nil {
		dir := fixture.WriteLayout(t, map[string]fixture.Object{"one": k.Old, "two": k.Old})
		return CopyTarget{Reader: dir, Layout: dir}
	}
	for _, tag := range CopyTags()[:2] {
		k.Target.Put(t, name, tag, k.Old)
	}
	return CopyTarget{Reader: k.Target.Repository(name), Name: name, Registry: k.Target}
}

// LookupTag returns the digest of a tag, or "" if the target does not have the
// tag.
func (a CopyTarget) LookupTag(t *testing.T, tag string) digest.Digest {
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

// Args returns the arguments of the copy, through proxies whose requests the
// killer counts.
func (k CopyJob) Args(t *testing.T, e *Killer, at CopyTarget) []string {
	t.Helper()
	source, _ := k.Source.BehindProxy(t, e.Intercept)
	target := "oci-layout://" + string(at.Layout) + ":one"
	if at.Registry != nil {
		proxied, _ := k.Target.BehindProxy(t, e.Intercept)
		target = proxied.Host + "/" + at.Name + ":one"
	}
	spec := fmt.Sprintf("tags: [%s]\n", strings.Join(CopyTags()[1:], ", ")) + k.Images.Spec(target, source.Host+"/kill/app:%s")
	return []string{"push", "from-spec", clitest.WriteSpec(t, "", spec)}
}
