package transport

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// chain is a host that redirects n times before it answers.
func chain(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		hop, _ := strconv.Atoi(r.URL.Query().Get("hop"))
		if hop < n {
			w.Header().Set("Location", fmt.Sprintf("/v2/a/blobs/sha256:00?hop=%d", hop+1))
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
	}
}

func TestFiveRedirectsAreEnough(t *testing.T) {
	tests := []struct {
		hops, requests int
		ok             bool
	}{
		{0, 1, true}, {5, 6, true}, {6, 6, false}, {300, 6, false},
	}
	for _, tt := range tests {
		t.Run(strconv.Itoa(tt.hops), func(t *testing.T) {
			net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": chain(tt.hops)}}
			tr := New(Options{Base: net})
			tr.Announce("registry.example", "a", false)
			_, err := send(t.Context(), tr, "GET", "https://registry.example/v2/a/blobs/sha256:00", "")
			if (err == nil) != tt.ok {
				t.Errorf("error %v, want success: %v", err, tt.ok)
			}
			if got := len(net.seen); got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	const trap = "http://trap.example"
	tests := []struct {
		name, method string
		status       int
		location     string
		want         string // the last request, "" when the redirect is refused
	}{
		{"a blob on a storage host", "GET", 307, "https://storage.example/blob", "GET https://storage.example/blob"},
		{"a moved manifest", "GET", 301, "/v2/b/manifests/1", "GET https://registry.example/v2/b/manifests/1"},
		{"see other is fine for a read", "GET", 303, "https://storage.example/blob", "GET https://storage.example/blob"},
		{"a write that goes on as it is", "PUT", 307, "https://storage.example/blob", "PUT https://storage.example/blob"},
		{"a permanent one", "POST", 308, "https://storage.example/blob", "POST https://storage.example/blob"},
		{"a read that would leave https", "GET", 302, trap + "/blob", ""},
		{"a write that would leave https", "PUT", 307, trap + "/blob", ""},
		{"the same host in clear", "GET", 302, "http://registry.example/v2/a/manifests/1", ""},
		{"a PUT that would become a GET, 301", "PUT", 301, "https://storage.example/blob", ""},
		{"a PUT that would become a GET, 302", "PUT", 302, "https://storage.example/blob", ""},
		{"a PUT that would become a GET, 303", "PUT", 303, "https://storage.example/blob", ""},
		{"a POST that would become a GET", "POST", 302, "https://storage.example/blob", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			storage := func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, bodyOf(r)) }
			net := &network{hosts: map[string]http.HandlerFunc{
				"https://storage.example": storage, trap: storage, "http://registry.example": storage,
				"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/v2/a/manifests/1" {
						w.Header().Set("Location", tt.location)
						w.WriteHeader(tt.status)
					}
				},
			}}
			tr := New(Options{Base: net})
			tr.Announce("registry.example", "a", true)
			_, err := send(t.Context(), tr, tt.method, manifestOf("a"), "")
			want := map[string]int{tt.method + " " + manifestOf("a") + " - " + statusText(tt.status): 1}
			if tt.want != "" {
				want[tt.want+" - 200"]++
			}
			if (err == nil) != (tt.want != "") {
				t.Errorf("error %v", err)
			}
			net.wantExactly(t, want)
		})
	}
}

func TestFault61ARedirectedUploadSendsItsBodyAgain(t *testing.T) {
	for _, status := range []int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			var got string
			storage := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = bodyOf(r) }))
			defer storage.Close()
			registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = bodyOf(r)
				http.Redirect(w, r, storage.URL+"/blob", status)
			}))
			defer registry.Close()
			host := registry.Listener.Addr().String()
			tr := New(Options{})
			tr.Announce(host, "a", true)
			body := strings.Repeat("blob", 1<<14)
			wantStatus(t, tr, 200, "PUT", "https://"+host+"/v2/a/blobs/uploads/1", body)
			if got != body {
				t.Errorf("the storage host got %d bytes, want %d", len(got), len(body))
			}
		})
	}
}
