//go:build e2e

// Package chaos runs random schedules of faults.
package chaos

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fault"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestChaos carries out random schedules of faults. CHAOS_RUNS says how many,
// CHAOS_SEED the seed of the first; a seed that fails is printed, and
// CHAOS_SEED=SEED CHAOS_RUNS=1 replays it. Every fourth seed plays before a
// real registry, the others before one in memory.
func TestChaos(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "chaos")[:2]
	index := chaosIndex(t, images)
	first, runs := chaosNumber(t, "CHAOS_SEED", 1), chaosNumber(t, "CHAOS_RUNS", 200)
	standing := registrytest.StartOpen(t)
	for seed := first; seed < first+runs; seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			backend := standing
			if seed%4 != 0 {
				backend = nil
			}
			chaos(t, newChaosEnv(t, newSchedule(seed), images, index, backend))
		})
	}
}

func chaosNumber(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	clitest.Must(t, err)
	return n
}

// chaosIndex is the index the product makes of the images where nothing goes
// wrong.
func chaosIndex(t *testing.T, images fixture.ImageSet) fixture.Object {
	t.Helper()
	from, to := fixture.WriteLayout(t, images.ByTag()), fixture.WriteLayout(t, nil)
	spec := images.Spec("oci-layout://"+string(to)+":1", "oci-layout://"+string(from)+":%s")
	done := fault.InProcess{Args: []string{"push", "from-spec", clitest.WriteSpec(t, "", spec)}, Home: t.TempDir()}.Run()
	return fixture.Object{MediaType: fixture.OCI().Index, Raw: to.Manifest(t, done.PushedDigest(t)), Children: images.Objects()}
}

// chaos plays a schedule and holds the run to what every run must keep to.
func chaos(t *testing.T, w *chaosEnv) {
	t.Helper()
	done := w.run(t, true)
	hosts := []string{w.source.Host, w.target.Host, w.source.Storage, w.target.Storage}
	for _, trouble := range fault.Violations(done, hosts...) {
		t.Error(trouble)
	}
	for _, n := range w.logins {
		if n.Load() > 0 {
			t.Error("a login came to the storage host")
		}
	}
	w.checkTags(t, done)
	w.stopFaults()
	again := w.run(t, false)
	if again.Code != 0 {
		t.Errorf("a second run without faults: exit code %d\n%s", again.Code, clitest.Tail(again.Stderr))
	}
	for _, tag := range w.tags {
		if now := w.at.LookupTag(t, tag); now != w.newIndex.Digest() {
			t.Errorf("after the second run %s names %q", tag, now)
		}
	}
	fixture.WantComplete(t, w.at, w.newIndex.Digest())
	if w.into == "layout" {
		fixture.WantNoTemporaryFiles(t, w.dir)
	}
	if t.Failed() {
		t.Logf("replay with CHAOS_SEED=%d CHAOS_RUNS=1: %s\nexit code %d\n%s", w.seed, w.schedule, done.Code, clitest.Tail(done.Stderr))
	}
}

// checkTags compares what the run said of the tags with what they are.
func (w *chaosEnv) checkTags(t *testing.T, done fault.InProcessResult) {
	t.Helper()
	said := done.Stderr[max(0, strings.Index(done.Stderr, "manifest-tool failed")):]
	for _, tag := range w.tags {
		now := w.at.LookupTag(t, tag)
		isNew := now == w.newIndex.Digest()
		if isNew {
			fixture.WantComplete(t, w.at, now)
		}
		line := regexp.MustCompile(fmt.Sprintf(`(?m)^  %s +(written|unchanged)$`, tag)).FindString(said)
		switch {
		case !isNew && now != w.before(tag):
			t.Errorf("%s names %q, neither the old nor the new index", tag, now)
		case done.Code == 0 && (!isNew || !strings.Contains(done.Stdout, "Digest: "+now.String()+" ")):
			t.Errorf("exit code 0, and %s names %s\n%s", tag, now, done.Stdout)
		case line != "" && !isNew:
			t.Errorf("it says %q, and %s names %q", line, tag, now)
		case done.Code == 4 && !strings.Contains(said, "\n  "+tag+" "):
			t.Errorf("partly done, and %s is not told of", tag)
		case done.Code != 0 && isNew && now != w.before(tag) && !strings.Contains(said, tag):
			t.Errorf("it failed, and %s moved without a word", tag)
		}
	}
	if done.Code != 0 && done.Code != 1 && done.Code != 4 {
		t.Errorf("exit code %d", done.Code)
	}
}
