package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reason"
)

// put stores a manifest as a blob and, for a tag, names it in index.json.
func (l layout) put(ctx context.Context, ref Ref, o Object) error {
	err := l.receive(ctx, ref, blob{desc: o.Descriptor, open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(o.Raw)), nil
	}})
	if err != nil || ref.Tag == "" {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// Several tags wait together: the limit is for all of them.
	ctx, cancel := patient(ctx)
	defer cancel()
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := tag(ctx, ref, o.Descriptor); err != nil {
		return fmt.Errorf("%s: %w", ref, reason.File(err))
	}
	return nil
}

// receive stores a blob under its digest, unless it is there and whole.
func (l layout) receive(ctx context.Context, to Ref, b blob) error {
	if err := b.desc.Digest.Validate(); err != nil {
		return err
	}
	path := filepath.Join(to.Path, filepath.FromSlash(blobPath(b.desc.Digest)))
	if l.has(ctx, to, b.desc) {
		return nil
	}
	if err := create(to.Path); err != nil {
		return fmt.Errorf("creating %s: %w", to, reason.File(err))
	}
	body, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := writeFile(path, interruptible{ctx, body}); err != nil {
		return fmt.Errorf("writing %s: %w", blobName{to, b.desc.Digest}, reason.Bare(err))
	}
	return nil
}

// interruptible is a stream that ends with its context.
type interruptible struct {
	ctx context.Context //nolint:containedctx // it is the life of the stream
	io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(p)
}

// has reports whether a blob is there with the bytes its name promises.
func (l layout) has(ctx context.Context, ref Ref, desc ocispec.Descriptor) bool {
	f, err := l.open(ctx, ref, desc)
	if err != nil {
		return false
	}
	checked, err := verify(f, desc)
	if err != nil {
		_ = f.Close()
		return false
	}
	defer checked.Close()
	_, err = io.Copy(io.Discard, checked)
	return err == nil
}

// create makes the skeleton of a layout where there is none.
func create(dir string) error {
	marker := filepath.Join(dir, ocispec.ImageLayoutFile)
	if _, err := os.Stat(marker); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	raw, err := json.Marshal(ocispec.ImageLayout{Version: layoutVersion})
	if err != nil {
		return err
	}
	return writeFile(marker, bytes.NewReader(raw))
}

// tag names a manifest in index.json; the name moves if it was another's.
func tag(ctx context.Context, ref Ref, desc ocispec.Descriptor) error {
	root, err := openLayout(ref)
	if err != nil {
		return err
	}
	defer root.Close()
	marker, err := root.Open(ocispec.ImageLayoutFile)
	if err != nil {
		return err
	}
	defer marker.Close()
	if err := lock(ctx, marker); err != nil {
		return err
	}
	index, err := readIndex(root)
	if errors.Is(err, fs.ErrNotExist) {
		index = ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex}
	} else if err != nil {
		return err
	}
	raw, err := json.Marshal(named(index, ref.Tag, desc))
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(ref.Path, ocispec.ImageIndexFile), bytes.NewReader(raw))
}

// named returns an index.json in which a tag is the name of a manifest, and of
// no other.
func named(index ocispec.Index, tag string, desc ocispec.Descriptor) ocispec.Index {
	kept := []ocispec.Descriptor{}
	for _, d := range index.Manifests {
		if refName(d) != tag {
			kept = append(kept, d)
		}
	}
	desc.Annotations = map[string]string{ocispec.AnnotationRefName: tag}
	index.Manifests = append(kept, desc)
	return index
}
