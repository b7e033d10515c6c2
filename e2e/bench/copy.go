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

	"golang.org/x/sync/errgroup"

	"manifest-tool/e2e/bench/client"
	"manifest-tool/e2e/bench/far"
)

// What is copied: so many images with one layer of so many bytes each.
const (
	copyImages = 4
	layerBytes = 64 << 20
	payload    = copyImages * layerBytes
)

// contender is a client and one way it copies the images.
type contender struct {
	name, path string
	// steps returns the calls, which run side by side; to is the repository
	// HOST/NAME for the copies.
	steps func(to string) []client.Step
	used  []usage
}

// copyBench copies between two registries on this machine.
type copyBench struct {
	dir, data string // data is where the registries keep what they hold
	measurer  measurer
	images    []far.Image
	from      *far.Backend
}

// copyLayers copies large images from one registry to another, to a fresh one
// for each run, and prints bytes per second and memory.
func copyLayers(ctx context.Context, dir string, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench copy", flag.ContinueOnError)
	runs := flags.Int("runs", 3, "`number` of runs of each client")
	binary := flags.String("binary", "", "`path` of the manifest-tool to run; built when not given")
	only := flags.String("only", "", "run only these clients, a `list`: ours, crane, regctl, oras, skopeo")
	if err := flags.Parse(args); err != nil {
		return err
	}
	tool, err := ours(ctx, dir, *binary)
	if err != nil {
		return err
	}
	b := &copyBench{dir: dir}
	if b.measurer, err = newMeasurer(ctx, dir); err != nil {
		return err
	}
	if b.data, err = dataFolder(dir); err != nil {
		return err
	}
	defer os.RemoveAll(b.data)
	if err := b.stage(ctx); err != nil {
		return err
	}
	defer b.from.Close()
	contenders := b.contenders(client.All(tool), list(*only))
	for range *runs {
		for _, c := range contenders {
			u, err := b.run(ctx, c)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			c.used = append(c.used, u)
		}
	}
	fmt.Fprintf(out, "%d images with one layer of %d MiB each, from one registry to another; median of %d runs.\nThe registries keep their data in %s.\n\n",
		copyImages, layerBytes>>20, *runs, filepath.Dir(b.data))
	return printCopies(out, contenders)
}

// run has one contender copy to a fresh registry.
func (b *copyBench) run(ctx context.Context, c *contender) (usage, error) {
	data := filepath.Join(b.data, "to")
	to, err := far.Start(ctx, b.dir, data, far.Open)
	if err != nil {
		return usage{}, err
	}
	defer os.RemoveAll(data)
	defer to.Close()
	home, err := newHome(b.dir, far.Open)
	if err != nil {
		return usage{}, err
	}
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home}
	steps := c.steps(to.Host + "/app")
	each := make([]usage, len(steps))
	var g errgroup.Group
	for i, step := range steps {
		g.Go(func() (err error) {
			each[i], err = b.measurer.run(ctx, env, c.path, step)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return usage{}, err
	}
	return together(each), b.check(ctx, to)
}

// together is what processes took that ran side by side.
func together(each []usage) usage {
	var all usage
	for _, u := range each {
		all.wall, all.cpu, all.peak = max(all.wall, u.wall), all.cpu+u.cpu, all.peak+u.peak
	}
	return all
}

// check returns an error unless every image arrived.
func (b *copyBench) check(ctx context.Context, to *far.Backend) error {
	for _, image := range b.images {
		if _, err := to.Manifest(ctx, "app", image.Digest().String()); err != nil {
			return err
		}
	}
	return nil
}

func printCopies(out io.Writer, contenders []*contender) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "client\tper second\tseconds\tof processor time\tpeak memory\t")
	for _, c := range contenders {
		rate := int64(payload / medianOf(c.used, wallOf).Seconds())
		fmt.Fprintf(w, "%s\t%s\t%.2f\t%.2f\t%s\t\n", c.name, megabytes(rate),
			medianOf(c.used, wallOf).Seconds(), medianOf(c.used, cpuOf).Seconds(), megabytes(medianOf(c.used, peakOf)))
	}
	return w.Flush()
}
