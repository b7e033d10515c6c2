package transport

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// FuzzRetryAfter holds that no header makes a wait negative, a single one
// longer than a minute or all of them longer than five, or the tries more than
// five.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{
		"", "0", "1", "59", "60", "61", "-1", "+5", "1.5", "1e9", "999999999999", "18446744073709551616", "2147483648", " 5", "5 ", "0x10", "05",
		"Fri, 31 Dec 1999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Friday, 31-Dec-99 23:59:59 GMT", "Fri Dec 31 23:59:59 1999",
		"Mon, 01 Jan 0001 00:00:00 GMT", "tomorrow", "5, 10", "\x00", "٥",
	} {
		f.Add(seed, int64(1_700_000_000))
	}
	f.Fuzz(func(t *testing.T, value string, now int64) {
		resp := &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {value}}, Body: http.NoBody}
		if d := retryAfter(resp, time.Unix(now, 0)); d < 0 {
			t.Fatalf("%q is a wait of %v", value, d)
		}
		var tries int
		var sum time.Duration
		stage := &retry{
			next: roundTrip(func(*http.Request) (*http.Response, error) { tries++; return resp, nil }),
			wait: func(_ context.Context, d time.Duration) error {
				if sum += d; d < 0 || d > maxWait || sum > maxTotalWait {
					t.Fatalf("%q: a wait of %v, %v in all", value, d, sum)
				}
				return nil
			},
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://registry.example/v2/", nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := stage.RoundTrip(req)
		if err != nil || got != resp || tries > maxTries {
			t.Fatalf("%q: %v, %v after %d tries", value, got, err, tries)
		}
		_ = got.Body.Close()
	})
}

// roundTrip is a function as a stage.
type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }
