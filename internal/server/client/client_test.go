package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
)

const someDigest = "sha256:c64dfcde58a0b59efc68fbe6b4c2af59254d98fad63835c0a17dde24add32e2e"

// service is a service with one answer.
func service(t *testing.T, status int, body string, header ...string) (url string, asked *[]string) {
	t.Helper()
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.RequestURI+" "+r.UserAgent())
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestQueryAsksForThePlatforms(t *testing.T) {
	url, asked := service(t, http.StatusOK, `{"schema":"query/v1","name":"other","reference":"docker.io/library/app:1","digest":"`+someDigest+`","index":true,"platforms":[],"missing":["linux/arm64"]}`)
	found := New(url+"//", "agent", nil).Query(t.Context(), "app:1", manifesttest.ParsePlatforms(t, "linux/arm64", "windows/amd64:10.0.1"))
	if found.Err != nil || found.Name != "app:1" || len(found.Missing) != 1 {
		t.Errorf("%+v", found)
	}
	want := "/v1/images/docker.io/library/app:1?has=linux%2Farm64&has=windows%2Famd64%3A10.0.1 agent"
	if len(*asked) != 1 || (*asked)[0] != want {
		t.Errorf("requests %q, want %q", *asked, want)
	}
}

func TestStaleAnswerIsReported(t *testing.T) {
	const body = `{"schema":"query/v1","digest":"` + someDigest + `","index":true,"platforms":[]}`
	for age, header := range map[time.Duration][]string{-1: {"Age", "7"}, 7 * time.Second: {"Age", "7", "Manifest-Tool-Stale", "true"}, 0: {"Age", "x", "Manifest-Tool-Stale", "true"}} {
		got := time.Duration(-1)
		url, _ := service(t, http.StatusOK, body, header...)
		if found := New(url, "", func(_ string, age time.Duration) { got = age }).Query(t.Context(), "app:1", nil); found.Err != nil || got != age {
			t.Errorf("%q: age %v, error %v", header, got, found.Err)
		}
	}
}

func TestFailuresOfAService(t *testing.T) {
	for _, tt := range []struct {
		status           int
		body, message    string
		hint, retryAfter string
		input            bool
	}{
		{http.StatusBadRequest, `{"error":"bad name"}`, "bad name", "", "", true},
		{http.StatusNotFound, `{"error":"app:1: not found"}`, "app:1: not found", "", "", false},
		{http.StatusTooManyRequests, `{"error":"too many requests"}`, "too many requests", "try again in 5 seconds", "5", false},
		{http.StatusBadGateway, "<html>", "answered 502 Bad Gateway", "", "", false},
		{http.StatusOK, "<html>", "not that of a query service", "--server needs", "", false},
		{http.StatusOK, `{"schema":"other/v1"}`, "not that of a query service", "--server needs", "", false},
		{http.StatusOK, `{"schema":"query/v1"}`, "not that of a query service", "--server needs", "", false},
		{http.StatusOK, `{"schema":"query/v1","digest":"` + someDigest + `","platforms":[]}`, "not that of a query service", "--server needs", "", false},
		{http.StatusOK, `{"schema":"query/v1","digest":"` + someDigest + `","index":true,"platforms":null}`, "not that of a query service", "--server needs", "", false},
		{http.StatusOK, `{"schema":"query/v1","digest":"\u001b[31m","index":true,"platforms":[]}`, "not that of a query service", "--server needs", "", false},
		{http.StatusOK, `{"schema":"query/v1","name":"` + strings.Repeat("a", maxAnswer) + `"}`, "not that of a query service", "--server needs", "", false},
	} {
		url, _ := service(t, tt.status, tt.body, "Retry-After", tt.retryAfter)
		found := New(url, "", nil).Query(t.Context(), "app:1", nil)
		var input *manifest.InputError
		if found.Err == nil || !strings.Contains(found.Error, tt.message) || errors.As(found.Err, &input) != tt.input || !strings.Contains(errtext.Hint(found.Err), tt.hint) {
			t.Errorf("%d %.40s: error %v, hint %q", tt.status, tt.body, found.Err, errtext.Hint(found.Err))
		}
		if found.Reference != "docker.io/library/app:1" || len(found.Platforms) > 0 {
			t.Errorf("%+v", found.Reference)
		}
	}
}

// TestServiceWithoutTLS asks a service that speaks plain HTTP with https.
func TestServiceWithoutTLS(t *testing.T) {
	url, _ := service(t, http.StatusOK, "")
	found := New(strings.Replace(url, "http:", "https:", 1), "", nil).Query(t.Context(), "app:1", nil)
	if hint := errtext.Hint(found.Err); !strings.Contains(hint, "http://HOST:PORT") {
		t.Errorf("error %v, hint %q", found.Err, hint)
	}
}
