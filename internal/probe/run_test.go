package probe

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"manifest-tool/internal/probe/probetest"
	"manifest-tool/internal/store/transport"
)

// silent never responds.
func silent(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() }

// TestSilentRequest: a request without a response ends one check, and not the run.
func TestSilentRequest(t *testing.T) {
	report := probeLimited(t, when("_catalog", "GET", silent), Limits{Check: 2 * time.Second}, SectionListing, SectionDeletion)
	if got, _ := report.Result("catalog"); got.Status != StatusError || !strings.Contains(got.Detail, "did not respond within the time limit of a check") {
		t.Errorf("catalog: %s %q", got.Status, got.Detail)
	}
	if got, _ := report.Result("delete-tag"); got.Status != StatusPass {
		t.Errorf("delete-tag: %s %q", got.Status, got.Detail)
	}
	if len(report.Left) > 0 {
		t.Errorf("left: %q", report.Left)
	}
}

// TestTimeOfRun: of the time of a run, some is left for deleting.
func TestTimeOfRun(t *testing.T) {
	report := probeLimited(t, when("_catalog", "GET", silent), Limits{Run: 4 * time.Second}, SectionListing, SectionDeletion)
	for _, name := range []string{"catalog", "delete-tag"} {
		if got, _ := report.Result(name); got.Status != StatusError || !strings.Contains(got.Detail, "the time of the run is over") {
			t.Errorf("%s: %s %q", name, got.Status, got.Detail)
		}
	}
	if got, _ := report.Result("tags-list"); got.Status != StatusPass {
		t.Errorf("tags-list: %s %q", got.Status, got.Detail)
	}
	if len(report.Left) > 0 {
		t.Errorf("left: %q", report.Left)
	}
}

func TestDivide(t *testing.T) {
	for name, tt := range map[string]struct{ run, cleanup time.Duration }{
		"short": {8 * time.Second, 2 * time.Second},
		"long":  {time.Hour, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			before := time.Now()
			ctx, cancel, cleanup := Limits{Run: tt.run, Cleanup: 20 * time.Second}.divide(t.Context())
			defer cancel()
			end, _ := ctx.Deadline()
			if cleanup > tt.cleanup || cleanup < tt.cleanup/2 || end.Before(before.Add(tt.run-tt.cleanup)) || end.After(time.Now().Add(tt.run-cleanup)) {
				t.Errorf("checks end at %s, cleanup takes %s", end.Sub(before), cleanup)
			}
		})
	}
}

// TestStoredWithoutResponse: a manifest that the registry stored without a response is
// deleted, too.
func TestStoredWithoutResponse(t *testing.T) {
	registry, stored := probetest.NewRegistry(), ""
	host := serve(t, inFrontOf(registry, when("/manifests/", "PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(string(read(r)), "index-nested") {
			next.ServeHTTP(w, r)
			return
		}
		stored = r.URL.Path
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})))
	report := probeHost(t, host, transport.Options{}, SectionIndexes)
	if got, _ := report.Result("index-nested"); got.Status != StatusError || stored == "" {
		t.Errorf("index-nested: %s %q, stored: %q", got.Status, got.Detail, stored)
	}
	if got := probetest.Send(registry, http.MethodGet, stored).Code; got != http.StatusNotFound || len(report.Left) > 0 {
		t.Errorf("GET %s: %d, left: %q", stored, got, report.Left)
	}
}
