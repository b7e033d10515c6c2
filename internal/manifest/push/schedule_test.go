package push

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// indexTag is the tag that all jobs write.
const indexTag = "all"

// schedule is a registry in memory that carries out one request at a time, in an order
// that the test chooses. It is for one run in a bubble of package synctest.
type schedule struct {
	mu      sync.Mutex
	waiting []*gatedRequest
	tags    map[string]store.Document
	objects map[digest.Digest]store.Document
	blobs   map[digest.Digest][]byte
	// answers has the last answer to each request of each client.
	answers map[string]string
	// replaced is set if the tags of images exist from the beginning, and change.
	replaced bool
}

// gatedRequest is a request that is carried out when the test chooses it.
type gatedRequest struct {
	client, method, tag string
	do                  func() string
	done                chan struct{}
}

func (r *gatedRequest) String() string { return r.client + " " + r.method + " " + r.tag }

func newSchedule() *schedule {
	return &schedule{
		tags: map[string]store.Document{}, objects: map[digest.Digest]store.Document{}, blobs: map[digest.Digest][]byte{},
		answers: map[string]string{},
	}
}

// request waits until the test chooses the request of a client.
func (s *schedule) request(client, method, tag string, do func() string) {
	r := &gatedRequest{client, method, tag, do, make(chan struct{})}
	s.mu.Lock()
	s.waiting = append(s.waiting, r)
	s.mu.Unlock()
	<-r.done
}

// choices returns the requests that wait, in a fixed order. If one of them reads the tag
// of an image that exists, it returns that one alone: such a tag does not change any
// more, so that it makes no difference when it is read. This is not so if images are replaced.
func (s *schedule) choices() []*gatedRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(s.waiting, func(a, b *gatedRequest) int { return strings.Compare(a.String(), b.String()) })
	for _, r := range s.waiting {
		if _, exists := s.tags[r.tag]; exists && r.method != "PUT" && r.tag != indexTag && !s.replaced {
			return []*gatedRequest{r}
		}
	}
	return slices.Clone(s.waiting)
}

// carryOut carries out a request.
func (s *schedule) carryOut(r *gatedRequest) {
	s.mu.Lock()
	s.waiting = slices.DeleteFunc(s.waiting, func(w *gatedRequest) bool { return w == r })
	s.answers[r.String()] = r.do()
	s.mu.Unlock()
	close(r.done)
}

// state is all that what follows depends on: the tags, the requests that wait, and the
// last answers to each client. A client that assembles again asks for everything again.
func (s *schedule) state() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, tag := range slices.Sorted(maps.Keys(s.tags)) {
		fmt.Fprintln(&b, tag, s.tags[tag].Descriptor.Digest)
	}
	for _, name := range slices.Sorted(maps.Keys(s.answers)) {
		fmt.Fprintln(&b, name, s.answers[name])
	}
	for _, r := range s.waiting {
		fmt.Fprintln(&b, "waiting", r)
	}
	return b.String()
}

// scheduleClient is the Writer of one client. Only requests for tags wait for the test:
// what has a digest does not change.
type scheduleClient struct {
	manifest.Writer // the methods that a push of these tests does not call
	s               *schedule
	name            string
}

func (c scheduleClient) Announce(reference.Ref, bool) {}

func (c scheduleClient) CheckTarget(context.Context, reference.Ref) error { return nil }

func (c scheduleClient) Capabilities(reference.Ref) store.Capabilities {
	return store.Capabilities{ChecksChildren: true}
}

func (c scheduleClient) tag(method, tag string) (o store.Document, err error) {
	c.s.request(c.name, method, tag, func() string {
		o = c.s.tags[tag]
		return o.Descriptor.Digest.String()
	})
	if o.Raw == nil {
		err = store.ErrNotFound
	}
	return o, err
}

func (c scheduleClient) Get(_ context.Context, ref reference.Ref) (store.Document, error) {
	if ref.Digest == "" {
		return c.tag("GET", ref.Tag)
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.objects[ref.Digest], nil
}

func (c scheduleClient) Head(_ context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	o, err := c.tag("HEAD", ref.Tag)
	return o.Descriptor, err
}

func (c scheduleClient) ReadBlob(_ context.Context, _ reference.Ref, d ocispec.Descriptor) ([]byte, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.blobs[d.Digest], nil
}

func (c scheduleClient) OpenBlob(context.Context, reference.Ref, ocispec.Descriptor) (io.ReadCloser, error) {
	return nil, store.ErrNotFound
}

func (c scheduleClient) PutTags(_ context.Context, _ reference.Ref, tags []string, o store.Document) []store.TagStatus {
	var all []store.TagStatus
	for _, tag := range tags {
		c.s.request(c.name, "PUT", tag, func() string { c.s.tags[tag] = o; return "" })
		all = append(all, store.TagStatus{Tag: tag})
	}
	return all
}
