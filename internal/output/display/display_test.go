package display

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/output"
	"manifest-tool/internal/output/display/screentest"
	"manifest-tool/internal/progress"
)

// run is a run whose progress is shown, on a terminal of 80 columns.
type run struct {
	*Progress
	terminal *screentest.Terminal
	notices  output.Notices
}

// startRun starts a run in a bubble with a clock of its own. env is NAME=value.
func startRun(mode string, isTerminal bool, env ...string) run {
	terminal := screentest.New(80)
	size := func() (int, int) { return 80, 24 }
	if !isTerminal {
		size = nil
	}
	s := NewScreen(terminal, size)
	notices := output.Notices{Out: s.Stream(terminal)}
	getenv := func(name string) string {
		for _, e := range env {
			if value, ok := strings.CutPrefix(e, name+"="); ok {
				return value
			}
		}
		return ""
	}
	p := Start(Options{Mode: mode, Screen: s, Notices: notices, Getenv: getenv, Unicode: true})
	return run{p, terminal, notices}
}

// copyFor copies a blob of a size at a steady rate, all of it in a duration. Its bytes
// arrive a millisecond early, so that no two things happen at one time.
func (r run) copyFor(digit string, size int64, d time.Duration) {
	b := r.Tracker().Start(progress.Transfer{Action: progress.ActionCopy, Digest: sha(digit), From: "src", To: "dst", Size: size})
	wait := d/100 - time.Millisecond
	for i := range int64(100) {
		time.Sleep(wait)
		b.Reached(size * (i + 1) / 100)
		wait = d / 100
	}
	b.End(nil)
}

func (r run) lines() []string {
	if r.terminal.Text() == "" {
		return nil
	}
	return strings.Split(r.terminal.Text(), "\n")
}

func (r run) want(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, r.lines()); diff != "" {
		t.Errorf("it shows (-want +got):\n%s", diff)
	}
	if u := r.terminal.Unknown(); len(u) > 0 {
		t.Errorf("control sequences %q", u)
	}
}

// TestProgressOfAShortRun shows nothing, in all modes and whatever else the run waits for.
func TestProgressOfAShortRun(t *testing.T) {
	for _, isTerminal := range []bool{true, false} {
		for _, mode := range []string{"auto", "plain", "json", "none"} {
			synctest.Test(t, func(t *testing.T) {
				r := startRun(mode, isTerminal)
				time.Sleep(time.Hour)
				if r.Progress != nil {
					r.copyFor("a", 1e6, 400*time.Millisecond)
				}
				r.Close(true)
				r.want(t)
			})
		}
	}
}

// TestProgressThatIsNotUsed ends with a run that moves no blob.
func TestProgressThatIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRun("auto", true)
		time.Sleep(time.Hour)
		r.Close(false)
		r.Close(true)
		r.want(t)
	})
}

func TestProgressOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRun("auto", true)
		go r.copyFor("a", 4e6, 4*time.Second)
		time.Sleep(450 * time.Millisecond)
		r.want(t)
		time.Sleep(1600 * time.Millisecond)
		r.want(t,
			"src aaaaaaaaaaaa            ████████████░░░░░░░░░░░░  2.0 MB / 4.0 MB  1.0 MB/s",
			"0 of 1 blob, 2s left        ████████████░░░░░░░░░░░░  2.0 MB / 4.0 MB  1.0 MB/s")
		r.notices.Warn("something")
		r.want(t, "warning: something",
			"src aaaaaaaaaaaa            ████████████░░░░░░░░░░░░  2.0 MB / 4.0 MB  1.0 MB/s",
			"0 of 1 blob, 2s left        ████████████░░░░░░░░░░░░  2.0 MB / 4.0 MB  1.0 MB/s")
		time.Sleep(2 * time.Second)
		r.Close(true)
		r.want(t, "warning: something", "progress: 1 blob, 4.0 MB in 4.1s, 988 kB/s")
	})
}

// TestProgressOfAFailedRun removes the bars, and adds nothing to what was there before
// or, without a terminal, to the lines: the error follows.
func TestProgressOfAFailedRun(t *testing.T) {
	for _, mode := range []string{"auto", "plain"} {
		synctest.Test(t, func(t *testing.T) {
			r := startRun(mode, true)
			fmt.Fprintln(r.notices.Out, "before")
			go r.copyFor("a", 1e7, 10*time.Second)
			time.Sleep(3 * time.Second)
			before := r.lines()
			r.Close(false)
			if mode == "auto" {
				before = []string{"before"}
			}
			r.want(t, before...)
			time.Sleep(time.Minute)
		})
	}
}

// TestProgressModes holds what auto means, and that the lines of a log come late.
func TestProgressModes(t *testing.T) {
	for _, c := range []struct {
		name, mode string
		isTerminal bool
		env        []string
		after      time.Duration
		want       string // the beginning of the first line
	}{
		{"terminal", "auto", true, nil, time.Second, "src aaa"},
		{"pipe", "auto", false, nil, 4900 * time.Millisecond, ""},
		{"pipe, later", "auto", false, nil, 5600 * time.Millisecond, "progress: copying aaa"},
		{"pipe, on request", "plain", false, nil, time.Second, "progress: copying aaa"},
		{"terminal, on request", "plain", true, nil, time.Second, "progress: copying aaa"},
		{"no colour", "auto", true, []string{"NO_COLOR=1"}, time.Second, "src aaa"},
		{"dumb terminal", "auto", true, []string{"TERM=dumb"}, 5600 * time.Millisecond, "progress: copying aaa"},
		{"JSON", "json", true, nil, time.Second, `{"schema":"progress/v1","event":"blob"`},
		{"none", "none", true, nil, 10 * time.Second, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := startRun(c.mode, c.isTerminal, c.env...)
				if r.Progress == nil {
					return
				}
				go r.copyFor("a", 1e7, 10*time.Second)
				time.Sleep(c.after)
				if got := r.terminal.Text(); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
					t.Errorf("after %v it shows %q, want %q", c.after, got, c.want)
				}
				time.Sleep(time.Minute)
				r.Close(true)
			})
		})
	}
}

// TestProgressLines holds how many lines a log gets: in five seconds one for each blob and
// one for all, rarely in a long run.
func TestProgressLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p := Start(Options{Mode: "auto", Notices: output.Notices{Out: &log}})
		r := run{Progress: p}
		go r.copyFor("b", 1e6, 12*time.Second)
		time.Sleep(50 * time.Millisecond)
		r.copyFor("a", 1e8, 20*time.Second)
		p.Close(true)
		want := `progress: copying bbbbbbbbbbbb from src to dst: 410 kB of 1.0 MB, 82 kB/s
progress: copying aaaaaaaaaaaa from src to dst: 24 MB of 100 MB, 4.8 MB/s
progress: 0 of 2 blobs, 24 MB of 101 MB, 4.9 MB/s, 16s left
`
		if got := log.String(); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 3+3+1+2+2+1 || strings.ContainsAny(got, "\r\x1b") ||
			!strings.Contains(got, "progress: copied bbbbbbbbbbbb from src to dst: 1.0 MB in 12s\n") ||
			!strings.HasSuffix(got, "progress: 2 blobs, 101 MB in 20s, 5.0 MB/s\n") {
			t.Errorf("got:\n%s", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p := Start(Options{Mode: "plain", Notices: output.Notices{Out: &log}})
		run{Progress: p}.copyFor("a", 1e8, 10*time.Hour)
		p.Close(true)
		if n := strings.Count(log.String(), "\n"); n > 1300 {
			t.Errorf("%d lines in ten hours", n)
		}
	})
}
