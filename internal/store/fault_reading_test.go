package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/store/transport"
)

// breaking is an answer whose connection breaks at its end.
type breaking struct {
	io.Reader
	err error
}

func (b breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = b.err
	}
	return n, err
}

func (breaking) Close() error { return nil }

// dropper is a host that sends a few bytes of a blob at a time.
type dropper struct {
	content string
	step    int
	// ranges says what it makes of Range: honours it, ignores it, refuses it,
	// or answers with another part than was asked for.
	ranges string
	err    error
	asked  []string // the Range headers
}

func (d *dropper) answer(req *http.Request) (*http.Response, error) {
	asked := req.Header.Get("Range")
	d.asked = append(d.asked, asked)
	resp, from := plain(200, "", ""), 0
	if asked != "" {
		_, _ = fmt.Sscanf(asked, "bytes=%d-", &from)
		switch d.ranges {
		case "honours":
			resp.StatusCode = 206
			resp.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(d.content)-1, len(d.content)))
		case "lies":
			resp.StatusCode = 206
			resp.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(d.content)-1, len(d.content)))
		case "refuses":
			resp.StatusCode = http.StatusRequestedRangeNotSatisfiable
			return resp, nil
		case "ignores":
			from = 0
		}
	}
	end := min(from+d.step, len(d.content))
	if d.ranges == "ignores" || d.ranges == "refuses" {
		end = min(d.step*len(d.asked), len(d.content))
	}
	resp.Body = io.NopCloser(strings.NewReader(d.content[from:]))
	if end < len(d.content) {
		resp.Body = breaking{strings.NewReader(d.content[from:end]), d.err}
	}
	return resp, nil
}

func TestFault45ABlobThatBreaksOffIsResumed(t *testing.T) {
	content := strings.Repeat("0123456789", 10)
	desc := descriptorOf("", []byte(content))
	for _, tt := range []struct {
		ranges string
		step   int
		asked  []string
		ok     bool
	}{
		{"honours", 40, []string{"", "bytes=40-", "bytes=80-"}, true},
		{"ignores", 40, []string{"", "bytes=40-", "bytes=80-"}, true},
		{"refuses", 40, []string{"", "bytes=40-", ""}, true},
		{"lies", 40, []string{"", "bytes=40-"}, false},
		{"honours", 1, []string{"", "bytes=1-", "bytes=2-", "bytes=3-", "bytes=4-", "bytes=5-"}, false},
	} {
		for name, broken := range map[string]error{"reset": syscall.ECONNRESET, "cut": io.ErrUnexpectedEOF, "ended": io.EOF} {
			t.Run(fmt.Sprint(tt.ranges, tt.step, name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := &dropper{content: content, step: tt.step, ranges: tt.ranges, err: broken}
					s := newStoreWith(t, transport.Options{Base: oneHost{t, d.answer}})
					got, err := s.ReadBlob(t.Context(), ref(t, s, "registry.example/a:1", false), desc)
					if tt.ok && (err != nil || string(got) != content) || !tt.ok && (err == nil || got != nil) {
						t.Errorf("got %q, %v", got, err)
					}
					if fmt.Sprint(d.asked) != fmt.Sprint(tt.asked) {
						t.Errorf("asked for %q, want %q", d.asked, tt.asked)
					}
				})
			})
		}
	}
}

// TestFault45AResumedBlobIsHashedWhole has the rest of a blob be another's.
func TestFault45AResumedBlobIsHashedWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &dropper{content: "0123456789", step: 5, ranges: "honours", err: syscall.ECONNRESET}
		s := newStoreWith(t, transport.Options{Base: oneHost{t, d.answer}})
		desc := descriptorOf("", []byte("01234other"))
		if got, err := s.ReadBlob(t.Context(), ref(t, s, "registry.example/a:1", false), desc); err == nil {
			t.Errorf("got %q", got)
		}
	})
}

func TestFault46AnErrorNamesWhatWasExpectedAndWhatCame(t *testing.T) {
	desc := descriptorOf("", []byte("config"))
	manifest := smallIndex("x")
	other := smallIndex("y")
	for _, tt := range []struct {
		name, body string
		manifest   bool
		want       []string
	}{
		{"a short blob", "conf", false, []string{desc.Digest.String(), "4 of 6 bytes"}},
		{"a long blob", "config and more", false, []string{desc.Digest.String(), "longer than its 6 bytes"}},
		{"another blob", "confid", false, []string{desc.Digest.String(), "another digest"}},
		{"another manifest", string(other.Raw), true, []string{manifest.Descriptor.Digest.String(), other.Descriptor.Digest.String()}},
		{"a cut manifest", string(manifest.Raw[:20]), true, []string{manifest.Descriptor.Digest.String()}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			f := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", ociIndex)
				_, _ = io.WriteString(w, tt.body[:2])
				_ = http.NewResponseController(w).Flush() // no Content-Length, in chunks
				_, _ = io.WriteString(w, tt.body[2:])
				return true
			})
			r := ref(t, s, f.host+"/a:1", false)
			var err error
			if tt.manifest {
				_, err = s.Get(t.Context(), r.WithDigest(manifest.Descriptor.Digest))
			} else {
				_, err = s.ReadBlob(t.Context(), r, desc)
			}
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want %q in it", err, want)
				}
			}
		})
	}
}

// TestFault46AChunkThatNeverEndsIsAnError is about a real connection that is
// closed in the middle of a chunk, every time.
func TestFault46AChunkThatNeverEndsIsAnError(t *testing.T) {
	f := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = io.WriteString(w, "con")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	s := newStore(t)
	got, err := s.ReadBlob(t.Context(), ref(t, s, f.host+"/a:1", false), descriptorOf("", []byte("config")))
	if !errors.Is(err, io.ErrUnexpectedEOF) || got != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestFault47ARateLimitHasItsOwnClass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStoreWith(t, transport.Options{Base: oneHost{t, func(*http.Request) (*http.Response, error) {
			resp := plain(429, "", "")
			resp.Header.Set("Retry-After", "10")
			return resp, nil
		}}})
		r := ref(t, s, "registry.example/a:1", true)
		_, got := s.Get(t.Context(), r)
		_, blob := s.ReadBlob(t.Context(), r, descriptorOf("", []byte("x")))
		for what, err := range map[string]error{"get": got, "blob": blob, "put": s.Put(t.Context(), r, smallIndex("x"))} {
			if !errors.Is(err, ErrRateLimited) || errors.Is(err, ErrRejected) || errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestFault49AHEADThatSaysTooLittleBecomesAGET(t *testing.T) {
	o := smallIndex("x")
	full := func(h http.Header) {
		h.Set("Content-Type", ociIndex)
		h.Set("Docker-Content-Digest", o.Descriptor.Digest.String())
		h.Set("Content-Length", fmt.Sprint(len(o.Raw)))
	}
	for _, tt := range []struct {
		name   string
		status int
		spoil  func(http.Header)
		gets   int
	}{
		{"all of it", 200, func(http.Header) {}, 0},
		{"not allowed", 405, func(h http.Header) { clear(h) }, 1},
		{"not implemented", 501, func(h http.Header) { clear(h) }, 1},
		{"a bad request", 400, func(h http.Header) { clear(h) }, 1},
		{"forbidden", 403, func(h http.Header) { clear(h) }, 1},
		{"compressed", 200, func(h http.Header) { h.Set("Content-Encoding", "gzip"); h.Set("Content-Length", "20") }, 1},
		{"no digest", 200, func(h http.Header) { h.Del("Docker-Content-Digest") }, 1},
		{"no length", 200, func(h http.Header) { h.Set("Transfer-Encoding", "chunked"); h.Del("Content-Length") }, 1},
		{"no type", 200, func(h http.Header) { h["Content-Type"] = nil }, 1},
		{"a digest that is none", 200, func(h http.Header) { h.Set("Docker-Content-Digest", "sha256:x") }, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gets := 0
			f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				full(w.Header())
				if r.Method == http.MethodGet {
					gets++
					_, _ = w.Write(o.Raw)
					return true
				}
				tt.spoil(w.Header())
				w.WriteHeader(tt.status)
				return true
			})
			s := newStore(t)
			got, err := s.Head(t.Context(), ref(t, s, f.host+"/a:1", false))
			if err != nil || got.Digest != o.Descriptor.Digest || got.Size != o.Descriptor.Size || got.MediaType != ociIndex {
				t.Errorf("got %+v, %v", got, err)
			}
			if gets != tt.gets {
				t.Errorf("%d GETs, want %d", gets, tt.gets)
			}
		})
	}
}

// TestFault53ABlobIsAskedForAsItIsStored has a server compress for everybody
// who does not refuse it, and label a blob that is compressed by itself.
func TestFault53ABlobIsAskedForAsItIsStored(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte("layer"))
	_ = z.Close()
	for name, content := range map[string]string{"plain bytes": "layer", "bytes that are gzip themselves": zipped.String()} {
		t.Run(name, func(t *testing.T) {
			f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Content-Encoding", "gzip")
				if r.Header.Get("Accept-Encoding") == "identity" {
					_, _ = io.WriteString(w, content)
					return true
				}
				z := gzip.NewWriter(w)
				_, _ = io.WriteString(z, content)
				_ = z.Close()
				return true
			})
			s := newStore(t)
			got, err := s.ReadBlob(t.Context(), ref(t, s, f.host+"/a:1", false), descriptorOf("", []byte(content)))
			if err != nil || string(got) != content {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// TestFault54AManifestThatTwoWantComesToTheOneThatStays cancels the first of
// two callers in the middle of its answer.
func TestFault54AManifestThatTwoWantComesToTheOneThatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, release := smallIndex("x"), make(chan struct{})
		s := newStoreWith(t, transport.Options{Base: oneHost{t, func(req *http.Request) (*http.Response, error) {
			select {
			case <-release:
			case <-req.Context().Done():
				return nil, req.Context().Err()
			}
			resp := plain(200, string(o.Raw), "")
			resp.ContentLength = int64(len(o.Raw))
			resp.Header.Set("Content-Type", ociIndex)
			return resp, nil
		}}})
		r := ref(t, s, "registry.example/a:1", false)
		leaving, leave := context.WithCancel(t.Context())
		ask := func(ctx context.Context) chan error {
			done := make(chan error, 1)
			go func() { _, err := s.Get(ctx, r); done <- err }()
			synctest.Wait()
			return done
		}
		first, second := ask(leaving), ask(t.Context())
		leave()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the one that left ended with %v", err)
		}
		synctest.Wait()
		close(release)
		if err := <-second; err != nil {
			t.Errorf("the one that stayed ended with %v", err)
		}
	})
}

// TestFault56ManyLayersWithFewRequests copies more blobs than there are places
// for, between two registries, while some of them break the copy off early.
func TestFault56ManyLayersWithFewRequests(t *testing.T) {
	for _, jobs := range []int{1, 2, 3, 8} {
		t.Run(fmt.Sprint(jobs), func(t *testing.T) {
			source, target := newFront(t, nil), newFront(t, nil)
			var blobs []ocispec.Descriptor
			for i := range 12 {
				blobs = append(blobs, source.putBlob(t, "a", strings.Repeat(fmt.Sprint(i), 1<<17)))
			}
			target.answer = func(w http.ResponseWriter, r *http.Request) bool {
				for i := 0; i < len(blobs); i += 3 {
					if r.Method == http.MethodPut && r.URL.Query().Get("digest") == blobs[i].Digest.String() {
						w.WriteHeader(http.StatusForbidden) // without reading what comes
						return true
					}
				}
				return false
			}
			s := newStoreWith(t, transport.Options{Host: set(transport.HostConfig{Jobs: jobs})})
			from, to := ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true)
			errs := make(chan error, len(blobs))
			for _, b := range blobs {
				go func() { errs <- s.CopyBlob(t.Context(), from, to, b, CopyHints{Absent: true}) }()
			}
			failed := 0
			for range blobs {
				if <-errs != nil {
					failed++
				}
			}
			if failed != 4 {
				t.Errorf("%d copies failed, want 4", failed)
			}
		})
	}
}
