//go:build e2e

package matrix

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fault"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
	"manifest-tool/internal/store/transport"
)

// reads says whether a kind is met by reading; the others are met by writing.
func reads(kind string) bool {
	return slices.Contains([]string{"opening", "token", "get manifest", "get blob"}, kind)
}

// matrixRun is one run of the matrix: a kind of request that meets a mishap, the
// first time only or every time.
type matrixRun struct {
	kind, fault string
	always      bool

	p       *fault.Registry
	backend *registrytest.Registry // as the stage reaches it
	layout  fixture.Layout         // the target of reading, the source of writing
	repo    string
	old     fixture.Object
	index   fixture.Object
	run     fault.InProcess
	hits    atomic.Int64
	logins  *atomic.Int64
	done    fault.InProcessResult
}

// prepare puts the content in place; nothing of the product runs yet. backend is
// nil for a registry in memory.
func (c *matrixRun) prepare(t *testing.T, backend *registrytest.Registry, number int) {
	t.Helper()
	c.repo = fmt.Sprintf("%s/%s/%d", c.fault, strings.ReplaceAll(c.kind, " ", "-"), number)
	name := fmt.Sprintf("%s %s %v %d", c.kind, c.fault, c.always, number)
	// One blob is all there is to send, so that nothing happens beside it. The
	// platform's version makes each image another.
	image := fixture.NewImage(t, fixture.OCI(), name, fixture.ParsePlatform("linux/amd64:"+name), 0)
	c.index = fixture.NewIndex(t, fixture.OCI(), image)
	c.old = fixture.NewIndex(t, fixture.OCI(), fixture.NewImage(t, fixture.OCI(), name, fixture.ParsePlatform("linux/amd64:old "+name), 0))
	c.p = &fault.Registry{SingleUse: c.fault == "refuse", Pick: c.picks()}
	c.backend, c.p.Backend = fault.NewBackend(t, backend)
	c.p.Storage, c.logins = fault.StartStorage(t, c.p.Backend)
	if c.fault == "h2-reset" {
		c.p.Cert = fault.NewCertificate(t)
	}
	c.p.Open(t)
	c.place(t)
	c.run.Home = fault.HomeWithLogin(t, c.p.Host)
	c.run.Timing = transport.Timing{ResponseHeader: fault.RunLimit, BlobResponse: fault.RunLimit, BodyIdle: fault.RunLimit}
	if c.fault == "silent" { // long enough for the requests that are answered, on a busy machine too
		c.run.Timing = transport.Timing{ResponseHeader: 10 * time.Second, BlobResponse: 10 * time.Second, BodyIdle: 10 * time.Second}
	}
	if !c.always {
		c.run.OnWait = c.p.Restart
	}
}

// place puts the old index under the target's tag and the new one under the
// source's, and says which command copies one onto the other.
func (c *matrixRun) place(t *testing.T) {
	t.Helper()
	target, source := c.p.Host+"/"+c.repo+":1.0", ""
	if reads(c.kind) {
		c.backend.Put(t, c.repo, "1.0", c.index)
		c.layout = fixture.WriteLayout(t, map[string]fixture.Object{"1.0": c.old})
		target, source = "oci-layout://"+string(c.layout)+":1.0", target
	} else {
		c.backend.Put(t, c.repo, "1.0", c.old)
		c.layout = fixture.WriteLayout(t, map[string]fixture.Object{"1.0": c.index})
		source = "oci-layout://" + string(c.layout) + ":1.0"
	}
	spec := filepath.Join(t.TempDir(), "spec.yaml")
	clitest.Must(t, os.WriteFile(spec, []byte("image: "+target+"\nmanifests:\n  - image: "+source+"\n"), 0o600))
	c.run.Args = []string{"push", "from-spec", spec, "--debug", "--insecure"}
}

// picks has the cell's kind of request meet its mishap; of manifests that are
// written that is the tag.
func (c *matrixRun) picks() func(string, *http.Request) fault.Handler {
	happens := fault.Handlers()[c.fault]
	return func(kind string, r *http.Request) fault.Handler {
		switch {
		case kind == "post upload" && c.kind == "patch upload":
			return asksForChunks
		case kind == "put upload" && c.kind == "head blob":
			return answersOK
		case kind != c.kind, kind == "put manifest" && !strings.HasSuffix(r.URL.Path, "/1.0"):
			return nil
		}
		if n := c.hits.Add(1); n > 1 && !c.always {
			return nil
		}
		return happens
	}
}

// asksForChunks has an upload opened with the wish for chunks.
func asksForChunks(p *fault.Registry, w http.ResponseWriter, r *http.Request) {
	answer := fault.RecordResponse(p, r)
	if answer.Code == http.StatusAccepted {
		answer.Header().Set("OCI-Chunk-Min-Length", "1")
	}
	fault.SendResponse(w, r, answer, answer.Body.Len(), answer.Body.Bytes())
}

// answersOK has an upload closed with a status that does not say that the blob
// was stored.
func answersOK(p *fault.Registry, w http.ResponseWriter, r *http.Request) {
	answer := fault.RecordResponse(p, r)
	if answer.Code == http.StatusCreated {
		answer.Code = http.StatusOK
	}
	fault.SendResponse(w, r, answer, answer.Body.Len(), answer.Body.Bytes())
}

// named returns the digest under the target's tag.
func (c *matrixRun) named(t *testing.T) digest.Digest {
	t.Helper()
	if reads(c.kind) {
		return c.layout.ResolveTag(t, "1.0")
	}
	d, _ := c.backend.Manifest(t, c.repo, "1.0")
	return d.Digest
}

// outcome is how the run ended: ok, or the class of the failure with the exit
// code.
func (c *matrixRun) outcome() string {
	if c.done.Code == 0 {
		return "ok"
	}
	said := c.done.Stderr[max(0, strings.Index(c.done.Stderr, "manifest-tool failed")):]
	for _, class := range matrixClasses() {
		if regexp.MustCompile(class[1]).MatchString(said) {
			return fmt.Sprintf("%s:%d", class[0], c.done.Code)
		}
	}
	return fmt.Sprintf("?:%d", c.done.Code)
}

// matrixClasses are the ways to fail and what tells each on stderr, the more
// special ones first.
func matrixClasses() [][2]string {
	return [][2]string{
		{"token", `getting a token for`},
		{"redirect", `refusing (a redirect|to follow)`},
		{"unauthorized", `: unauthorized: `},
		{"denied", `: denied: `},
		{"busy", `: rate limited: `},
		{"missing", `: not found`},
		{"incomplete", `: incomplete: `},
		{"page", `is not a manifest or an index`},
		{"digest", `another digest|stored it as|it names sha256`},
		{"length", `longer than|larger than|ended after`},
		{"silent", `did not respond within`},
		{"refused", `connection refused`},
		{"broken", `connection reset|closed network connection|EOF|broken pipe|stream error`},
		{"server", `unexpected status code|the script says`},
	}
}
