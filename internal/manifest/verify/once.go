package verify

import (
	"fmt"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// onceMap is work that is done a single time for each key, by whoever comes first;
// the others wait for the result. The zero value is ready.
type onceMap[T any] struct {
	mu   sync.Mutex
	done map[string]func() T
}

func (o *onceMap[T]) do(key string, work func() T) T {
	o.mu.Lock()
	if o.done == nil {
		o.done = map[string]func() T{}
	}
	f, known := o.done[key]
	if !known {
		f = sync.OnceValue(work)
		o.done[key] = f
	}
	o.mu.Unlock()
	return f()
}

// blobAnswer is what asking for a blob came to.
type blobAnswer struct {
	size int64
	err  error
}

type childAnswer struct {
	object store.Document
	err    error
}

type configAnswer struct {
	raw []byte
	err error
}

// descriptorKey makes one key of a blob and the place it was asked for in.
func descriptorKey(ref reference.Ref, d ocispec.Descriptor) string {
	return ref.WithDigest(d.Digest).String() + fmt.Sprint(" ", d.Size)
}
