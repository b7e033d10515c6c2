package probe

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// firstPause is the pause after the first request that did not return what was
// stored; each one after it is twice as long.
const firstPause = 50 * time.Millisecond

// checkBlobReadBack requests a blob that was just stored. Whether HEAD works at all is
// the subject of blob-head.
func checkBlobReadBack(ctx context.Context, r *run) outcome {
	o, err := r.basicBlob(ctx)
	if err != nil {
		return broken(err)
	}
	var last response
	q := request{method: http.MethodHead, url: path(r.repository, "blobs", o.digest().String())}
	out := r.readBack(ctx, q, "blob-delay-ms", func(got response) string {
		if last = got; got.status == http.StatusNotFound {
			return "HEAD: " + statusText(got.status)
		}
		return ""
	})
	if out.status == StatusPass && last.status != http.StatusOK {
		return broken(&responseError{"the response to HEAD", last})
	}
	return out
}

// readBack repeats a request until problem returns "" for its response, or what the
// last response lacks when the time limit is over. fact is the name of the delay.
func (r *run) readBack(ctx context.Context, q request, fact string, problem func(response) string) outcome {
	var waited time.Duration
	stored := r.now()
	for wait := firstPause; ; wait *= 2 {
		got, err := decided(r.do(ctx, q))
		if err != nil {
			return broken(err)
		}
		lacks := problem(got)
		switch {
		case lacks == "" && waited == 0:
			return passed("readable at once").with(fact, "0")
		case lacks == "":
			took := r.now().Sub(stored).Milliseconds()
			return passed("readable %d ms after it was stored", took).with(fact, strconv.FormatInt(took, 10))
		case waited >= r.readBackLimit:
			return failed("%s, %s after it was stored", lacks, waited)
		}
		wait = min(wait, r.readBackLimit-waited)
		if err := pause(ctx, wait); err != nil {
			return broken(fmt.Errorf("waiting for what was stored: %w", err))
		}
		waited += wait
	}
}
