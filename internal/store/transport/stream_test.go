package transport

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// pieces is a body that notes the largest piece that was asked for.
type pieces struct {
	io.Reader
	most int
}

func (p *pieces) Read(b []byte) (int, error) {
	p.most = max(p.most, len(b))
	return p.Reader.Read(b)
}

// TestBodiesAreSentInLargePieces holds that net/http leaves the copying to the
// connection: whether it does is not part of its interface.
func TestBodiesAreSentInLargePieces(t *testing.T) {
	const size = 3*connBufferSize + 1
	var got atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		got.Add(n)
		w.WriteHeader(http.StatusCreated)
	}))
	defer server.Close()
	body := &pieces{Reader: strings.NewReader(strings.Repeat("x", size))}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, server.URL+"/v2/a/blobs/uploads/1", body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = size
	tr := New(Options{})
	tr.Announce(req.URL.Host, "a", true)
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	Discard(resp)
	if resp.StatusCode != http.StatusCreated || got.Load() != size || body.most < connBufferSize {
		t.Errorf("status %d, %d of %d bytes in pieces of %d", resp.StatusCode, got.Load(), size, body.most)
	}
}
