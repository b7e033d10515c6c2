//go:build e2e

package main

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/bench/far"
)

// benchLayer is the size of the large layers, in bytes.
const benchLayer = 100 << 20

// benchPlatforms are ten platforms of Linux.
func benchPlatforms() []string {
	return []string{"386", "amd64", "arm", "arm64", "loong64", "mips64le", "mipsle", "ppc64le", "riscv64", "s390x"}
}

// layersOf makes the layers of an image that starts /app, lowest first.
type layersOf func(number byte, app []byte) ([]far.Blob, error)

// topLayer has the program in a layer of its own, above a large one.
func topLayer(number byte, app []byte) ([]far.Blob, error) {
	large, err := far.Noise(number, benchLayer)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := writeTar(z, file{"app", app}); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return []far.Blob{large, far.Bytes(ocispec.MediaTypeImageLayerGzip, b.Bytes())}, nil
}

// noiseFile is a file that fills a layer.
func noiseFile(number byte) file {
	raw := make([]byte, benchLayer)
	_, _ = rand.NewChaCha8([32]byte{number}).Read(raw)
	return file{"data", raw}
}

// stage stores an image of ten platforms and returns how large it is.
func (b *verifyBench) stage(ctx context.Context, repo string, layers layersOf) (size int64, err error) {
	index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	for i, arch := range benchPlatforms() {
		app, err := b.program(ctx, arch)
		if err != nil {
			return 0, err
		}
		made, err := layers(byte(i+1), app)
		if err != nil {
			return 0, err
		}
		image, err := runnableImage(arch, made)
		if err != nil {
			return 0, err
		}
		if err := b.backend.Put(ctx, repo+":"+arch, image); err != nil {
			return 0, err
		}
		for _, blob := range image.Blobs {
			size += blob.Size
		}
		index.Manifests = append(index.Manifests, ocispec.Descriptor{
			MediaType: ocispec.MediaTypeImageManifest, Digest: image.Digest(), Size: int64(len(image.Raw)), Platform: &image.Platform,
		})
	}
	raw, err := json.Marshal(index)
	if err != nil {
		return 0, err
	}
	return size, b.backend.PutManifest(ctx, repo, "all", ocispec.MediaTypeImageIndex, raw)
}

// runnableImage is an image of Linux that starts /app.
func runnableImage(arch string, layers []far.Blob) (far.Image, error) {
	build := ocispec.Platform{OS: "linux", Architecture: arch}
	config := ocispec.Image{Platform: build, Config: ocispec.ImageConfig{Entrypoint: []string{"/app"}}, RootFS: ocispec.RootFS{Type: "layers"}}
	m := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest}
	for _, l := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, l.Digest) // no client unpacks them
		m.Layers = append(m.Layers, l.Descriptor)
	}
	text, err := json.Marshal(config)
	if err != nil {
		return far.Image{}, err
	}
	last := far.Bytes(ocispec.MediaTypeImageConfig, text)
	m.Config = last.Descriptor
	raw, err := json.Marshal(m)
	return far.Image{Raw: raw, Platform: build, Blobs: append(layers, last)}, err
}

// program compiles a small Go program.
func (b *verifyBench) program(ctx context.Context, arch string) ([]byte, error) {
	at := filepath.Join(b.dir, "app-"+arch)
	if raw, err := os.ReadFile(at); err == nil {
		return raw, nil
	}
	source := filepath.Join(b.dir, "app.go")
	if err := os.WriteFile(source, []byte("package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n"), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", at, source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GO111MODULE=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building a program for %s: %w\n%s", arch, err, out)
	}
	return os.ReadFile(at)
}

// writeLayout writes an image as the tag 1 of an OCI layout.
func writeLayout(at string, image far.Image) error {
	blobs := filepath.Join(at, "blobs", "sha256")
	if err := os.MkdirAll(blobs, 0o755); err != nil {
		return err
	}
	manifest := far.Bytes(ocispec.MediaTypeImageManifest, image.Raw)
	for _, blob := range append(image.Blobs, manifest) {
		var b bytes.Buffer
		if _, err := b.ReadFrom(blob.Open()); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(blobs, blob.Digest.Encoded()), b.Bytes(), 0o600); err != nil {
			return err
		}
	}
	tagged := manifest.Descriptor
	tagged.Annotations = map[string]string{ocispec.AnnotationRefName: "1"}
	index, err := json.Marshal(ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, Manifests: []ocispec.Descriptor{tagged}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(at, "index.json"), index, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(at, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o600)
}

// file is a file of a layer.
type file struct {
	name string
	raw  []byte
}

// writeTar writes an archive of files.
func writeTar(w interface{ Write([]byte) (int, error) }, files ...file) error {
	archive := tar.NewWriter(w)
	for _, f := range files {
		if err := archive.WriteHeader(&tar.Header{Name: f.name, Mode: 0o755, Typeflag: tar.TypeReg, Size: int64(len(f.raw))}); err != nil {
			return err
		}
		if _, err := archive.Write(f.raw); err != nil {
			return err
		}
	}
	return archive.Close()
}

// sumOf is a digest as tables of contents have it.
func sumOf(raw []byte) string { return digest.FromBytes(raw).String() }
