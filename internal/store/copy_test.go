package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"manifest-tool/internal/store/transport"
)

// TestFault59AnUploadIsSentAgainFromItsSource is about a token that ends between the
// session and its PUT: the source is read a second time.
func TestFault59AnUploadIsSentAgainFromItsSource(t *testing.T) {
	source, target := newFront(t, nil), newFront(t, nil)
	content := strings.Repeat("layer", 1<<14)
	desc := source.putBlob(t, "a", content)
	source.forget()
	refused := false
	target.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || refused {
			return false
		}
		refused = true
		_ = contentOf(r)
		w.Header().Set("Connection", "close")
		return locked(nil)(w, r)
	}
	s := newStoreWith(t, transport.Options{Credentials: keys{target.host: alice}})
	from, to := ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true)
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
		t.Fatal(err)
	}
	source.wantExactly(t, map[string]int{"GET /v2/a/blobs/" + desc.Digest.String() + " OK": 2})
	if got, err := s.ReadBlob(t.Context(), to, desc); err != nil || string(got) != content {
		t.Errorf("the target has %d bytes, %v", len(got), err)
	}
}

func TestAnEmptyBlobIsCopied(t *testing.T) {
	s, f := newStore(t), newFront(t, nil)
	from := ref(t, s, "oci-layout://"+t.TempDir()+":1", true)
	if err := s.Put(t.Context(), from, objectOf("", "")); err != nil {
		t.Fatal(err)
	}
	to, desc := ref(t, s, f.host+"/d:1", true), descriptorOf("", nil)
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.ReadBlob(t.Context(), to, desc); err != nil || len(got) > 0 {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestASourceThatLiesIsNotCopied(t *testing.T) {
	source := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
		fmt.Fprint(w, "layeR")
		return true
	})
	s := newStore(t)
	from, to := ref(t, s, source.host+"/a:1", false), ref(t, s, newFront(t, nil).host+"/d:1", true)
	desc := descriptorOf("", []byte("layer"))
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err == nil {
		t.Error("the copy went through")
	}
	if got, err := s.ReadBlob(t.Context(), to, desc); !errors.Is(err, ErrNotFound) {
		t.Errorf("the target has %q, %v", got, err)
	}
}

// TestASourceThatEndsEarlyIsReadAgain is about a connection that breaks in the
// middle of a blob: the upload starts again with the whole of it.
func TestASourceThatEndsEarlyIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const content = "layer"
		var got string
		reads := 0
		s := newStoreWith(t, transport.Options{Base: oneHost{t, func(req *http.Request) (*http.Response, error) {
			switch req.Method {
			case http.MethodGet:
				reads++
				return plain(200, content[:min(2*reads, len(content))], ""), nil
			case http.MethodPost:
				return plain(202, "", "/v2/d/blobs/uploads/7"), nil
			}
			raw, err := io.ReadAll(req.Body)
			got = string(raw)
			return plain(201, "", ""), err
		}}})
		from, to := ref(t, s, "registry.example/a:1", false), ref(t, s, "registry.example/d:1", true)
		err := s.CopyBlob(t.Context(), from, to, descriptorOf("", []byte(content)), CopyHints{})
		if err != nil || got != content || reads != 3 {
			t.Errorf("sent %q after %d reads, %v", got, reads, err)
		}
	})
}

// TestBytesThatAreKnownAreNotReadAgain is about a config that was read before
// it is copied.
func TestBytesThatAreKnownAreNotReadAgain(t *testing.T) {
	s, source, target := newStore(t), newFront(t, nil), newFront(t, nil)
	from, to := ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true)
	desc := descriptorOf("", []byte("config"))
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{Content: []byte("confid")}); err == nil {
		t.Error("other bytes were copied")
	}
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{Content: []byte("config")}); err != nil {
		t.Error(err)
	}
	source.wantExactly(t, map[string]int{})
	if got, err := s.ReadBlob(t.Context(), to, desc); err != nil || string(got) != "config" {
		t.Errorf("the target has %q, %v", got, err)
	}
}

func TestASourceThatIsMissingIsToldFromATargetThatRefuses(t *testing.T) {
	s, source := newStore(t), newFront(t, nil)
	from := ref(t, s, source.host+"/a:1", false)
	desc := descriptorOf("", []byte("layer"))
	missing := s.CopyBlob(t.Context(), from, ref(t, s, newFront(t, nil).host+"/d:1", true), desc, CopyHints{})
	if !errors.Is(missing, ErrNotFound) {
		t.Errorf("a missing source: %v", missing)
	}
	refusing := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusNotFound)
		return true
	})
	refused := s.CopyBlob(t.Context(), from, ref(t, s, refusing.host+"/d:1", true), desc, CopyHints{})
	if refused == nil || errors.Is(refused, ErrNotFound) {
		t.Errorf("a target that refuses: %v", refused)
	}
}

// TestFault56CopiesWithinARegistryDoNotWaitForEachOther is about blobs that are read
// from the host they are sent to, with hardly any requests in flight: the read
// and the write of one blob must not wait for each other's place.
func TestFault56CopiesWithinARegistryDoNotWaitForEachOther(t *testing.T) {
	for _, jobs := range []int{1, 2} {
		t.Run(fmt.Sprint(jobs), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			// A PUT that comes without a password has its source read again.
			f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				return r.Method == http.MethodPut && locked(nil)(w, r)
			})
			s := newStoreWith(t, transport.Options{Credentials: keys{f.host: alice}, Host: set(transport.HostConfig{Jobs: jobs})})
			from, to := ref(t, s, f.host+"/a:1", false), ref(t, s, f.host+"/d:1", true)
			var all sync.WaitGroup
			for i := range 8 {
				desc := f.putBlob(t, "a", strings.Repeat(fmt.Sprint(i), 1<<18))
				all.Go(func() {
					if err := s.CopyBlob(ctx, from, to, desc, CopyHints{}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		})
	}
}
