//go:build e2e

package limits

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fault"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// manyChildren serves an index of so many images, and the images.
type manyChildren struct {
	index    []byte
	children map[string][]byte // by digest
}

func newManyChildren(t *testing.T, entries int) *manyChildren {
	t.Helper()
	m := &manyChildren{children: map[string][]byte{}}
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	for i := range entries {
		raw := clitest.EncodeJSON(t, ocispec.Manifest{
			Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
			Config: fixture.DescriptorOf(ocispec.MediaTypeImageConfig, []byte(strconv.Itoa(i))),
			Layers: []ocispec.Descriptor{fixture.DescriptorOf(ocispec.MediaTypeImageLayerGzip, []byte("layer "+strconv.Itoa(i)))},
		})
		entry := fixture.DescriptorOf(ocispec.MediaTypeImageManifest, raw)
		entry.Platform = &ocispec.Platform{OS: "linux", Architecture: "amd64"}
		index.Manifests = append(index.Manifests, entry)
		m.children[entry.Digest.String()] = raw
	}
	m.index = clitest.EncodeJSON(t, index)
	return m
}

// ServeHTTP answers GET of the tag and of the children.
func (m *manyChildren) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _, ref := registrytest.SplitPath(r.URL.Path)
	kind, raw := ocispec.MediaTypeImageManifest, m.children[ref]
	if raw == nil {
		kind, raw = ocispec.MediaTypeImageIndex, m.index
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Docker-Content-Digest", digest.FromBytes(raw).String())
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	_, _ = w.Write(raw)
}

// TestLimitsInspectMemory inspects an index of 3.5 MiB, all of whose children
// are there.
func TestLimitsInspectMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peak of memory is measured as Linux counts it")
	}
	many := newManyChildren(t, 18_000)
	server := httptest.NewServer(many)
	defer server.Close()
	var idle int64
	seen := 0
	clitest.WaitFor(t, "five idle runs were looked at before they ended", func() bool {
		now, _ := clitest.PeakMemory(t, "version")
		if idle = max(idle, now); now > 0 {
			seen++
		}
		return seen == 5
	})
	for _, args := range [][]string{{"--raw"}, {"-o", "json"}, nil} {
		used, done := clitest.LeastPeakMemory(t, idle+clitest.MemoryLimit, append([]string{"inspect", server.Listener.Addr().String() + "/many:1"}, args...)...)
		done.WantCode(t, 0)
		t.Logf("an index of %.2f MiB, %v: %.1f MiB above the %.1f MiB of an idle run",
			float64(len(many.index))/(1<<20), args, float64(used-idle)/1024, float64(idle)/1024)
	}
}

// rated lets so many requests a second through, in bursts of as many, and asks
// the others to come back after a second.
type rated struct {
	perSecond int
	mu        sync.Mutex
	spent     map[int64]int
	refused   int
}

func (l *rated) intercept(w http.ResponseWriter, _ *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now().Unix()
	if l.spent == nil {
		l.spent = map[int64]int{}
	}
	if l.spent[now]++; l.spent[now] <= l.perSecond {
		return false
	}
	l.refused++
	w.Header().Set("Retry-After", "1")
	fault.WriteError(w, http.StatusTooManyRequests)
	return true
}

// TestLimitsRateLimit copies ten images into a registry that takes five
// requests a second. LIMITS_RUNS says how often, once by default.
func TestLimitsRateLimit(t *testing.T) {
	t.Parallel()
	runs, _ := strconv.Atoi(os.Getenv("LIMITS_RUNS"))
	for n := range max(1, runs) {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			source, target, limit := registrytest.StartOpen(t), registrytest.StartOpen(t), &rated{perSecond: 5}
			var images fixture.ImageSet
			for i := range 10 {
				name := fmt.Sprintf("linux/amd64:%d", i)
				images = append(images, fixture.TaggedImage{Tag: "n" + strconv.Itoa(i), Image: fixture.NewImage(t, fixture.OCI(), "rated "+name, fixture.ParsePlatform(name), 1)})
			}
			source.PutImages(t, "src", images)
			front, _ := target.BehindProxy(t, limit.intercept)
			spec := images.Spec(front.Host+"/rated:all", source.Host+"/src:%s")
			done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, "", spec), "--debug")
			t.Logf("%d requests were refused", limit.refused)
			if limit.refused == 0 {
				t.Error("no request was refused: the limit is no limit")
			}
			if done.Code != 0 {
				t.Fatalf("exit code %d\n%s", done.Code, clitest.Tail(strings.TrimSpace(done.Stderr)))
			}
			fixture.WantEntries(t, fixture.WantComplete(t, target.Repository("rated"), done.PushedDigest(t)), images.Objects()...)
		})
	}
}
