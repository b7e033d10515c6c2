package probe

import (
	"context"
	"net/http"
	"slices"
	"time"

	"manifest-tool/internal/store/transport"
)

// settling is how long deleting waits for requests that ended without a response.
const settling = time.Second

// cleanup deletes what a run wrote.
type cleanup struct {
	*run
	// refused are the kinds of items that the registry does not delete.
	refused map[string]bool
	// deleted are the items whose deletion was accepted, by kind.
	deleted map[string][]item
	left    []item
}

// clean deletes what was written: tags, then manifests from the newest on, since
// an index must go before its children, then blobs. It returns the references of
// what stays. A registry that refuses one kind of deletion is not asked again.
func (r *run) clean(ctx context.Context, keep bool, limit time.Duration) []string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	c := &cleanup{r, map[string]bool{}, map[string][]item{}, nil}
	if keep {
		c.left = r.written.deletionOrder()
	} else {
		c.deleteAll(ctx, min(settling, limit/4))
	}
	var references []string
	for _, i := range c.left {
		references = append(references, i.reference(r.host))
	}
	return references
}

func (c *cleanup) deleteAll(ctx context.Context, settling time.Duration) {
	if c.written.isUsed && c.written.isOpen {
		_ = transport.Sleep(ctx, settling)
	}
	c.left = c.deleteEach(ctx, c.written.deletionOrder())
	for _, i := range c.left {
		c.refused[i.class()] = c.refused[i.class()] || len(c.deleted[i.class()]) == 0
	}
	c.left = c.deleteEach(ctx, c.left) // what failed for the moment
	// distribution refuses to delete a tag, and deletes it with its manifest.
	c.left = slices.DeleteFunc(c.left, func(i item) bool {
		return (len(c.deleted) > 0 && i.isTag() || !c.written.has(i)) && c.status(ctx, i) == http.StatusNotFound
	})
	// A registry may accept a deletion and not carry it out: one item of each kind shows it.
	for _, class := range []string{classTags, kindManifests, kindBlobs} {
		if gone := c.deleted[class]; len(gone) > 0 && c.status(ctx, gone[0]) == http.StatusOK {
			c.left = append(c.left, gone...)
		}
	}
}

// deleteEach deletes items and returns those that stay.
func (c *cleanup) deleteEach(ctx context.Context, items []item) []item {
	var left []item
	for _, i := range items {
		if c.refused[i.class()] || ctx.Err() != nil || !c.remove(ctx, i) {
			left = append(left, i)
		}
	}
	return left
}

// remove deletes an item, and reports whether the registry said that it is gone.
func (c *cleanup) remove(ctx context.Context, i item) bool {
	resp, err := c.do(ctx, request{method: http.MethodDelete, url: path(i.repository, i.kind, i.name)})
	switch {
	case err != nil:
		c.refused[i.class()] = ctx.Err() != nil
		return false
	case resp.has(http.StatusAccepted, http.StatusOK, http.StatusNoContent):
		c.deleted[i.class()] = append(c.deleted[i.class()], i)
		return true
	case resp.has(http.StatusMethodNotAllowed):
		// Some registries refuse this of a single manifest.
		c.refused[i.class()] = i.class() != kindManifests
	case resp.has(http.StatusNotImplemented, http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest):
		c.refused[i.class()] = true
	}
	return resp.status == http.StatusNotFound
}

// status returns the status of the response for an item, 0 without a response.
func (r *run) status(ctx context.Context, i item) int {
	method := http.MethodHead
	if i.kind == kindManifests {
		method = http.MethodGet // some registries have no HEAD of manifests
	}
	got, err := r.do(ctx, request{
		method: method, url: path(i.repository, i.kind, i.name), header: map[string]string{"Accept": joined(acceptAll())},
	})
	if err != nil {
		return 0
	}
	return got.status
}
