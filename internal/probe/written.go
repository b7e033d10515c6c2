package probe

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
)

// written is what a run wrote, in the order in which it was written. unsure is what may
// have been written: the registry did not respond, or with an error of its own.
type written struct{ all, unsure []item }

// item is a manifest under a tag, a manifest by digest, or a blob.
type item struct {
	repository, kind, name string
}

const (
	kindManifests = "manifests"
	kindBlobs     = "blobs"
)

func (w *written) add(i item) {
	if !slices.Contains(w.all, i) {
		w.all = append(w.all, i)
	}
}

// note adds what a request writes, depending on its response.
func (w *written) note(resp response, err error, items ...item) {
	for _, i := range items {
		switch {
		case err == nil && resp.isSuccess():
			w.add(i)
		case err != nil, resp.status >= http.StatusInternalServerError:
			w.unsure = append(w.unsure, i)
		}
	}
}

// manifestItems returns a manifest under a tag or a digest. A registry stores it under
// its digest in either case.
func manifestItems(repository, name string, d digest.Digest) []item {
	return []item{{repository, kindManifests, d.String()}, {repository, kindManifests, name}}
}

func blobItem(repository string, d digest.Digest) item {
	return item{repository, kindBlobs, d.String()}
}

func (w *written) hasBlob(repository string, d digest.Digest) bool {
	return slices.Contains(w.all, item{repository, kindBlobs, d.String()})
}

// has reports whether an item was written and not deleted since.
func (w *written) has(i item) bool { return slices.Contains(w.all, i) }

func (w *written) hasTag(repository, tag string) bool {
	return slices.Contains(w.all, item{repository, kindManifests, tag})
}

// forget removes an item that a check deleted itself.
func (w *written) forget(i item) {
	w.all = slices.DeleteFunc(w.all, func(one item) bool { return one == i })
}

func (i item) isTag() bool { return i.kind == kindManifests && !strings.Contains(i.name, ":") }

// reference returns the item as a reference, or for a blob as its repository and digest.
func (i item) reference(host string) string {
	if i.isTag() {
		return host + "/" + i.repository + ":" + i.name
	}
	return host + "/" + i.repository + "@" + i.name
}

// clean deletes what was written: tags, then manifests from the newest on, since
// an index must go before its children, then blobs. It returns the references of
// what stays. A registry that refuses one kind of deletion is not asked again.
func (r *run) clean(ctx context.Context, keep bool, limit time.Duration) []string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	var left []item
	refused, deleted := map[string]bool{}, false
	for _, i := range r.written.deletionOrder() {
		class := i.kind
		if i.isTag() {
			class = "tags"
		}
		if keep || refused[class] || ctx.Err() != nil {
			left = append(left, i)
			continue
		}
		gone, supported := r.remove(ctx, i)
		refused[class] = !supported
		deleted = deleted || gone
		if !gone {
			left = append(left, i)
		}
	}
	left = slices.DeleteFunc(left, func(i item) bool {
		return (deleted && i.isTag() || !r.written.has(i)) && r.isMissing(ctx, i)
	})
	var references []string
	for _, i := range left {
		references = append(references, i.reference(r.host))
	}
	return references
}

// isMissing reports whether an item does not exist: distribution refuses to delete a
// tag, and deletes it with its manifest.
func (r *run) isMissing(ctx context.Context, i item) bool {
	got, err := r.do(ctx, request{
		method: http.MethodHead, url: path(i.repository, i.kind, i.name), header: map[string]string{"Accept": joined(acceptAll())},
	})
	return err == nil && got.status == http.StatusNotFound
}

// deletionOrder returns what was written in the order in which it can be deleted.
func (w *written) deletionOrder() []item {
	var tags, manifests, blobs []item
	for _, i := range slices.Backward(slices.Concat(w.all, w.unsure)) {
		switch {
		case slices.Contains(slices.Concat(tags, manifests, blobs), i):
		case i.isTag():
			tags = append(tags, i)
		case i.kind == kindManifests:
			manifests = append(manifests, i)
		default:
			blobs = append(blobs, i)
		}
	}
	return slices.Concat(tags, manifests, blobs)
}

// remove deletes an item. supported is false if the registry does not delete items
// of this kind at all.
func (r *run) remove(ctx context.Context, i item) (gone, supported bool) {
	resp, err := r.do(ctx, request{method: http.MethodDelete, url: path(i.repository, i.kind, i.name)})
	switch {
	case err != nil:
		return false, ctx.Err() == nil
	case resp.has(http.StatusAccepted, http.StatusOK, http.StatusNoContent, http.StatusNotFound):
		return true, true
	case resp.has(http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest):
		return false, i.kind == kindManifests && !i.isTag() && resp.has(http.StatusMethodNotAllowed)
	}
	return false, true
}
