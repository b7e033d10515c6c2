//go:build e2e

package server

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// The images of the test, the size of the cache in MiB, which they do not fit in, and
// what the service may use, in KiB.
const (
	manyNames   = 10_000
	smallCache  = "8"
	memoryLimit = 128 << 10
)

// TestFault100ManyNamesAreBounded asks for many images, each in a repository of its
// own: half of them exist, with different content.
func TestFault100ManyNamesAreBounded(t *testing.T) {
	t.Parallel()
	listener := registrytest.Listen(t)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		repository, _, _ := registrytest.SplitPath(r.URL.Path)
		if strings.HasPrefix(repository, "none/") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		body := manyPlatforms(repository)
		w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
		w.Header().Set("Docker-Content-Digest", digest.FromString(body).String())
		_, _ = w.Write([]byte(body)) // the service has gone
	})}
	go func() { _ = server.Serve(listener) }() // it ends with Close
	defer server.Close()
	host := listener.Addr().String()
	v := clitest.Session{}.Serve(t, "--allow-registry", host, "--rate", "0", "--cache-size", smallCache)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: time.Minute}
	defer client.CloseIdleConnections()

	names := make(chan string)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for name := range names {
				body, err := fetch(client, v.URL+"/v1/images/"+host+"/"+name+":1")
				if missing := strings.HasPrefix(name, "none/"); missing != (err != nil) {
					t.Errorf("%s: %v %s", name, err, body)
				}
			}
		})
	}
	for i := range manyNames / 2 {
		names <- fmt.Sprintf("team/project-with-a-long-name/app-%d", i)
		names <- fmt.Sprintf("none/project-with-a-long-name/app-%d", i)
	}
	close(names)
	wg.Wait()
	peak := peakMemory(t, v.PID())
	if peak > memoryLimit {
		t.Errorf("the service used %d KiB, the limit is %d", peak, memoryLimit)
	}
}

// manyPlatforms is an index of ten images, as official ones have.
func manyPlatforms(text string) string {
	var entries []string
	for i := range 10 {
		entries = append(entries, fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":1000,"platform":{"os":"linux","architecture":"arm","variant":"v%d"}}`,
			ocispec.MediaTypeImageManifest, digest.FromString(text+strconv.Itoa(i)), i))
	}
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[%s]}`, ocispec.MediaTypeImageIndex, strings.Join(entries, ","))
}

// peakMemory returns the peak of the resident memory of a process, in KiB.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	clitest.Must(t, err)
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		t.Fatalf("no peak in %s", status)
	}
	peak, err := strconv.ParseInt(string(found[1]), 10, 64)
	clitest.Must(t, err)
	return peak
}
