package probe

import (
	"cmp"
	"context"
	"net/http"
	"strconv"

	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// deletionChecks delete what they push.
func deletionChecks() []check {
	const manifests = "distribution-spec, \"Deleting Manifests\""
	return []check{
		{"delete-tag", SectionDeletion, "a tag can be deleted", "distribution-spec, \"Deleting tags\"", false, checkDeleteTag},
		{"delete-manifest", SectionDeletion, "a manifest can be deleted", manifests, false, checkDeleteManifest},
		{"delete-child", SectionDeletion, "an image that an index needs cannot be deleted", manifests, false, checkDeleteChild},
		{"delete-blob", SectionDeletion, "a blob can be deleted", "distribution-spec, \"Deleting Blobs\"", false, checkDeleteBlob},
		{"delete-unknown", SectionDeletion, "deleting what does not exist is 404", manifests, false, checkDeleteUnknown},
	}
}

// variant returns an image that no other check pushes.
func (c content) variant(purpose string) object {
	layer, _ := c.layer(formatOCI)
	return object{formatOCI.image(), encode(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: formatOCI.image(), Config: c.config(formatOCI, "amd64").descriptor(),
		Layers: []ocispec.Descriptor{layer.descriptor()}, Annotations: map[string]string{"org.opencontainers.image.title": c.tag(purpose)},
	})}
}

// pushVariant pushes an image of its own, under a tag or, if tag is empty, by digest.
func (r *run) pushVariant(ctx context.Context, purpose, tag string) (object, error) {
	o := r.content.variant(purpose)
	if err := r.pushBlobs(ctx, formatOCI, "amd64"); err != nil {
		return o, err
	}
	return o, r.pushOnce(ctx, cmp.Or(tag, o.digest().String()), o, "pushing an image to delete")
}

// deleted deletes an item. ok is false if the outcome of the check is known: what a
// registry that does not support deleting must answer is 400 or 405.
func (r *run) deleted(ctx context.Context, fact, kind, name string) (out outcome, ok bool) {
	got, err := r.do(ctx, request{method: http.MethodDelete, url: path(r.repository, kind, name)})
	switch {
	case err != nil:
		return broken(err), false
	case got.status == http.StatusAccepted:
		return outcome{}, true
	case got.has(http.StatusBadRequest, http.StatusMethodNotAllowed):
		return skipped("not supported: the response to DELETE is %s", statusText(got.status)).with(fact, strconv.Itoa(got.status)), false
	}
	return unexpected("the response to DELETE", got).with(fact, strconv.Itoa(got.status)), false
}

// isGone is the outcome of a deletion that was accepted. what names the item.
func (r *run) isGone(ctx context.Context, fact, what string, i item) outcome {
	got, err := r.do(ctx, request{
		method: http.MethodHead, url: path(i.repository, i.kind, i.name), header: map[string]string{"Accept": joined(acceptAll())},
	})
	switch {
	case err != nil:
		return broken(err)
	case got.status != http.StatusNotFound:
		return unexpected("DELETE was accepted, and then the response to HEAD of "+what, got).with(fact, "accepted, not deleted")
	}
	r.written.forget(i)
	return passed("deleted").with(fact, "yes")
}

func checkDeleteTag(ctx context.Context, r *run) outcome {
	const fact = "delete-tag"
	tag := r.content.tag(fact)
	if _, err := r.pushVariant(ctx, fact, tag); err != nil {
		return broken(err)
	}
	if out, ok := r.deleted(ctx, fact, kindManifests, tag); !ok {
		return out
	}
	return r.isGone(ctx, fact, "the tag", item{r.repository, kindManifests, tag})
}

// checkDeleteManifest deletes a manifest by digest. Its tag must not outlive it.
func checkDeleteManifest(ctx context.Context, r *run) outcome {
	const fact = "delete-manifest"
	tag := r.content.tag(fact)
	o, err := r.pushVariant(ctx, fact, tag)
	if err != nil {
		return broken(err)
	}
	digest := item{r.repository, kindManifests, o.digest().String()}
	if out, ok := r.deleted(ctx, fact, kindManifests, digest.name); !ok {
		return out
	}
	if out := r.isGone(ctx, fact, "the digest", digest); out.status != StatusPass {
		return out
	}
	return r.isGone(ctx, fact, "the tag", item{r.repository, kindManifests, tag})
}

// checkDeleteChild deletes an image of an index. No specification requires either
// answer.
func checkDeleteChild(ctx context.Context, r *run) outcome {
	const fact = "delete-child"
	child, err := r.pushVariant(ctx, fact, "")
	if err != nil {
		return broken(err)
	}
	index := r.content.index(formatOCI, fact, platformed(child.descriptor(), "amd64"))
	if err := r.pushOnce(ctx, index.digest().String(), index, "pushing an index of it"); err != nil {
		return broken(err)
	}
	got, err := r.do(ctx, request{method: http.MethodDelete, url: path(r.repository, kindManifests, child.digest().String())})
	switch {
	case err != nil:
		return broken(err)
	case got.isSuccess():
		r.written.forget(item{r.repository, kindManifests, child.digest().String()})
		return skipped("it is deleted, and the index keeps a broken entry").with(fact, "deleted")
	case r.facts["delete-manifest"] != "yes":
		return skipped("not tested: deleting manifests is not supported").with(fact, "not tested")
	case got.isRefusal():
		return passed("refused with %s", statusText(got.status)).with(fact, "refused")
	}
	return unexpected("the response to DELETE", got)
}

func checkDeleteBlob(ctx context.Context, r *run) outcome {
	const fact = "delete-blob"
	blob := r.content.blob(fact)
	if err := r.putBlob(ctx, r.repository, blob); err != nil {
		return broken(err)
	}
	if out, ok := r.deleted(ctx, fact, kindBlobs, blob.digest().String()); !ok {
		return out
	}
	return r.isGone(ctx, fact, "the blob", item{r.repository, kindBlobs, blob.digest().String()})
}

func checkDeleteUnknown(ctx context.Context, r *run) outcome {
	got, err := r.do(ctx, request{method: http.MethodDelete, url: path(r.repository, kindManifests, r.content.blob("missing").digest().String())})
	switch {
	case err != nil:
		return broken(err)
	case got.has(http.StatusBadRequest, http.StatusMethodNotAllowed):
		return skipped("not supported: the response to DELETE is %s", statusText(got.status))
	case got.status != http.StatusNotFound:
		return unexpected("the response to DELETE of a manifest that does not exist", got)
	}
	return passed("the response is 404")
}
