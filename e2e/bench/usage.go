//go:build e2e

package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"manifest-tool/e2e/bench/client"
)

// usage is what a process took.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // resident memory, in bytes
}

// measurer is the path of the program that starts what is measured.
type measurer string

// newMeasurer builds it into dir.
func newMeasurer(ctx context.Context, dir string) (measurer, error) {
	path, err := build(ctx, dir, "manifest-tool/e2e/bench/measure")
	return measurer(path), err
}

// run runs a program and returns what it took. An exit code other than 0 is an
// error.
func (m measurer) run(ctx context.Context, env []string, path string, step client.Step) (usage, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return usage{}, err
	}
	defer read.Close()
	cmd := exec.CommandContext(ctx, string(m), append([]string{path}, step.Args...)...)
	cmd.Env, cmd.Stdin = env, strings.NewReader(step.Stdin)
	cmd.ExtraFiles = []*os.File{write} // file descriptor 3
	out, err := cmd.CombinedOutput()
	if closeErr := write.Close(); err == nil {
		err = closeErr
	}
	var u usage
	code := 0
	if err == nil {
		_, err = fmt.Fscan(read, &u.wall, &u.cpu, &u.peak, &code)
	}
	if err == nil && code != 0 {
		err = fmt.Errorf("exit code %d", code)
	}
	if err != nil {
		return u, fmt.Errorf("measuring %s %s: %w\n%s", path, strings.Join(step.Args, " "), err, out)
	}
	return u, nil
}

// medianOf returns the middle of the values that of takes from the usages.
func medianOf[T cmp.Ordered](all []usage, of func(usage) T) T {
	var values []T
	for _, u := range all {
		values = append(values, of(u))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func wallOf(u usage) time.Duration { return u.wall }
func cpuOf(u usage) time.Duration  { return u.cpu }
func peakOf(u usage) int64         { return u.peak }

// zcatTar lists layers the way everybody does, one after the other.
func (m measurer) zcatTar(ctx context.Context, layers []string) (usage, error) {
	script := `set -o pipefail; for layer; do zcat "$layer" | tar t || exit; done >/dev/null`
	return m.run(ctx, os.Environ(), "bash", client.Step{Args: append([]string{"-c", script, "bash"}, layers...)})
}
