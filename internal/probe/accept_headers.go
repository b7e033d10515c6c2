package probe

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// headAndGet requests the tagged index with both methods.
func (r *run) headAndGet(ctx context.Context) (head, get response, o object, err error) {
	tag, o, err := r.pushTagged(ctx, formatOCI)
	if err != nil {
		return head, get, o, err
	}
	if head, err = r.getOnce(ctx, http.MethodHead, tag, acceptAll()...); err != nil {
		return head, get, o, err
	}
	get, err = r.getOnce(ctx, http.MethodGet, tag, acceptAll()...)
	switch {
	case err != nil:
	case head.status != http.StatusOK:
		err = errors.New("the response to HEAD is " + statusText(head.status))
	case get.status != http.StatusOK:
		err = errors.New("the response to GET is " + statusText(get.status))
	}
	return head, get, o, err
}

// checkHeadHeaders compares headers that other checks do not look at.
func checkHeadHeaders(ctx context.Context, r *run) outcome {
	head, get, _, err := r.headAndGet(ctx)
	if err != nil {
		return broken(err)
	}
	var missing []string
	for _, name := range []string{"Content-Type", "Etag"} {
		of, want := head.header.Get(name), get.header.Get(name)
		switch {
		case of == "" && want != "":
			missing = append(missing, name)
		case of != want:
			return failed("%s is %q for HEAD and %q for GET", name, of, want)
		}
	}
	if len(missing) > 0 {
		return skipped("HEAD has no %s", joined(missing))
	}
	return passed("Content-Type and ETag are the same")
}

func checkHeadLength(ctx context.Context, r *run) outcome {
	head, _, o, err := r.headAndGet(ctx)
	if err != nil {
		return broken(err)
	}
	switch length := head.header.Get("Content-Length"); length {
	case "":
		return skipped("HEAD has no Content-Length").with("head-length", "missing")
	case strconv.Itoa(len(o.raw)):
		return passed("%s bytes", length).with("head-length", "right")
	default:
		return failed("Content-Length is %s, and the manifest has %d bytes", length, len(o.raw)).with("head-length", "wrong")
	}
}

// checkDigestHeader compares Docker-Content-Digest with the bytes that were pushed.
func checkDigestHeader(ctx context.Context, r *run) outcome {
	head, get, o, err := r.headAndGet(ctx)
	if err != nil {
		return broken(err)
	}
	var missing []string
	for _, one := range []struct {
		method string
		resp   response
	}{{http.MethodHead, head}, {http.MethodGet, get}} {
		switch got := one.resp.header.Get("Docker-Content-Digest"); got {
		case o.digest().String():
		case "":
			missing = append(missing, one.method)
		default:
			return failed("Docker-Content-Digest is %q for %s, and the manifest has %s", got, one.method, o.digest()).with("digest-header", "wrong")
		}
	}
	if len(missing) > 0 {
		return skipped("the response to %s has no Docker-Content-Digest", strings.Join(missing, " and ")).with("digest-header", "missing for "+joined(missing))
	}
	return passed("Docker-Content-Digest is right").with("digest-header", "right")
}

// checkEncoding looks for a compression that was not requested. HTTP permits it, but
// digest and size are those of the manifest before it. Whether it can be undone is the
// subject of accept-all.
func checkEncoding(ctx context.Context, r *run) outcome {
	_, get, _, err := r.headAndGet(ctx)
	if err != nil {
		return broken(err)
	}
	coding := get.header.Get("Content-Encoding")
	if coding == "" || strings.EqualFold(coding, "identity") {
		return passed("not compressed").with("encoding", "none")
	}
	return skipped("compressed (%s), although the request does not have Accept-Encoding", coding).with("encoding", coding)
}
