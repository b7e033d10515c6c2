//go:build e2e

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"manifest-tool/e2e/bench/client"
	"manifest-tool/e2e/bench/far"
)

// verifyBench measures what verify moves, takes and keeps in memory.
type verifyBench struct {
	dir, tool string
	measurer  measurer
	backend   *far.Backend
	// counter is the way to the backend, which counts what comes from it.
	counter *counter
}

// verifyRow is one line of the result.
type verifyRow struct {
	work        string
	size, moved int64 // of the image, and what came of it
	limit       float64
	used        usage
}

// maxMemory bounds the peak memory of verify, in bytes.
const maxMemory = 64 << 20

// verifyImages measures verify on images of many platforms with large layers,
// and on images whose layers are read completely.
func verifyImages(ctx context.Context, dir string, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench verify", flag.ContinueOnError)
	runs := flags.Int("runs", 3, "`number` of runs, with zcat and tar")
	binary := flags.String("binary", "", "`path` of the manifest-tool to run; built when not given")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &verifyBench{dir: dir}
	var err error
	if b.tool, err = ours(ctx, dir, *binary); err != nil {
		return err
	}
	if b.measurer, err = newMeasurer(ctx, dir); err != nil {
		return err
	}
	data, err := dataFolder(dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	if b.backend, err = far.Start(ctx, dir, filepath.Join(data, "registry"), far.Open); err != nil {
		return err
	}
	defer b.backend.Close()
	if b.counter, err = countTo(b.backend.Host); err != nil {
		return err
	}
	defer b.counter.close()
	rows, err := b.moved(ctx)
	if err != nil {
		return err
	}
	moved := printMoved(out, rows)
	speed := b.speed(ctx, data, *runs, out)
	if moved != nil {
		return moved
	}
	return speed
}

// moved measures the bytes that verify moves of images whose entrypoint is
// easily found.
func (b *verifyBench) moved(ctx context.Context) ([]verifyRow, error) {
	var rows []verifyRow
	for _, kind := range []struct {
		work, repo string
		limit      float64
		layers     layersOf
	}{
		{"entrypoint in a small top layer", "top", 0.05, topLayer},
		{"entrypoint by a table of contents, eStargz", "estargz", 0.01, estargzLayer},
		{"entrypoint by a table of contents, zstd:chunked", "chunked", 0.01, chunkedLayer},
	} {
		size, err := b.stage(ctx, kind.repo, kind.layers)
		if err != nil {
			return nil, err
		}
		before := b.counter.sum()
		u, err := b.verify(ctx, b.counter.host+"/"+kind.repo+":all")
		if err != nil {
			return nil, err
		}
		rows = append(rows, verifyRow{kind.work, size, b.counter.sum() - before, kind.limit, u})
	}
	return rows, nil
}

// verify runs our verify, which must find nothing.
func (b *verifyBench) verify(ctx context.Context, args ...string) (usage, error) {
	home, err := newHome(b.dir, far.Open)
	if err != nil {
		return usage{}, err
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home}
	return b.measurer.run(ctx, env, b.tool, client.Step{Args: append([]string{"verify"}, args...)})
}

// printMoved writes the first table, and returns an error where a limit is
// not held.
func printMoved(out io.Writer, rows []verifyRow) (err error) {
	fmt.Fprintf(out, "verify of an image of %d platforms with layers of %d MiB.\n\n", len(benchPlatforms()), benchLayer>>20)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "work\timage\tmoved\tshare\tlimit\tpeak memory\tseconds")
	for _, r := range rows {
		share := float64(r.moved) / float64(r.size)
		fmt.Fprintf(w, "%s\t%s\t%s\t%.2f %%\t%.0f %%\t%s\t%.2f\n", r.work, megabytes(r.size), megabytes(r.moved),
			100*share, 100*r.limit, megabytes(r.used.peak), r.used.wall.Seconds())
		if share > r.limit || r.used.peak > maxMemory {
			err = fmt.Errorf("%s: %.2f %% moved, %d bytes of memory", r.work, 100*share, r.used.peak)
		}
	}
	if flushed := w.Flush(); flushed != nil {
		return flushed
	}
	return err
}
