package store

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFault67UploadsInChunks has a registry ask for chunks in both its ways; the
// registry behind it checks the digest of what comes.
func TestFault67UploadsInChunks(t *testing.T) {
	layer := strings.Repeat("0123456789abcdef", (defaultChunk+defaultChunk/2)/16)
	asks := func(length string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				w.Header().Set("OCI-Chunk-Min-Length", length)
			}
			return false
		}
	}
	tooLarge := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || r.ContentLength == 0 {
			return false
		}
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return true
	}
	for _, c := range []struct {
		name    string
		answer  func(http.ResponseWriter, *http.Request) bool
		patches []string
	}{
		{"asked for by the session", asks("1000"), []string{"0-4194303", "4194304-6291455"}},
		{"larger than ours", asks("5000000"), []string{"0-4999999", "5000000-6291455"}},
		{"larger than the blob", asks("60000000"), []string{"0-6291455"}},
		{"too large for one PUT", tooLarge, []string{"0-4194303", "4194304-6291455"}},
		{"an absurd length is ignored", asks("1099511627776"), nil},
		{"a negative length is ignored", asks("-1"), nil},
		{"nonsense is ignored", asks("a lot"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			source, target := newFront(t, nil), newFront(t, nil)
			desc := source.putBlob(t, "a", layer)
			var patches []string
			target.answer = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPatch {
					patches = append(patches, r.Header.Get("Content-Range"))
				}
				return c.answer(w, r)
			}
			s := newStore(t)
			from, to := ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true)
			if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.patches, patches); diff != "" {
				t.Errorf("chunks (-want +got):\n%s", diff)
			}
			body, err := s.OpenBlob(t.Context(), to, desc)
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			if _, err := io.Copy(io.Discard, body); err != nil {
				t.Errorf("other bytes arrived: %v", err)
			}
		})
	}
}

// TestABlobIsReadBesideTheTargetsAnswer holds the target's answer back until
// the source was asked: only a copy that does both at once gets on.
func TestABlobIsReadBesideTheTargetsAnswer(t *testing.T) {
	asked := make(chan struct{})
	source := newFront(t, nil)
	desc := source.putBlob(t, "a", "layer")
	source.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			close(asked)
		}
		return false
	}
	target := newFront(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			select {
			case <-asked:
			case <-r.Context().Done():
			}
		}
		return false
	})
	s := newStore(t)
	from, to := ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true)
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{Absent: true}); err != nil {
		t.Fatal(err)
	}
}

// TestABlobThatIsThereIsNotRead says what the caution is for.
func TestABlobThatIsThereIsNotRead(t *testing.T) {
	source, target := newFront(t, nil), newFront(t, mounting(http.StatusCreated, ""))
	desc := source.putBlob(t, "a", "layer")
	source.forget()
	s := newStore(t)
	from, to := ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true)
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
		t.Fatal(err)
	}
	if seen := source.count(); len(seen) > 0 {
		t.Errorf("the source was asked: %v", seen)
	}
}

// TestFault64ASessionOfChunksIsClosedWhereItWent has a registry lead to another
// address with each chunk, as distribution does, and refuse the second one.
func TestFault64ASessionOfChunksIsClosedWhereItWent(t *testing.T) {
	layer := strings.Repeat("0123456789abcdef", (defaultChunk+defaultChunk/2)/16)
	for name, c := range map[string]struct {
		second func(http.ResponseWriter)
		closed string
	}{
		"the second chunk is refused":    {func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }, "state=2"},
		"its answer leads nowhere":       {func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) }, "state=2"},
		"its answer leads to no place":   {func(w http.ResponseWriter) { lead(w, "ftp://x/") }, "state=2"},
		"the session cannot be finished": {func(w http.ResponseWriter) { lead(w, "/v2/d/blobs/uploads/1?state=3") }, "state=3"},
	} {
		t.Run(name, func(t *testing.T) {
			source := newFront(t, nil)
			desc := source.putBlob(t, "a", layer)
			var closed []string
			chunks := 0
			target := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				_, _ = io.Copy(io.Discard, r.Body)
				switch r.Method {
				case http.MethodPost:
					w.Header().Set("OCI-Chunk-Min-Length", "1000")
					lead(w, "/v2/d/blobs/uploads/1?state=1")
				case http.MethodPatch:
					if chunks++; chunks == 2 {
						c.second(w)
						break
					}
					lead(w, "/v2/d/blobs/uploads/1?state=2")
				case http.MethodDelete:
					closed = append(closed, r.URL.RawQuery)
					w.WriteHeader(http.StatusNoContent)
				default:
					w.WriteHeader(http.StatusForbidden)
				}
				return true
			})
			s := newStore(t)
			if err := s.CopyBlob(t.Context(), ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true), desc, CopyHints{}); err == nil {
				t.Error("no error")
			}
			if diff := cmp.Diff([]string{c.closed}, closed); diff != "" {
				t.Errorf("closed (-want +got):\n%s", diff)
			}
		})
	}
}

// lead sets the Location at which an upload continues.
func lead(w http.ResponseWriter, location string) {
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusAccepted)
}
