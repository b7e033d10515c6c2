package transport

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// failing answers with one status or error, always.
type failing struct {
	status int
	err    error
	header http.Header
	calls  int
}

func (f *failing) RoundTrip(req *http.Request) (*http.Response, error) {
	f.calls++
	if f.err != nil {
		return nil, f.err
	}
	return &http.Response{StatusCode: f.status, Header: f.header, Body: http.NoBody, Request: req}, nil
}

// trip sends a request and closes its answer; the status is 0 with an error.
func trip(rt http.RoundTripper, req *http.Request) (int, error) {
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// patient is a retry that notes its waits and does not wait.
func patient(next http.RoundTripper) (r *retry, waits *[]time.Duration) {
	waits = new([]time.Duration)
	return &retry{next: next, wait: func(_ context.Context, d time.Duration) error {
		*waits = append(*waits, d)
		return nil
	}}, waits
}

func TestFault48WhatMayPassIsSentFiveTimes(t *testing.T) {
	again := map[string]*failing{
		"reset":             {err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}},
		"broken pipe":       {err: &net.OpError{Op: "write", Err: syscall.EPIPE}},
		"end of file":       {err: io.EOF},
		"cut answer":        {err: fmt.Errorf("reading: %w", io.ErrUnexpectedEOF)},
		"idle connection":   {err: errors.New("http: server closed idle connection")},
		"HTTP/2 going away": {err: errors.New("http2: server sent GOAWAY and closed the connection")},
		"HTTP/2 stream":     {err: errors.New("stream error: stream ID 5; INTERNAL_ERROR; received from peer")},
		"HTTP/2 lost":       {err: errors.New("http2: client connection lost")},
	}
	for _, status := range []int{408, 429, 500, 502, 503, 504} {
		again[statusText(status)] = &failing{status: status}
	}
	final := map[string]*failing{
		"refused":      {err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}},
		"no such name": {err: &net.DNSError{Err: "no such host", Name: "registry.example", IsNotFound: true}},
		"certificate":  {err: x509.UnknownAuthorityError{}},
		"wrong name":   {err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "registry.example"}},
		"cancelled":    {err: context.Canceled},
		"too long":     {err: &TooLargeError{"manifest", MaxManifest}},
	}
	for _, status := range []int{200, 201, 202, 206, 304, 307, 400, 401, 403, 404, 405, 409, 413, 416, 501, 505} {
		final[statusText(status)] = &failing{status: status}
	}
	check := func(cases map[string]*failing, calls int) {
		for name, f := range cases {
			t.Run(name, func(t *testing.T) {
				r, waits := patient(f)
				status, err := trip(r, request(t, "/v2/a/manifests/1"))
				if f.calls != calls || len(*waits) != calls-1 {
					t.Errorf("sent %d times with %d waits, want %d times", f.calls, len(*waits), calls)
				}
				if !errors.Is(err, f.err) || status != f.status {
					t.Errorf("the last answer was lost: %d, %v", status, err)
				}
			})
		}
	}
	check(again, maxTries)
	check(final, 1)
}

func TestFault48WaitsGrowAndDiffer(t *testing.T) {
	r, waits := patient(&failing{status: 503})
	_, _ = trip(r, request(t, "/v2/a/manifests/1"))
	for i, d := range *waits {
		// 250 ms, half as much again each time, give or take a half.
		middle := 250 * time.Millisecond * time.Duration([]int{8, 12, 18, 27}[i]) / 8
		if d < middle/2 || d > middle*3/2+1 {
			t.Errorf("wait %d is %v, want about %v", i+1, d, middle)
		}
	}
}

func TestFault47RetryAfterIsHeeded(t *testing.T) {
	// A date has whole seconds, and the bubble's clock begins with one.
	in := func(d time.Duration) func() string {
		return func() string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	}
	is := func(value string) func() string { return func() string { return value } }
	tests := []struct {
		name     string
		value    func() string
		calls    int
		min, max time.Duration // of the first wait
	}{
		{"seconds", is("7"), maxTries, 7 * time.Second, 7 * time.Second},
		{"a minute, the longest wait", is("60"), maxTries, time.Minute, time.Minute},
		{"more than a minute", is("61"), 1, 0, 0},
		{"absurd", is("1000000000"), 1, 0, 0},
		{"more than fits", is("100000000000000000000"), 1, 0, 0},
		{"a date", in(30 * time.Second), maxTries, 30 * time.Second, 30 * time.Second},
		{"a date far off", in(24 * time.Hour), 1, 0, 0},
		{"a date in the past", in(-time.Hour), maxTries, 0, time.Second},
		{"zero", is("0"), maxTries, 0, time.Second},
		{"nonsense", is("soon"), maxTries, 0, time.Second},
		{"negative", is("-5"), maxTries, 0, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &failing{status: 429, header: http.Header{"Retry-After": {tt.value()}}}
				r, waits := patient(f)
				status, err := trip(r, request(t, "/v2/a/manifests/1"))
				if err != nil || status != 429 || f.calls != tt.calls {
					t.Fatalf("sent %d times, want %d; %v", f.calls, tt.calls, err)
				}
				if tt.calls > 1 && ((*waits)[0] < tt.min || (*waits)[0] > tt.max) {
					t.Errorf("waited %v, want %v to %v", (*waits)[0], tt.min, tt.max)
				}
			})
		})
	}
}

func TestFault47WaitsTogetherAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &failing{status: 429, header: http.Header{"Retry-After": {"60"}}}
		start := time.Now()
		_, _ = trip(&retry{next: f, wait: Sleep}, request(t, "/v2/a/manifests/1"))
		if took := time.Since(start); took != 4*time.Minute || took > maxTotalWait {
			t.Errorf("took %v for %d tries", took, f.calls)
		}
	})
}

func TestFault55ACancelledWaitEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := errors.New("stopped by hand")
		ctx, cancel := context.WithCancelCause(t.Context())
		f := &failing{status: 503, header: http.Header{"Retry-After": {"30"}}}
		start := time.Now()
		time.AfterFunc(time.Second, func() { cancel(stop) })
		_, err := trip(&retry{next: f, wait: Sleep}, request(t, "/v2/a/manifests/1").WithContext(ctx))
		if took := time.Since(start); took != time.Second || !errors.Is(err, stop) || f.calls != 1 {
			t.Errorf("ended after %v and %d tries with %v", took, f.calls, err)
		}
	})
}

// TestFault52ABrokenConnectionOrStreamIsTriedAgain is about a server that hangs up in the middle
// of its first answer's header, and then works.
func TestFault52ABrokenConnectionOrStreamIsTriedAgain(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		t.Run(map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[h2], func(t *testing.T) {
			var calls atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if calls.Add(1) == 1 {
					panic(http.ErrAbortHandler)
				}
				if got := bodyOf(r); got != strings.Repeat("blob", 1<<14) {
					t.Errorf("the body came with %d bytes", len(got))
				}
			}))
			server.EnableHTTP2, server.Config.ErrorLog = h2, quiet(t)
			server.StartTLS()
			defer server.Close()
			r, waits := patient(server.Client().Transport)
			wantStatus(t, r, 200, "PUT", server.URL+"/v2/a/blobs/uploads/1", strings.Repeat("blob", 1<<14))
			if len(*waits) != 1 {
				t.Errorf("waited %d times, want once", len(*waits))
			}
		})
	}
}
