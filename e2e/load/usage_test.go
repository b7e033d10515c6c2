//go:build e2e

package load

import (
	"bufio"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

const (
	// maxMemory is how much memory a service may use, in bytes.
	maxMemory = 256 << 20
	// slack is by how much goroutines and descriptors may differ before and after.
	slack = 5
	// idleLimit is longer than the service keeps connections that it does not use: 90
	// seconds to registries.
	idleLimit = 2 * time.Minute
)

// usage is what a service uses, by its own metrics.
type usage struct {
	goroutines, descriptors, memory, peak int
	// cpu is the time of the processor so far: unlike other times it depends little on
	// what else the machine does.
	cpu time.Duration
}

func (u usage) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %d MiB, peak %d MiB", u.goroutines, u.descriptors, u.memory>>20, u.peak>>20)
}

// readUsage reads the metrics over a connection of its own.
func readUsage(t *testing.T, v *clitest.Service) usage {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("descriptors and memory are in the metrics on Linux only")
	}
	pool := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: pool, Timeout: time.Minute}).Get(v.URL + "/metrics")
	clitest.Must(t, err)
	defer resp.Body.Close()
	values := map[string]float64{}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			values[name] = value
		}
	}
	u := usage{
		int(values["go_goroutines"]), int(values["process_open_fds"]),
		int(values["process_resident_memory_bytes"]), int(values["process_resident_memory_peak_bytes"]),
		time.Duration(values["process_cpu_seconds_total"] * float64(time.Second)),
	}
	if u.goroutines == 0 || u.descriptors == 0 || u.memory == 0 || u.peak == 0 {
		t.Fatalf("the metrics lack what is used: %+v", u)
	}
	return u
}

// logCost prints what each request of a load cost.
func logCost(t *testing.T, v *clitest.Service, before usage, count int) {
	t.Helper()
	t.Logf("%v of the processor for each request", ((readUsage(t, v).cpu - before.cpu) / time.Duration(count)).Round(time.Microsecond))
}

// wantBack waits until a service uses as many goroutines and descriptors as before.
func wantBack(t *testing.T, v *clitest.Service, before usage) {
	t.Helper()
	start := time.Now()
	now := readUsage(t, v)
	t.Logf("right after: %v", now)
	for now.goroutines > before.goroutines+slack || now.descriptors > before.descriptors+slack {
		if time.Since(start) > idleLimit {
			t.Fatalf("after %v: %v; before: %v", idleLimit, now, before)
		}
		time.Sleep(100 * time.Millisecond)
		now = readUsage(t, v)
	}
	t.Logf("before: %v; %v after: %v", before, time.Since(start).Round(time.Second), now)
}

// wantMemory checks the peak of the memory of a service.
func wantMemory(t *testing.T, v *clitest.Service) {
	t.Helper()
	if now := readUsage(t, v); now.peak > maxMemory {
		t.Errorf("the peak of memory is %d MiB, want %d or less", now.peak>>20, maxMemory>>20)
	}
}
