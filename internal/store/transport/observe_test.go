package transport

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestFault89AURLIsShownWithoutItsSecrets(t *testing.T) {
	tests := []struct{ in, want string }{
		{"https://registry.example/v2/a/manifests/1", "https://registry.example/v2/a/manifests/1"},
		{
			"https://registry.example/v2/a/blobs/uploads/1?_state=SECRET&digest=sha256:00",
			"https://registry.example/v2/a/blobs/uploads/1?_state=REDACTED&digest=sha256%3A00",
		},
		{
			"https://storage.example/blob?X-Amz-Signature=SECRET&X-Amz-Signature=SECRET&sig=SECRET",
			"https://storage.example/blob?X-Amz-Signature=REDACTED&sig=REDACTED",
		},
		{
			"https://registry.example/v2/d/blobs/uploads/?mount=sha256:00&from=a",
			"https://registry.example/v2/d/blobs/uploads/?from=a&mount=sha256%3A00",
		},
		{
			"https://auth.example/token?scope=repository:a:pull&scope=repository:b:pull&service=s&account=SECRET",
			"https://auth.example/token?account=REDACTED&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull&service=s",
		},
		{"https://alice:SECRET@registry.example/v2/#SECRET", "https://registry.example/v2/"},
		{"https://registry.example/v2/?SECRET=1;b", "https://registry.example/v2/"},
	}
	for _, tt := range tests {
		u, err := url.Parse(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := RedactURL(u); got != tt.want || strings.Contains(got, "SECRET") {
			t.Errorf("%s is shown as\n%s, want\n%s", tt.in, got, tt.want)
		}
	}
}

// watched collects events.
type watched struct {
	mu     sync.Mutex
	events []Event
}

func (w *watched) tell(e Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// TestEveryRequestIsTold holds that what is counted is what went out: the 401,
// the token, each try.
func TestEveryRequestIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := &gate{name: "https://registry.example", asks: bearerAuth}
		busy := true
		net := &network{hosts: map[string]http.HandlerFunc{registry.name: func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(20 * time.Millisecond) // the bubble's clock
			if r.URL.Path == "/token" && busy {
				busy = false
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			registry.ServeHTTP(w, r)
		}}}
		seen := &watched{}
		tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}, Observe: seen.tell})
		tr.Announce("registry.example", "a", true)
		wantStatus(t, tr, 201, "PUT", manifestOf("a")+"?_state=SECRET", "{}")
		wantEvents(t, seen.events, []Event{
			{Method: "PUT", URL: manifestOf("a") + "?_state=REDACTED", Status: 401, Bytes: -1},
			{Method: "GET", URL: registry.tokenURL("repository:a:pull,push"), Status: 503, Bytes: -1},
			{Method: "GET", URL: registry.tokenURL("repository:a:pull,push"), Status: 200, Bytes: -1},
			{Method: "PUT", URL: manifestOf("a") + "?_state=REDACTED", Status: 201, Bytes: -1},
		})
		for _, e := range seen.events {
			if e.Took != 20*time.Millisecond || e.Start.IsZero() {
				t.Errorf("%s %s took %v from %v", e.Method, e.URL, e.Took, e.Start)
			}
		}
		if said := fmt.Sprintf("%+v", seen.events); strings.Contains(said, "rabbit") || strings.Contains(said, "SECRET") ||
			strings.Contains(said, basicOf(alice)[len("Basic "):]) {
			t.Errorf("an event tells a secret: %s", said)
		}
	})
}

func wantEvents(t *testing.T, got, want []Event) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Event{}, "Start", "Took"), cmpopts.EquateErrors()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestARequestWithoutAnAnswerIsTold(t *testing.T) {
	seen := &watched{}
	tr := New(Options{Base: &network{}, Observe: seen.tell})
	tr.Announce("registry.example", "a", false)
	if _, err := send(t.Context(), tr, "GET", manifestOf("a"), ""); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("error %v", err)
	}
	wantEvents(t, seen.events, []Event{{Method: "GET", URL: manifestOf("a"), Bytes: -1, Err: syscall.ECONNREFUSED}})
}

func TestTheUserAgentIsSentEverywhere(t *testing.T) {
	var agents []string
	registry := &gate{name: "https://registry.example", asks: bearerAuth}
	net := &network{hosts: map[string]http.HandlerFunc{registry.name: func(w http.ResponseWriter, r *http.Request) {
		agents = append(agents, r.UserAgent())
		registry.ServeHTTP(w, r)
	}}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}, UserAgent: "manifest-tool/1.0"})
	tr.Announce("registry.example", "a", false)
	wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
	if diff := cmp.Diff([]string{"manifest-tool/1.0", "manifest-tool/1.0", "manifest-tool/1.0"}, agents); diff != "" {
		t.Errorf("agents (-want +got):\n%s", diff)
	}
}
