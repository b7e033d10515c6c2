package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// zeros is an answer without end that counts what was read of it.
type zeros struct {
	length, read int64
	closed       bool
}

func (z *zeros) Read(p []byte) (int, error) {
	n := min(int64(len(p)), z.length-z.read)
	clear(p[:n])
	if z.read += n; n == 0 {
		return 0, io.EOF
	}
	return int(n), nil
}

func (z *zeros) Close() error {
	z.closed = true
	return nil
}

// answering is a network that answers everything with a status and a body.
type answering struct {
	status int
	body   io.ReadCloser
}

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: a.body, ContentLength: -1, Request: req}, nil
}

func TestAnAnswerIsReadUpToItsLimit(t *testing.T) {
	const endless = 1 << 40
	tests := []struct {
		name     string
		status   int
		path     string
		length   int64
		read     int64 // of the server's answer
		complete bool
	}{
		{"a manifest of 4 MiB", 200, "/v2/a/manifests/1", MaxManifest, MaxManifest, true},
		{"a manifest of a byte more", 200, "/v2/a/manifests/1", MaxManifest + 1, MaxManifest + 1, false},
		{"a manifest without end", 200, "/v2/a/manifests/1", endless, MaxManifest + 1, false},
		{"an empty manifest", 200, "/v2/a/manifests/1", 0, 0, true},
		{"a larger blob", 200, "/v2/a/blobs/sha256:00", MaxManifest + 1, MaxManifest + 1, true},
		{"a blob of a repository called manifests", 200, "/v2/team/manifests/app/blobs/sha256:00", MaxManifest + 1, MaxManifest + 1, true},
		{"an error page without end", 404, "/v2/a/blobs/sha256:00", endless, maxError, true},
		{"an error page for a manifest", 500, "/v2/a/manifests/1", maxError, maxError, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := &zeros{length: tt.length}
			resp, err := (&bodyLimit{answering{tt.status, body}}).RoundTrip(request(t, tt.path))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.Copy(io.Discard, resp.Body)
			var large *TooLargeError
			if tt.complete && (err != nil || got != tt.read) || !tt.complete && (!errors.As(err, &large) || got > MaxManifest) {
				t.Errorf("read %d bytes with error %v", got, err)
			}
			if body.read != tt.read {
				t.Errorf("%d bytes were taken from the server, want %d", body.read, tt.read)
			}
			if _ = resp.Body.Close(); !body.closed {
				t.Error("the server's answer was left open")
			}
		})
	}
}

func request(t *testing.T, path string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "https://registry.example"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestAHeadHasNoBodyToBound(t *testing.T) {
	req := request(t, "/v2/a/manifests/1")
	req.Method = http.MethodHead
	resp, err := (&bodyLimit{answering{404, http.NoBody}}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Body != http.NoBody {
		t.Errorf("body %v", resp.Body)
	}
}

// TestAManifestIsBoundedWhereverItLies is about a registry that redirects to
// a storage host, whose paths say nothing.
func TestAManifestIsBoundedWhereverItLies(t *testing.T) {
	net := &network{hosts: map[string]http.HandlerFunc{
		"https://registry.example": http.RedirectHandler("https://storage.example/x", http.StatusTemporaryRedirect).ServeHTTP,
		"https://storage.example": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, &zeros{length: MaxManifest + 1})
		},
	}}
	tr := New(Options{Base: net})
	tr.Announce("registry.example", "a", false)
	_, err := send(t.Context(), tr, "GET", "https://registry.example/v2/a/manifests/1", "")
	var large *TooLargeError
	if !errors.As(err, &large) {
		t.Errorf("error %v, want a TooLargeError", err)
	}
	if _, err := send(t.Context(), tr, "GET", "https://registry.example/v2/a/blobs/sha256:00", ""); err != nil {
		t.Errorf("a blob of that size: %v", err)
	}
}

// TestFault38LongErrorPageKeepsItsStatus holds that ggcr, which gives up on pages of
// more than 64 KiB, still sees what the registry said.
func TestFault38LongErrorPageKeepsItsStatus(t *testing.T) {
	resp, err := (&bodyLimit{answering{403, &zeros{length: 1 << 20}}}).RoundTrip(request(t, "/v2/a/manifests/1"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer *transport.Error
	if err := transport.CheckError(resp, 200); !errors.As(err, &answer) || answer.StatusCode != 403 {
		t.Errorf("the answer became %T", err)
	}
}

func TestATokenAnswerIsBounded(t *testing.T) {
	for _, tt := range []struct {
		length int
		ok     bool
	}{{maxToken - len(`{"token":""}`), true}, {maxToken, false}} {
		t.Run(fmt.Sprint(tt.length), func(t *testing.T) {
			net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					fmt.Fprintf(w, `{"token":"%s"}`, strings.Repeat("t", tt.length))
				} else if r.Header.Get("Authorization") == "" {
					w.Header().Set("WWW-Authenticate", `Bearer realm="https://registry.example/token"`)
					w.WriteHeader(http.StatusUnauthorized)
				}
			}}}
			tr := New(Options{Base: net})
			tr.Announce("registry.example", "a", false)
			_, err := send(context.Background(), tr, "GET", manifestOf("a"), "")
			if (err == nil) != tt.ok {
				t.Errorf("error %v, want success: %v", err, tt.ok)
			}
		})
	}
}
