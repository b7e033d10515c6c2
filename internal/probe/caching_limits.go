package probe

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"manifest-tool/internal/store/transport"
)

// checkCacheControl reads the Cache-Control of a tag. A cache that stores it returns
// the old image for a while after the tag was overwritten.
func checkCacheControl(ctx context.Context, r *run) outcome {
	_, got, err := r.taggedImage(ctx, r.content.tag("caching"), "amd64")
	if err != nil {
		return broken(err)
	}
	value := joined(got.header.Values("Cache-Control"))
	seconds, isStored := storedFor(value)
	switch {
	case value == "":
		return passed("no Cache-Control is sent")
	case isStored:
		return skipped("%q: a tag may be returned for %d seconds after it was overwritten", value, seconds).with("cache-control", value)
	}
	return passed("%q", value).with("cache-control", value)
}

// storedFor returns how long a shared cache may return a response without a request to
// the registry.
func storedFor(cacheControl string) (seconds int, isStored bool) {
	for directive := range strings.SplitSeq(strings.ToLower(cacheControl), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "no-cache", "private":
			return 0, false
		case "s-maxage", "max-age":
			// A shared cache prefers s-maxage (RFC 9111, section 5.2.2.10).
			if n, err := strconv.Atoi(strings.Trim(value, `"`)); err == nil && (name == "s-maxage" || seconds == 0) {
				seconds = n
			}
		}
	}
	return seconds, seconds > 0
}

// checkRateLimit reads the headers of Docker Hub, of the draft, and of GitHub and
// others.
func checkRateLimit(ctx context.Context, r *run) outcome {
	_, got, err := r.taggedImage(ctx, r.content.tag("caching"), "amd64")
	if err != nil {
		return broken(err)
	}
	for _, prefix := range []string{"Ratelimit-", "X-Ratelimit-"} {
		limit, remaining := got.header.Get(prefix+"Limit"), got.header.Get(prefix+"Remaining")
		if limit == "" && remaining == "" {
			continue
		}
		o := passed("%s of %s requests remain", remaining, limit)
		if !isQuota(limit) || !isQuota(remaining) {
			o = skipped("%sLimit is %q and %sRemaining %q: not numbers", prefix, limit, prefix, remaining)
		}
		return o.with("rate-limit", limit).with("rate-remaining", remaining)
	}
	return skipped("no rate limit is announced")
}

// isQuota reports whether a value is a number, such as 100, or 100;w=21600 as Docker
// Hub sends it.
func isQuota(s string) bool {
	number, _, _ := strings.Cut(s, ";")
	number, _, _ = strings.Cut(number, ",")
	_, err := strconv.ParseUint(strings.TrimSpace(number), 10, 63)
	return err == nil
}

// checkRetryAfter judges the responses with 429 to all requests so far. No request is
// sent to provoke one.
func checkRetryAfter(_ context.Context, r *run) outcome {
	if len(r.throttled) == 0 {
		return skipped("no request was throttled")
	}
	times := strconv.Itoa(len(r.throttled))
	for _, value := range r.throttled {
		if value == "" {
			return skipped("%s requests were throttled, without Retry-After", times).with("throttled", times)
		}
		if _, err := http.ParseTime(value); err != nil && transport.RetryAfter(http.Header{"Retry-After": {value}}, time.Now()) == 0 && value != "0" {
			return failed("the Retry-After of 429 is %q, neither seconds nor a date", value).with("throttled", times)
		}
	}
	return passed("%s requests were throttled, with Retry-After %s", times, r.throttled[0]).with("throttled", times)
}
