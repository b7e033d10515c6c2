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

// readBackChecks are about the time until the registry returns what it stored.
func readBackChecks() []check {
	return []check{
		{"blob-read-back", SectionBlobs, "a blob can be read at once after it was pushed", "distribution-spec, \"Pushing blobs\"", false, checkBlobReadBack},
	}
}

func checkBlobReadBack(ctx context.Context, r *run) outcome {
	o := r.content.blob("read-back")
	if err := r.putBlob(ctx, r.repository, o); err != nil {
		return broken(err)
	}
	q := request{method: http.MethodHead, url: path(r.repository, "blobs", o.digest().String())}
	return r.readBack(ctx, q, "blob-delay-ms", func(got response) string {
		if got.status != http.StatusOK {
			return "HEAD: " + statusText(got.status)
		}
		return ""
	})
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
