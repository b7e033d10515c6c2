package store

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// spaces is an answer of blanks that counts what was taken of it.
type spaces struct {
	left  int64
	taken atomic.Int64
}

func (s *spaces) Read(p []byte) (int, error) {
	n := min(int64(len(p)), s.left-s.taken.Load())
	for i := range p[:n] {
		p[i] = ' '
	}
	if s.taken.Add(n); n == 0 {
		return 0, io.EOF
	}
	return int(n), nil
}

func (s *spaces) Close() error { return nil }

// flooding is a network of one registry that answers all with a status and
// more than anybody wants.
func flooding(t *testing.T, status int, header http.Header) (*Store, *spaces) {
	t.Helper()
	body := &spaces{left: 64 << 20}
	return newStoreWith(t, transport.Options{Base: oneHost{t, func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: body, ContentLength: -1}, nil
	}}}), body
}

func TestFault34ManifestIsReadUpToFourMebibytes(t *testing.T) {
	for name, at := range map[string]func(reference.Ref) reference.Ref{
		"tag":    func(r reference.Ref) reference.Ref { return r },
		"digest": func(r reference.Ref) reference.Ref { return r.WithDigest(digest.FromString("x")) },
	} {
		t.Run(name, func(t *testing.T) {
			s, body := flooding(t, http.StatusOK, http.Header{"Content-Type": {ociIndex}})
			_, err := s.Get(t.Context(), at(ref(t, s, "registry.example/a:1", false)))
			var large *transport.TooLargeError
			if !errors.As(err, &large) {
				t.Errorf("error %v", err)
			}
			if got := body.taken.Load(); got != 4<<20+1 {
				t.Errorf("%d bytes were taken", got)
			}
		})
	}
}

// TestFault37EndlessAnswerIsNotDrained is about answers whose body says
// nothing, which is read only to keep the connection.
func TestFault37EndlessAnswerIsNotDrained(t *testing.T) {
	o := smallIndex("x")
	header := http.Header{"Docker-Content-Digest": {o.Descriptor.Digest.String()}, "Www-Authenticate": {`Basic realm="r"`}}
	for _, status := range []int{http.StatusCreated, http.StatusUnauthorized, http.StatusNotFound, http.StatusForbidden} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			s, body := flooding(t, status, header)
			err := s.Put(t.Context(), ref(t, s, "registry.example/a:1", true), o)
			if (err == nil) != (status == http.StatusCreated) {
				t.Errorf("error %v", err)
			}
			if got := body.taken.Load(); got > 64<<10 {
				t.Errorf("%d bytes were taken", got)
			}
		})
	}
}

// TestFault38ErrorPageOfAnySizeHasItsClass is about a registry, or a proxy
// before it, that answers no with a long page.
func TestFault38ErrorPageOfAnySizeHasItsClass(t *testing.T) {
	for status, want := range map[int]error{404: ErrNotFound, 403: ErrDenied, 401: ErrUnauthorized} {
		s := newStore(t)
		f := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			fmt.Fprint(w, strings.Repeat("x", 70<<10))
			return true
		})
		r := ref(t, s, f.host+"/a:1", false)
		_, getErr := s.Get(t.Context(), r)
		_, blobErr := s.ReadBlob(t.Context(), r, descriptorOf("", []byte("blob")))
		for _, err := range []error{getErr, blobErr} {
			if !errors.Is(err, want) {
				t.Errorf("%d: error %.200v", status, err)
			}
		}
	}
}

func TestFault42DeepNestingIsAnError(t *testing.T) {
	for _, pair := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
		deep := strings.Repeat(pair[0], 10_001) + "1" + strings.Repeat(pair[1], 10_001)
		wantNoManifest(t, ociIndex, docOf(ociIndex, noEntries+`,"x":`+deep))
		wantNoManifest(t, ociIndex, deep)
	}
}

func TestFault43AbsurdChunkLengthIsIgnored(t *testing.T) {
	for value, want := range map[string]int64{
		"": 0, "0": 0, "-1": 0, "a lot": 0, "1": 1, "67108864": 64 << 20,
		"67108865": 0, "1099511627776": 0, "9223372036854775808": 0, "1e9": 0,
	} {
		resp := &http.Response{Header: http.Header{"Oci-Chunk-Min-Length": {value}}}
		if got := minChunkSize(resp); got != want {
			t.Errorf("%q: %d, want %d", value, got, want)
		}
	}
}
