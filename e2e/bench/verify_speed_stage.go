//go:build e2e

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/bench/far"
)

// debianImages returns the images that the script images makes, as layouts.
func (b *verifyBench) debianImages(ctx context.Context, data string) ([]speedImage, error) {
	cmd := exec.CommandContext(ctx, "e2e/bench/images")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("making images of Debian's packages: %w", err)
	}
	dirs, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "*"))
	if err != nil {
		return nil, err
	}
	var all []speedImage
	for _, dir := range dirs {
		layers, err := filepath.Glob(filepath.Join(dir, "*.tar.gz"))
		if err != nil {
			return nil, err
		}
		image, err := b.speedImage(ctx, filepath.Join(data, filepath.Base(dir)), layers, maxRatio)
		if err != nil {
			return nil, err
		}
		all = append(all, image)
	}
	return all, nil
}

// toolchain packs the Go toolchain, programs and sources, into one layer.
func (b *verifyBench) toolchain(ctx context.Context, data string) (speedImage, error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return speedImage{}, err
	}
	layer := filepath.Join(data, "layer.tar.gz")
	pack := fmt.Sprintf("tar -C %q --exclude=testdata -ch bin pkg src | gzip -6 > %q", strings.TrimSpace(string(root)), layer)
	if out, err := exec.CommandContext(ctx, "bash", "-c", "set -o pipefail; "+pack).CombinedOutput(); err != nil {
		return speedImage{}, fmt.Errorf("packing the toolchain: %w\n%s", err, out)
	}
	return b.speedImage(ctx, filepath.Join(data, "go in one layer"), []string{layer}, maxRatioAlone)
}

// speedImage writes a layout with these layers and, above them, a program.
func (b *verifyBench) speedImage(ctx context.Context, at string, layers []string, limit float64) (speedImage, error) {
	w := speedImage{name: filepath.Base(at), layers: layers, ref: "oci-layout://" + at + ":1", limit: limit}
	var blobs []far.Blob
	for _, layer := range layers {
		raw, err := os.ReadFile(layer)
		if err != nil {
			return w, err
		}
		w.size += int64(len(raw))
		blobs = append(blobs, far.Bytes(ocispec.MediaTypeImageLayerGzip, raw))
	}
	app, err := b.program(ctx, "amd64")
	if err != nil {
		return w, err
	}
	top, err := topLayer(0, app)
	if err != nil {
		return w, err
	}
	image, err := runnableImage("amd64", append(blobs, top[1]))
	if err != nil {
		return w, err
	}
	return w, writeLayout(at, image)
}
