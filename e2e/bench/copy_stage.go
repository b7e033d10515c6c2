//go:build e2e

package main

import (
	"context"
	"os"
	"path/filepath"
	"syscall"

	"manifest-tool/e2e/bench/far"
)

// stage fills the registry that is copied from: each image in a repository of
// its own, and all of them once more under an index.
func (b *copyBench) stage(ctx context.Context) (err error) {
	for i := range copyImages {
		layer, err := far.Noise(byte(i), layerBytes)
		if err != nil {
			return err
		}
		image, err := far.NewImage(i, layer)
		if err != nil {
			return err
		}
		b.images = append(b.images, image)
	}
	if b.from, err = far.Start(ctx, b.dir, filepath.Join(b.data, "from"), far.Open); err != nil {
		return err
	}
	g := plot{pair: pair{near: b.from, other: b.from}, scenario: scenario{from: otherRegistry}, name: "from", images: b.images}
	return g.store(ctx)
}

// dataFolder makes a directory for what the registries hold: in memory where
// there is room, so that no disk is measured, else below dir.
func dataFolder(dir string) (string, error) {
	const memory = "/dev/shm"
	var room syscall.Statfs_t
	if syscall.Statfs(memory, &room) == nil && room.Bavail*uint64(room.Bsize) > 4*payload {
		return os.MkdirTemp(memory, "manifest-tool-bench-")
	}
	return os.MkdirTemp(dir, "data-")
}
