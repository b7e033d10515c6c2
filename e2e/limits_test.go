//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// memoryLimit is how much more than to say its version it may take to inspect
// a large index, in KiB.
const memoryLimit = 64 << 10

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
		raw := encode(t, ocispec.Manifest{
			Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
			Config: describe(ocispec.MediaTypeImageConfig, []byte(strconv.Itoa(i))),
			Layers: []ocispec.Descriptor{describe(ocispec.MediaTypeImageLayerGzip, []byte("layer "+strconv.Itoa(i)))},
		})
		entry := describe(ocispec.MediaTypeImageManifest, raw)
		entry.Platform = &ocispec.Platform{OS: "linux", Architecture: "amd64"}
		index.Manifests = append(index.Manifests, entry)
		m.children[entry.Digest.String()] = raw
	}
	m.index = encode(t, index)
	return m
}

// ServeHTTP answers GET of the tag and of the children.
func (m *manyChildren) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _, ref := splitPath(r.URL.Path)
	kind, raw := ocispec.MediaTypeImageManifest, m.children[ref]
	if raw == nil {
		kind, raw = ocispec.MediaTypeImageIndex, m.index
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Docker-Content-Digest", digest.FromBytes(raw).String())
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	_, _ = w.Write(raw)
}

// TestLimitsAnIndexOf18000EntriesIsInspectedInLittleMemory inspects an index
// of 3.5 MiB, all of whose children are there.
func TestLimitsAnIndexOf18000EntriesIsInspectedInLittleMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peak of memory is measured as Linux counts it")
	}
	many := newManyChildren(t, 18_000)
	server := httptest.NewServer(many)
	defer server.Close()
	var idle int64
	seen := 0
	waitFor(t, "five idle runs were looked at before they ended", func() bool {
		now, _ := peak(t, "version")
		if idle = max(idle, now); now > 0 {
			seen++
		}
		return seen == 5
	})
	for _, args := range [][]string{{"--raw"}, {"-o", "json"}, nil} {
		used, done := leastPeak(t, idle+memoryLimit, append([]string{"inspect", server.Listener.Addr().String() + "/many:1"}, args...)...)
		done.wantCode(t, 0)
		t.Logf("an index of %.2f MiB, %v: %.1f MiB above the %.1f MiB of an idle run",
			float64(len(many.index))/(1<<20), args, float64(used-idle)/1024, float64(idle)/1024)
	}
}

// leastPeak is peak for a run that must get by with so many KiB. On a busy
// machine the collector comes late, and more is there at once than is needed: so
// a run that took more is made again, up to three times in all.
func leastPeak(t *testing.T, limit int64, args ...string) (int64, result) {
	t.Helper()
	for try := 1; ; try++ {
		used, done := peak(t, args...)
		if used <= limit {
			return used, done
		}
		t.Logf("run %d took %d KiB, the limit is %d", try, used, limit)
		if try == 3 {
			t.Errorf("no run of three got by with %d KiB", limit)
			return used, done
		}
	}
}

// peak runs the binary and returns its peak of resident memory in KiB. What the
// kernel reports of a process that ended counts the memory of the test, which
// started it, so it is looked at while it runs.
func peak(t *testing.T, args ...string) (int64, result) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := session{}.command(t.Context(), t, os.Getenv(binaryVar), args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	must(t, c.Start())
	most, ended := make(chan int64, 1), make(chan struct{})
	go func() { most <- highWater(c.Process.Pid, ended) }()
	_ = c.Wait() // the caller looks at the exit code
	close(ended)
	return <-most, result{stdout: stdout.String(), stderr: stderr.String(), code: c.ProcessState.ExitCode()}
}

// highWater watches the peak of resident memory of a process until it ended.
func highWater(pid int, ended <-chan struct{}) (most int64) {
	line := regexp.MustCompile(`VmHWM:\s+(\d+) kB`)
	for {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if found := line.FindSubmatch(status); found != nil {
			now, _ := strconv.ParseInt(string(found[1]), 10, 64)
			most = max(most, now)
		}
		select {
		case <-ended:
			return most
		case <-time.After(time.Millisecond):
		}
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
	errorResponse(w, http.StatusTooManyRequests)
	return true
}

// TestLimitsACopyGetsThroughARateLimit copies ten images into a registry that
// takes five requests a second. LIMITS_RUNS says how often, once by default.
func TestLimitsACopyGetsThroughARateLimit(t *testing.T) {
	t.Parallel()
	runs, _ := strconv.Atoi(os.Getenv("LIMITS_RUNS"))
	for n := range max(1, runs) {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			source, target, limit := startOpen(t), startOpen(t), &rated{perSecond: 5}
			var images imageSet
			for i := range 10 {
				name := fmt.Sprintf("linux/amd64:%d", i)
				images = append(images, tagged{"n" + strconv.Itoa(i), newImage(t, ociMedia(), "rated "+name, platform(name), 1)})
			}
			images.put(t, source, "src")
			front, _ := target.behind(t, limit.intercept)
			spec := images.spec(front.host+"/rated:all", source.host+"/src:%s")
			done := manifestTool(t, "push", "from-spec", specFile(t, "", spec), "--debug")
			t.Logf("%d requests were refused", limit.refused)
			if limit.refused == 0 {
				t.Error("no request was refused: the limit is no limit")
			}
			if done.code != 0 {
				t.Fatalf("exit code %d\n%s", done.code, tail(strings.TrimSpace(done.stderr)))
			}
			wantEntries(t, wantComplete(t, repository{target, "rated"}, done.pushed(t)), images.images()...)
		})
	}
}
