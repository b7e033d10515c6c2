package probe

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"manifest-tool/internal/probe/probetest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// fault handles a request in place of the registry next, or passes it on and changes
// the response.
type fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

// none is a registry without a fault.
func none(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) }

// probeFaulty carries out the checks of some sections on a registry with a fault.
func probeFaulty(t *testing.T, f fault, only ...Section) Report {
	t.Helper()
	return probeHost(t, serve(t, inFrontOf(probetest.NewRegistry(), f)), transport.Options{}, only...)
}

// inFrontOf returns a handler with a fault.
func inFrontOf(next http.Handler, f fault) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(w, r, next) })
}

// serve starts a registry and returns its host.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// probeLimited is probeFaulty with limits of the time.
func probeLimited(t *testing.T, f fault, l Limits, only ...Section) Report {
	t.Helper()
	return runLimited(t, serve(t, inFrontOf(probetest.NewRegistry(), f)), transport.Options{}, l, only...)
}

// probeHost carries out the checks of some sections on a registry.
func probeHost(t *testing.T, host string, o transport.Options, only ...Section) Report {
	t.Helper()
	return runLimited(t, host, o, Limits{ReadBack: 300 * time.Millisecond}, only...)
}

func runLimited(t *testing.T, host string, o transport.Options, l Limits, only ...Section) Report {
	t.Helper()
	ref, err := reference.Parse(host + "/team/app")
	if err != nil {
		t.Fatal(err)
	}
	o.Timing.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	if o.Warn == nil {
		o.Warn = func(m string) { t.Errorf("warning: %s", m) }
	}
	at := transport.New(o)
	for _, one := range []reference.Ref{ref, Sibling(ref)} {
		at.Announce(one.Repository.RegistryStr(), one.Repository.RepositoryStr(), true)
	}
	report, err := Run(t.Context(), ref, Options{
		Only: only, Transport: at, RequestToken: at.RequestToken, Redact: at.Redact, Now: time.Now,
		Limits: l,
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// faultCase is a fault with the results that it changes.
type faultCase struct {
	fault fault
	// want are the statuses by check that differ from those without the fault.
	want map[string]Status
	// facts are measured values that the checks of want report.
	facts map[string]string
}

// testFaults runs some sections with each fault: exactly the expected results change.
func testFaults(t *testing.T, cases map[string]faultCase, only ...Section) {
	t.Helper()
	compareFaults(t, func(t *testing.T, f fault) Report { return probeFaulty(t, f, only...) }, cases)
}

// compareFaults is testFaults for any kind of registry.
func compareFaults(t *testing.T, probe func(*testing.T, fault) Report, cases map[string]faultCase) {
	t.Helper()
	sound := statuses(probe(t, none))
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			report := probe(t, tt.fault)
			got, facts := statuses(report), map[string]string{}
			maps.DeleteFunc(got, func(check string, s Status) bool { return sound[check] == s && tt.want[check] == "" })
			if !maps.Equal(got, tt.want) {
				for check := range got {
					one, _ := report.Result(check)
					t.Logf("%s: %s: %s", check, one.Status, one.Detail)
				}
				t.Errorf("changed results %v, want %v", got, tt.want)
			}
			for check := range tt.want {
				one, _ := report.Result(check)
				maps.Copy(facts, one.Facts)
			}
			for fact, value := range tt.facts {
				if facts[fact] != value {
					t.Errorf("fact %s is %q, want %q", fact, facts[fact], value)
				}
			}
		})
	}
}

func statuses(r Report) map[string]Status {
	all := map[string]Status{}
	for _, one := range r.Results {
		all[one.Name] = one.Status
	}
	return all
}

// when applies a fault to requests with one of the methods, to paths that contain part.
func when(part, methods string, f fault) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, part) && slices.Contains(strings.Fields(methods), r.Method) {
			f(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// respond responds with a status.
func respond(status int) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(status) }
}

// refuse responds with a status to a request whose body contains a string, and to one
// whose Content-Type is that string.
func refuse(status int, text string) fault {
	return when("/manifests/", "PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get("Content-Type") == text || bytes.Contains(read(r), []byte(text)) {
			w.WriteHeader(status)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// change passes a request on and changes its successful response.
func change(f func(r *http.Request, h http.Header, body []byte) []byte) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		got := httptest.NewRecorder()
		next.ServeHTTP(got, r)
		body := got.Body.Bytes()
		if got.Code < 300 {
			body = f(r, got.Header(), body)
		}
		maps.Copy(w.Header(), got.Header())
		w.WriteHeader(got.Code)
		_, _ = w.Write(body)
	}
}

// read returns the body of a request, which can be read again.
func read(r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}
