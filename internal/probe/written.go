package probe

import (
	"net/http"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
)

// written is what a run wrote, in the order in which it was written. unsure is what may
// have been written: the registry did not respond, or with an error of its own.
type written struct {
	all, unsure []item
	// isUsed is set if the registry stored anything: one that did not has nothing unsure.
	isUsed bool
	// isOpen is set if there was a request without a response: the registry may still
	// carry it out.
	isOpen bool
}

// item is a manifest under a tag, a manifest by digest, or a blob.
type item struct {
	repository, kind, name string
}

const (
	kindManifests = "manifests"
	kindBlobs     = "blobs"
	classTags     = "tags"
)

func (w *written) add(i item) {
	w.isUsed = true
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
			w.isOpen = w.isOpen || err != nil
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

// class is the kind of an item for its deletion: registries often delete manifests by
// digest and refuse to delete tags.
func (i item) class() string {
	if i.isTag() {
		return classTags
	}
	return i.kind
}

func (i item) isTag() bool { return i.kind == kindManifests && !strings.Contains(i.name, ":") }

// reference returns the item as a reference, or for a blob as its repository and digest.
func (i item) reference(host string) string {
	if i.isTag() {
		return host + "/" + i.repository + ":" + i.name
	}
	return host + "/" + i.repository + "@" + i.name
}

// deletionOrder returns what was written in the order in which it can be deleted.
func (w *written) deletionOrder() []item {
	if !w.isUsed {
		return nil
	}
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
