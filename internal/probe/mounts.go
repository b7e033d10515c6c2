package probe

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/opencontainers/go-digest"
)

// mountChecks are about mounting blobs of other repositories.
func mountChecks() []check {
	const spec = "distribution-spec, \"Mounting a blob from another repository\""
	return []check{
		{"mount", SectionMounts, "a blob of another repository can be mounted", spec, false, checkMount},
		{"mount-anonymous", SectionMounts, "a blob can be mounted without naming its repository", spec, false, checkAnonymousMount},
		{"mount-unknown-blob", SectionMounts, "the mount of a blob that does not exist opens an upload", spec, false, checkRefusedMount("mount-unknown-blob", "")},
		{"mount-unknown-repository", SectionMounts, "the mount from a repository that does not exist opens an upload", spec, false, checkRefusedMount("mount-unknown-repository", "-none")},
	}
}

// mount requests a mount, without from if that is empty. A session that was opened
// in its place is cancelled.
func (r *run) mount(ctx context.Context, to, from string, d digest.Digest) (response, error) {
	query := url.Values{"mount": {d.String()}}
	if from != "" {
		query.Set("from", from)
	}
	resp, err := r.do(ctx, request{method: http.MethodPost, url: path(to, "blobs", "uploads/?"+query.Encode())})
	if resp.status == http.StatusAccepted {
		r.cancelOf(ctx, to, resp)
		return resp, err
	}
	r.written.note(resp, err, blobItem(to, d))
	return resp, err
}

// checkMount mounts a blob of the sibling repository.
func checkMount(ctx context.Context, r *run) outcome {
	blob := r.content.blob("mount")
	if err := r.putBlob(ctx, r.sibling, blob); err != nil {
		return broken(fmt.Errorf("in the repository %s: %w", r.sibling, err))
	}
	resp, err := r.mount(ctx, r.repository, r.sibling, blob.digest())
	if err != nil {
		return broken(err)
	}
	return r.mounted(ctx, "mount", r.repository, blob, resp)
}

// checkAnonymousMount mounts a blob of the repository in the sibling.
func checkAnonymousMount(ctx context.Context, r *run) outcome {
	blob, err := r.basicBlob(ctx)
	if err != nil {
		return broken(err)
	}
	resp, err := r.mount(ctx, r.sibling, "", blob.digest())
	if err != nil {
		return broken(fmt.Errorf("in the repository %s: %w", r.sibling, err))
	}
	return r.mounted(ctx, "mount-anonymous", r.sibling, blob, resp)
}

// mounted is the outcome of a mount that the registry may refuse.
func (r *run) mounted(ctx context.Context, fact, to string, o object, resp response) outcome {
	switch {
	case resp.status == http.StatusCreated:
		return r.confirmBlob(ctx, to, o, "mounted").with(fact, "yes")
	case resp.status == http.StatusAccepted:
		return skipped("not mounted: the response is 202 and opens an upload").with(fact, "202")
	case resp.isRefusal(), resp.has(http.StatusUnauthorized, http.StatusForbidden):
		return skipped("not mounted: the response is %s, where the specification recommends 202", statusText(resp.status)).with(fact, strconv.Itoa(resp.status))
	}
	return unexpected("the response to a mount", resp).with(fact, strconv.Itoa(resp.status))
}

// checkRefusedMount requests a mount that cannot succeed, from the sibling repository
// with a suffix.
func checkRefusedMount(fact, suffix string) func(context.Context, *run) outcome {
	return func(ctx context.Context, r *run) outcome {
		d := r.content.blob("missing").digest()
		resp, err := r.mount(ctx, r.repository, r.sibling+suffix, d)
		switch {
		case err != nil:
			return broken(err)
		case resp.status == http.StatusCreated:
			r.written.forget(item{r.repository, kindBlobs, d.String()})
			return failed("the response is 201 for a blob that does not exist").with(fact, "201")
		case resp.status == http.StatusAccepted:
			return passed("the response is 202 and opens an upload").with(fact, "202")
		case resp.isRefusal(), resp.has(http.StatusUnauthorized, http.StatusForbidden):
			return skipped("refused with %s, where the specification recommends 202", statusText(resp.status)).with(fact, strconv.Itoa(resp.status))
		}
		return unexpected("the response to a mount that cannot succeed", resp).with(fact, strconv.Itoa(resp.status))
	}
}
