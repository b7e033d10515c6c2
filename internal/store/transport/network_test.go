package transport

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
)

// network is the Base of transports in tests: hosts that are functions, by
// scheme://host, so that any host may use any scheme. Other hosts refuse
// the connection. It notes each request as method, URL, what was sent to be
// let in, status.
type network struct {
	hosts map[string]http.HandlerFunc

	mu   sync.Mutex
	seen []string
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	original := req
	var sent []byte
	if req.Body != nil {
		var err error
		sent, err = io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(sent)) // as a server has it
	handler := n.hosts[req.URL.Scheme+"://"+req.URL.Host]
	if handler == nil {
		n.note(req, "refused")
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	answer := httptest.NewRecorder()
	handler(answer, req)
	if err := req.Context().Err(); err != nil {
		n.note(req, "cancelled")
		return nil, err
	}
	resp := answer.Result()
	resp.Request = original
	n.note(req, resp.Status[:3])
	return resp, nil
}

func (n *network) note(req *http.Request, status string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, strings.Join([]string{req.Method, req.URL.String(), shown(req), status}, " "))
}

// shown is the Authorization of a request in readable form, - without one.
func shown(req *http.Request) string {
	if user, password, ok := req.BasicAuth(); ok {
		return user + ":" + password
	}
	return cmp.Or(strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "), "-")
}

// count returns how often each request was seen.
func (n *network) count() map[string]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	times := map[string]int{}
	for _, line := range n.seen {
		times[line]++
	}
	return times
}

func (n *network) wantExactly(t *testing.T, want map[string]int) {
	t.Helper()
	if diff := gocmp.Diff(want, n.count()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// keys are the credentials of registries by name, and of their first path components
// as REGISTRY/FOLDER; the others are anonymous.
type keys map[string]authn.AuthConfig

func (k keys) Credential(_ context.Context, registry, namespace string) (authn.AuthConfig, error) {
	return k[strings.TrimSuffix(registry+"/"+namespace, "/")], nil
}

func (k keys) Namespace(registry, repository string) string {
	folder, _, _ := strings.Cut(repository, "/")
	if _, ok := k[registry+"/"+folder]; !ok {
		return ""
	}
	return folder
}

var alice = authn.AuthConfig{Username: "alice", Password: "rabbit"}

// send makes a request through a transport as a client does, reads the answer
// to its end and returns its status, 0 with the error.
func send(ctx context.Context, tr http.RoundTripper, method, url, body string) (int, error) {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return 0, err
	}
	resp, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// wantStatus sends a request and checks the status of its answer.
func wantStatus(t *testing.T, tr http.RoundTripper, want int, method, url, body string) {
	t.Helper()
	got, err := send(t.Context(), tr, method, url, body)
	if err != nil {
		t.Errorf("%s %s: %v", method, url, err)
	} else if got != want {
		t.Errorf("%s %s: status %d, want %d", method, url, got, want)
	}
}

// together runs n functions at once and waits for them.
func together(n int, run func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { run(i) })
	}
	all.Wait()
}

// bodyOf reads a request's body in a handler.
func bodyOf(r *http.Request) string {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return "unreadable: " + err.Error()
	}
	return string(raw)
}

func basicOf(c authn.AuthConfig) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.Username+":"+c.Password))
}

func statusText(status int) string { return strconv.Itoa(status) }
