package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

const (
	specSubject   = "distribution-spec, \"Pushing Manifests with Subject\""
	specReferrers = "distribution-spec, \"Listing Referrers\""
)

// referrerChecks are about manifests with a subject.
func referrerChecks() []check {
	return []check{
		{"referrers-subject", SectionReferrers, "an artifact with a subject can be pushed and pulled", specSubject, false, checkSubject},
		{"referrers-list", SectionReferrers, "the referrers API lists the artifact", specReferrers, false, checkReferrers},
		{"referrers-fields", SectionReferrers, "the referrers API returns artifactType and annotations", specReferrers, false, checkReferrerFields},
		{"referrers-header", SectionReferrers, "the response to an artifact with a subject has OCI-Subject", specSubject, false, checkSubjectHeader},
		{"referrers-filter", SectionReferrers, "the referrers API filters by artifactType", specReferrers, false, checkReferrerFilter},
		{"referrers-none", SectionReferrers, "an unknown digest has an empty list of referrers", specReferrers, false, checkNoReferrers},
		{"referrers-fallback", SectionReferrers, "an index can have the tag of the fallback without the referrers API", "distribution-spec, \"Referrers Tag Schema\"", false, checkReferrersTag},
	}
}

// errNoReferrers is for a registry without the referrers API, which is optional.
var errNoReferrers = errors.New("the registry does not have the referrers API")

// referrer returns an artifact about an image, which it pushes.
func (r *run) referrer(ctx context.Context) (artifact object, subject digest.Digest, err error) {
	image, err := r.pushImage(ctx, formatOCI, "amd64")
	if err != nil {
		return object{}, "", err
	}
	image.Platform = nil
	return r.content.artifact("referrer", &image), image.Digest, r.putSharedBlob(ctx, r.content.empty())
}

func checkSubject(ctx context.Context, r *run) outcome {
	o, _, err := r.referrer(ctx)
	if err != nil {
		return broken(err)
	}
	return r.roundTrip(ctx, o, skipped)
}

func checkSubjectHeader(ctx context.Context, r *run) outcome {
	o, subject, err := r.pushReferrer(ctx)
	if err != nil {
		return unmet(err)
	}
	put, err := decided(r.doOnce(ctx, putRequest(path(r.repository, "manifests", o.digest().String()), o)))
	if err != nil {
		return broken(err)
	}
	switch got := put.header.Get("OCI-Subject"); got {
	case subject.String():
		return passed("OCI-Subject names the subject").with("oci-subject", "yes")
	case "":
		if _, err := r.referrers(ctx, subject, ""); err != nil {
			return noReferrers(err).with("oci-subject", "no")
		}
		return failed("the response has no OCI-Subject header, although the registry has the referrers API").with("oci-subject", "no")
	default:
		return failed("OCI-Subject is %q, not %s", got, subject).with("oci-subject", "wrong")
	}
}

// pushReferrer pushes the artifact, once in a run.
func (r *run) pushReferrer(ctx context.Context) (artifact object, subject digest.Digest, err error) {
	o, subject, err := r.referrer(ctx)
	if err == nil {
		err = r.pushOnce(ctx, o.digest().String(), o, "pushing an artifact with a subject")
	}
	return o, subject, err
}

// listReferrer pushes the artifact and requests the referrers of its subject. done is
// set if the outcome is certain without looking at the list.
func (r *run) listReferrer(ctx context.Context, artifactType string) (o object, list referrerList, out outcome, done bool) {
	o, subject, err := r.pushReferrer(ctx)
	if err != nil {
		return o, list, unmet(err), true
	}
	if _, err := r.referrers(ctx, subject, ""); err != nil {
		return o, list, noReferrers(err), true
	}
	if list, err = r.referrers(ctx, subject, artifactType); err != nil {
		return o, list, noReferrers(err), true
	}
	return o, list, outcome{}, false
}

func checkReferrers(ctx context.Context, r *run) outcome {
	o, list, out, done := r.listReferrer(ctx, "")
	if done {
		return out
	}
	d, ok := list.listed(o)
	switch {
	case list.problem != "":
		return failed("%s", list.problem)
	case !ok:
		return failed("the list has %d entries, but not the artifact", len(list.index.Manifests))
	case d.Size != int64(len(o.raw)) || d.MediaType != o.mediaType:
		return failed("the entry has %d bytes and the media type %q", d.Size, d.MediaType)
	}
	return passed("listed").with("referrers-api", "yes")
}

func checkReferrerFields(ctx context.Context, r *run) outcome {
	o, list, out, done := r.listReferrer(ctx, "")
	if done {
		return out
	}
	d, ok := list.listed(o)
	switch title := d.Annotations[ocispec.AnnotationTitle]; {
	case !ok:
		return broken(errors.New("the artifact is not listed"))
	case d.ArtifactType != artifactType:
		return failed("artifactType of the entry is %q, not %q", d.ArtifactType, artifactType)
	case title != r.content.tag("referrer"):
		return failed("the entry does not have the annotations of the artifact")
	}
	return passed("the entry has both")
}

// checkReferrerFilter requests the artifact's own type and another one.
func checkReferrerFilter(ctx context.Context, r *run) outcome {
	o, own, out, done := r.listReferrer(ctx, artifactType)
	if done {
		return out
	}
	if !strings.Contains(own.header.Get("OCI-Filters-Applied"), "artifactType") {
		return skipped("the parameter artifactType is ignored").with("referrers-filter", "no")
	}
	_, other, out, done := r.listReferrer(ctx, artifactType+".other")
	if done {
		return out
	}
	if _, ok := own.listed(o); !ok {
		return failed("the filter removes an artifact of the requested type").with("referrers-filter", "wrong")
	}
	if n := len(other.index.Manifests); n > 0 {
		return failed("the filter returns %d artifacts of another type", n).with("referrers-filter", "wrong")
	}
	return passed("filtered").with("referrers-filter", "yes")
}

func checkNoReferrers(ctx context.Context, r *run) outcome {
	_, _, out, done := r.listReferrer(ctx, "")
	if done {
		return out
	}
	list, err := r.referrers(ctx, r.content.blob("unknown").digest(), "")
	switch {
	case errors.Is(err, errNoReferrers):
		return failed("the response to GET is %s", statusText(list.status))
	case err != nil:
		return broken(err)
	case list.problem != "":
		return failed("%s", list.problem)
	case len(list.index.Manifests) > 0:
		return failed("the list has %d entries", len(list.index.Manifests))
	}
	return passed("an empty list")
}

// checkReferrersTag pushes an index under the tag that lists referrers where the
// API does not exist. Elsewhere clients must not write that tag.
func checkReferrersTag(ctx context.Context, r *run) outcome {
	o, subject, err := r.pushReferrer(ctx)
	if err != nil {
		return unmet(err)
	}
	if _, err = r.referrers(ctx, subject, ""); !errors.Is(err, errNoReferrers) {
		if err != nil {
			return broken(err)
		}
		return skipped("not needed: the registry has the referrers API")
	}
	entry := o.descriptor()
	entry.ArtifactType = artifactType
	tag := fmt.Sprintf("%s-%s", subject.Algorithm(), subject.Encoded())
	return r.roundTripAt(ctx, tag, r.content.index(formatOCI, "fallback", entry), failed)
}
