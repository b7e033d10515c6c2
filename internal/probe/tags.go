package probe

import (
	"context"
	"net/http"
)

const specPush = "distribution-spec, \"Pushing Manifests\""

// tagChecks are about the names of manifests: tags and digests.
func tagChecks() []check {
	return []check{
		{"tag-push", SectionTags, "an index can be pushed under a tag and read back", specPush, true, checkTag},
		{"tag-put-digest", SectionTags, "the response to PUT has the digest of the index", specPush, true, checkPutDigest},
		{"tag-location", SectionTags, "the response to PUT names the manifest in Location", specPush, false, checkManifestLocation},
		{"tag-by-digest", SectionTags, "an index that was pushed under a tag can be pulled by its digest", specPull, false, checkByDigest},
		{"tag-several", SectionTags, "an index can have several tags", specPush, false, checkSecondTag},
		{"tag-overwrite", SectionTags, "a tag can be moved to another index", specPush, false, checkOverwrite},
		{"tag-params", SectionTags, "one request can set several tags", "distribution-spec, \"Pushing Manifests\", OCI-Tag", false, checkTagParams},
		{"tag-unknown", SectionTags, "the response for an unknown tag is 404", specPull, false, checkUnknownTag},
		{"tag-wrong-digest", SectionTags, "a manifest is not stored under the digest of another", specPush, false, checkWrongDigest},
	}
}

// tagged returns the index with the tags of a run, and pushes its children.
func (r *run) tagged(ctx context.Context) (object, error) {
	children, err := r.children(ctx, formatOCI)
	return r.content.index(formatOCI, "tag", children...), err
}

// pushTagged pushes an index or a Docker list under a tag, once in a run.
func (r *run) pushTagged(ctx context.Context, f format) (tag string, o object, err error) {
	tag = r.content.tag("tag")
	if f == formatDocker {
		tag = r.content.tag("list")
		o, err = r.index(ctx, formatDocker, formatDocker)
	} else {
		o, err = r.tagged(ctx)
	}
	if err == nil {
		err = r.pushOnce(ctx, tag, o, "pushing an index under a tag")
	}
	return tag, o, err
}

func checkTag(ctx context.Context, r *run) outcome {
	o, err := r.tagged(ctx)
	if err != nil {
		return broken(err)
	}
	return r.storeTag(ctx, r.content.tag("tag"), o, failed, "tag-delay-ms")
}

// storeTag pushes an index under a tag and reads it back; fact is the name of the
// time that this took.
func (r *run) storeTag(ctx context.Context, tag string, o object, refused outcomeFunc, fact string) outcome {
	if out, ok := r.store(ctx, tag, o, refused); !ok {
		return out
	}
	return r.readBack(ctx, r.manifestRequest(http.MethodGet, tag, o.mediaType), fact, func(got response) string {
		if got.status != http.StatusOK {
			return "GET: " + statusText(got.status)
		}
		return difference(got, o)
	})
}

func checkByDigest(ctx context.Context, r *run) outcome {
	_, o, err := r.pushTagged(ctx, formatOCI)
	if err != nil {
		return broken(err)
	}
	return r.pull(ctx, o.digest().String(), o)
}

func checkSecondTag(ctx context.Context, r *run) outcome {
	_, o, err := r.pushTagged(ctx, formatOCI)
	if err != nil {
		return broken(err)
	}
	return r.storeTag(ctx, r.content.tag("second"), o, failed, "second-tag-delay-ms")
}

// checkOverwrite moves the second tag; a registry may have tags that cannot be moved.
func checkOverwrite(ctx context.Context, r *run) outcome {
	_, o, err := r.pushTagged(ctx, formatOCI)
	second := r.content.tag("second")
	if err == nil {
		err = r.pushOnce(ctx, second, o, "pushing an index under a second tag")
	}
	if err != nil {
		return broken(err)
	}
	other, err := r.index(ctx, formatOCI, formatOCI)
	if err != nil {
		return broken(err)
	}
	out := r.storeTag(ctx, second, other, skipped, "overwrite-delay-ms")
	if out.status == StatusSkip {
		out.detail = "tags cannot be moved: " + out.detail
	}
	return out
}
