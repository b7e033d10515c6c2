package cmd

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"manifest-tool/internal/manifest/push"
)

// endless is an input that nothing comes from.
type endless struct{ end chan struct{} }

func (e endless) Read([]byte) (int, error) {
	<-e.end
	return 0, errors.New("ended")
}

// TestATimeoutEndsTheWaitForInput has a spec come from a pipe that stays open.
func TestATimeoutEndsTheWaitForInput(t *testing.T) {
	in := endless{make(chan struct{})}
	defer close(in.end)
	for _, args := range [][]string{
		{"push", "from-spec", "-"},
		{"--username=u", "--password-stdin", "inspect", "a.example/b:1"},
	} {
		var errOut bytes.Buffer
		begin := time.Now()
		code := Main(append([]string{"--timeout=50ms"}, args...), Deps{
			In: in, Out: &bytes.Buffer{}, Err: &errOut, Getenv: func(string) string { return "" },
		})
		if code == 0 || !strings.Contains(errOut.String(), "the run took longer than its timeout of 50ms: ") {
			t.Errorf("%v: exit code %d: %s", args, code, errOut.String())
		}
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("%v: it took %s", args, took)
		}
	}
}

// TestWhatATimeoutComesTo holds the exit codes of a run that took too long.
func TestWhatATimeoutComesTo(t *testing.T) {
	var l runTimeout
	ctx := l.start(t.Context(), time.Nanosecond)
	defer l.close()
	<-ctx.Done()
	for _, c := range []struct {
		name string
		err  error
		want int
	}{
		{"done all the same", nil, 0},
		{"nothing was written", context.DeadlineExceeded, 1},
		{"some tags were written", &push.PartialError{Err: context.DeadlineExceeded}, 4},
	} {
		if got := exitCode(t.Context(), l.wrap(c.err)); got != c.want {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.want)
		}
	}
	var none runTimeout
	plain := errors.New("broken")
	if none.start(t.Context(), 0); !errors.Is(none.wrap(plain), plain) || errors.As(none.wrap(plain), new(*timeoutError)) {
		t.Error("a run without a limit is said to have taken too long")
	}
}
