//go:build e2e

// Command bench measures manifest-tool and other registry clients. The make
// targets bench-wire, bench-start, bench-copy and bench-verify run it, each with the tools
// that e2e/bench/install gets in PATH; a client that is not there is named and
// left out.
//
//	bench wire    requests and round trips (-h lists how to run a part of it)
//	bench start   wall time, memory and size of the program itself
//	bench copy    bytes per second and memory while copying large layers
//	bench verify  bytes, memory and time of looking into images
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run hands the arguments to the benchmark they name.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("name a benchmark: wire, start, copy or verify")
	}
	switch args[0] {
	case "wire":
		return inFolder(func(dir string) error { return wire(ctx, dir, args[1:], out) })
	case "start":
		return inFolder(func(dir string) error { return start(ctx, dir, args[1:], out) })
	case "copy":
		return inFolder(func(dir string) error { return copyLayers(ctx, dir, args[1:], out) })
	case "verify":
		return inFolder(func(dir string) error { return verifyImages(ctx, dir, args[1:], out) })
	default:
		return fmt.Errorf("unknown benchmark %q: it is wire, start, copy or verify", args[0])
	}
}

// inFolder calls work with a temporary directory, which is removed afterwards.
func inFolder(work func(dir string) error) error {
	dir, err := os.MkdirTemp("", "manifest-tool-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return work(dir)
}

// ours returns the path of the manifest-tool to run: the one that was given, or
// else a new one, built as for a release.
func ours(ctx context.Context, dir, given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	return build(ctx, dir, "manifest-tool")
}

// build builds a package of this project into dir and returns the path of the
// binary.
func build(ctx context.Context, dir, pkg string) (string, error) {
	binary := filepath.Join(dir, path.Base(pkg))
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "e2e",
		"-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", binary, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return binary, nil
}
