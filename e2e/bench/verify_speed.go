//go:build e2e

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
)

const (
	// maxRatio bounds how much longer it may take to look at every program of
	// an image of several layers than to list the layers with zcat and tar, on
	// two processors or more.
	maxRatio = 0.6
	// maxRatioAlone is the same for an image of one layer, which one processor
	// decompresses.
	maxRatioAlone = 1.0
)

// speedImage is an image whose layers are read completely.
type speedImage struct {
	name   string
	layers []string // files
	ref    string
	size   int64
	limit  float64

	listing, ours []usage
}

// speed measures how long it takes to look at every program of images, with
// zcat and tar in turn.
func (b *verifyBench) speed(ctx context.Context, data string, runs int, out io.Writer) error {
	images, err := b.debianImages(ctx, data)
	if err != nil {
		return err
	}
	alone, err := b.toolchain(ctx, data)
	if err != nil {
		return err
	}
	images = append(images, alone)
	for i := range images {
		w := &images[i]
		for range runs {
			listing, err := b.measurer.zcatTar(ctx, w.layers)
			if err != nil {
				return err
			}
			ours, err := b.verify(ctx, "--binaries", "all", "--severity", "error", w.ref)
			if err != nil {
				return err
			}
			w.listing, w.ours = append(w.listing, listing), append(w.ours, ours)
		}
	}
	return printSpeed(out, images)
}

// printSpeed writes the second table, and returns an error where a limit is not
// held.
func printSpeed(out io.Writer, images []speedImage) (err error) {
	fmt.Fprintf(out, "\nEvery program of an image, verify --binaries all of a layout, with zcat | tar t for comparison; medians, %d processors.\n\n", runtime.NumCPU())
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "image\tlayers\tsize\tzcat | tar t\tCPU\tverify\tCPU\tratio\tlimit\tpeak memory")
	for _, i := range images {
		listing, ours, peak := medianOf(i.listing, wallOf), medianOf(i.ours, wallOf), medianOf(i.ours, peakOf)
		ratio := ours.Seconds() / listing.Seconds()
		fmt.Fprintf(w, "%s\t%d\t%s\t%.2f s\t%.2f s\t%.2f s\t%.2f s\t%.2f\t%.1f\t%s\n", i.name, len(i.layers), megabytes(i.size),
			listing.Seconds(), medianOf(i.listing, cpuOf).Seconds(), ours.Seconds(), medianOf(i.ours, cpuOf).Seconds(), ratio, i.limit, megabytes(peak))
		if ratio > i.limit || peak > maxMemory {
			err = errors.Join(err, fmt.Errorf("%s: %.2f times as long as zcat and tar, %d bytes of memory", i.name, ratio, peak))
		}
	}
	return errors.Join(w.Flush(), err)
}
