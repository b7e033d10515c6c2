//go:build e2e

package progress

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

// TestPipe holds what a log gets: nothing of a run of some seconds, unless lines or
// events are requested.
func TestPipe(t *testing.T) {
	t.Parallel()
	image := slowImage(t)
	run := func(t *testing.T, env ...string) clitest.Result {
		t.Helper()
		got := clitest.Session{Env: env}.Run(t, "push", "from-spec", specOf(t, image))
		got.PushedDigest(t) // and nothing else on standard output
		return got
	}
	t.Run("auto", func(t *testing.T) {
		t.Parallel()
		for range 5 {
			begun := time.Now()
			got := run(t)
			if time.Since(begun) > 5*time.Second { // lines come after that, on a busy machine
				continue
			}
			if got.Stderr != "" {
				t.Errorf("stderr: %q", got.Stderr)
			}
			return
		}
		t.Skip("no run was shorter than five seconds")
	})
	t.Run("plain", func(t *testing.T) {
		t.Parallel()
		got := run(t, "MANIFEST_TOOL_PROGRESS=plain").Stderr
		line := regexp.MustCompile(`^progress: (copying [0-9a-f]{12} from \S+/team/app to \S+/app: [0-9.]+ kB of [0-9.]+ kB, [0-9.]+ kB/s|[0-4] of 4 blobs, .*|4 blobs, [0-9.]+ [kM]B in .*/s|copied .*)$`)
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		for _, l := range lines {
			if !line.MatchString(l) {
				t.Errorf("line %q", l)
			}
		}
		if len(lines) < 3 || len(lines) > 8 {
			t.Errorf("%d lines:\n%s", len(lines), got)
		}
	})
	t.Run("json", func(t *testing.T) {
		t.Parallel()
		got := run(t, "MANIFEST_TOOL_PROGRESS=json").Stderr
		clitest.WantSchema(t, "progress", got)
		for _, part := range []string{`"event":"blob"`, `"state":"active"`, `"state":"copied"`, `"event":"total"`} {
			if !strings.Contains(got, part) {
				t.Errorf("there is no %s in:\n%s", part, got)
			}
		}
		if end := got[strings.LastIndex(strings.TrimSuffix(got, "\n"), "\n")+1:]; !strings.Contains(end, `"event":"end"`) || !strings.Contains(end, `"blobs":4,"ended":4,"skipped":0,"failed":0`) {
			t.Errorf("the last line is %s", end)
		}
	})
	t.Run("verify", func(t *testing.T) {
		t.Parallel()
		got := clitest.Run(t, "verify", "--deep", "--progress", "json", image)
		got.WantCode(t, 3)
		events, _, _ := strings.Cut(got.Stderr, "manifest-tool: verify found")
		clitest.WantSchema(t, "progress", events)
		if !strings.Contains(events, `"action":"read","state":"read"`) || !strings.Contains(events, `"succeeded":true`) {
			t.Errorf("stderr:\n%s", got.Stderr)
		}
	})
}
