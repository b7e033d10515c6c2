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

	"manifest-tool/internal/store/transport"
)

// TestFault62EveryAnswerMayMoveTheUpload has each chunk's answer name another
// place, relative and absolute, and then none.
func TestFault62EveryAnswerMayMoveTheUpload(t *testing.T) {
	layer := strings.Repeat("0123456789abcdef", (2*defaultChunk+16)/16)
	for _, missing := range []bool{false, true} {
		t.Run(map[bool]string{false: "named", true: "missing"}[missing], func(t *testing.T) {
			source, target := newFront(t, nil), newFront(t, nil)
			desc := source.putBlob(t, "a", layer)
			var at []string
			step := 0
			target.answer = func(w http.ResponseWriter, r *http.Request) bool {
				at = append(at, r.Method+" "+r.URL.Path)
				w.Header().Set("OCI-Chunk-Min-Length", "1")
				step++
				switch next := fmt.Sprintf("/v2/d/blobs/uploads/%d?_state=%d", step, step); {
				case missing && r.Method == http.MethodPatch:
				case step%2 == 0:
					w.Header().Set("Location", "http://"+target.host+next)
				default:
					w.Header().Set("Location", next)
				}
				_, _ = io.Copy(io.Discard, r.Body)
				status := http.StatusAccepted
				if r.Method == http.MethodPut {
					status = http.StatusCreated
				}
				w.WriteHeader(status)
				return true
			}
			s := newStore(t)
			err := s.CopyBlob(t.Context(), ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true), desc, CopyHints{})
			want := "POST /v2/d/blobs/uploads/, PATCH /v2/d/blobs/uploads/1, PATCH /v2/d/blobs/uploads/2, PATCH /v2/d/blobs/uploads/3, PUT /v2/d/blobs/uploads/4"
			if missing {
				want = "POST /v2/d/blobs/uploads/, PATCH /v2/d/blobs/uploads/1, DELETE /v2/d/blobs/uploads/1"
			}
			if (err == nil) == missing || strings.Join(at, ", ") != want {
				t.Errorf("error %v, requests %s", err, strings.Join(at, ", "))
			}
		})
	}
}

// sessions counts the uploads that a registry opened, and those that were
// given back.
type sessions struct {
	mu            sync.Mutex
	opened, given int
}

func (c *sessions) watch(then func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if then != nil && then(w, r) {
			return true
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if r.Method == http.MethodPost {
			c.opened++
		}
		if r.Method == http.MethodDelete && strings.HasPrefix(r.URL.Path, "/v2/d/blobs/uploads/") {
			c.given++
			w.WriteHeader(http.StatusNoContent)
			return true
		}
		return false
	}
}

func (c *sessions) want(t *testing.T, opened, given int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.opened != opened || c.given != given {
		t.Errorf("%d sessions were opened and %d given back, want %d and %d", c.opened, c.given, opened, given)
	}
}

func TestFault64ASessionThatIsNotUsedIsClosed(t *testing.T) {
	refuse := func(status int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(status)
			}
			return r.Method == http.MethodPut
		}
	}
	for _, tt := range []struct {
		name   string
		source func(http.ResponseWriter, *http.Request) bool
		target func(http.ResponseWriter, *http.Request) bool
		opened int
		given  int
	}{
		{"all goes well", nil, nil, 1, 0},
		{"the source lies", func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, "layeR"); return true }, nil, 1, 1},
		{"the source has nothing", func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(404); return true }, nil, 1, 1},
		{"the upload is refused", nil, refuse(403), 1, 1},
		{"the upload is out of range, twice", nil, refuse(416), 2, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			source, counted := newFront(t, nil), &sessions{}
			desc := source.putBlob(t, "a", "layer")
			source.answer = tt.source
			target := newFront(t, counted.watch(tt.target))
			s := newStore(t)
			err := s.CopyBlob(t.Context(), ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true), desc, CopyHints{})
			if (err == nil) != (tt.given == 0) {
				t.Errorf("error %v", err)
			}
			counted.want(t, tt.opened, tt.given)
		})
	}
}

// TestFault64AnInterruptedUploadIsClosed cancels the run in the middle of the
// PUT.
func TestFault64AnInterruptedUploadIsClosed(t *testing.T) {
	source, counted := newFront(t, nil), &sessions{}
	desc := source.putBlob(t, "a", "layer")
	ctx, cancel := context.WithCancel(t.Context())
	target := newFront(t, counted.watch(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			_ = contentOf(r) // or the server does not see that the client left
			cancel()
			<-r.Context().Done()
		}
		return r.Method == http.MethodPut
	}))
	s := newStore(t)
	err := s.CopyBlob(ctx, ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true), desc, CopyHints{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	counted.want(t, 1, 1)
}

// TestFault68APutThatSaysNothingIsReadBack has a registry answer a PUT with
// any of the good statuses and no headers.
func TestFault68APutThatSaysNothingIsReadBack(t *testing.T) {
	o := smallIndex("x")
	for _, status := range []int{200, 201, 202, 204} {
		for name, stored := range map[string][]byte{"there": o.Raw, "another": smallIndex("y").Raw, "nothing": nil} {
			t.Run(fmt.Sprint(status, name), func(t *testing.T) {
				var read []string
				f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
					switch {
					case r.Method == http.MethodPut:
						w.WriteHeader(status)
					case stored == nil:
						read = append(read, r.URL.Path)
						w.WriteHeader(http.StatusNotFound)
					default:
						read = append(read, r.URL.Path)
						_, _ = w.Write(stored)
					}
					return true
				})
				s := newStore(t)
				err := s.Put(t.Context(), ref(t, s, f.host+"/a:1", true), o)
				if (err == nil) != (name == "there") {
					t.Errorf("error %v", err)
				}
				want := "/v2/a/manifests/" + o.Descriptor.Digest.String()
				if status != http.StatusCreated { // the tag may be another's still
					want = "/v2/a/manifests/1"
				}
				if len(read) != 1 || read[0] != want {
					t.Errorf("read back %q, want %s", read, want)
				}
			})
		}
	}
}

// TestFault69AnUploadThatWentWrongBeginsAgainOnce has a registry lose the
// session or the bytes, once or always.
func TestFault69AnUploadThatWentWrongBeginsAgainOnce(t *testing.T) {
	for _, answer := range []struct {
		code   string
		status int
		again  bool
	}{
		{"DIGEST_INVALID", 400, true}, {"BLOB_UPLOAD_UNKNOWN", 404, true}, {"", 404, true}, {"BLOB_UPLOAD_INVALID", 400, false}, {"DENIED", 403, false},
	} {
		for _, always := range []bool{false, true} {
			t.Run(fmt.Sprint(answer.code, answer.status, always), func(t *testing.T) {
				source, puts := newFront(t, nil), 0
				desc := source.putBlob(t, "a", "layer")
				target := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method != http.MethodPut {
						return false
					}
					if puts++; puts > 1 && !always {
						return false
					}
					_, _ = io.Copy(io.Discard, r.Body)
					w.WriteHeader(answer.status)
					if answer.code != "" {
						fmt.Fprintf(w, `{"errors":[{"code":%q,"message":"no"}]}`, answer.code)
					}
					return true
				})
				s := newStore(t)
				to := ref(t, s, target.host+"/d:1", true)
				err := s.CopyBlob(t.Context(), ref(t, s, source.host+"/a:1", false), to, desc, CopyHints{})
				want := 1
				if answer.again {
					want = 2
				}
				if good := answer.again && !always; (err == nil) != good || puts != want {
					t.Errorf("%d PUTs, want %d; %v", puts, want, err)
				}
				if err == nil {
					if got, err := s.ReadBlob(t.Context(), to, desc); err != nil || string(got) != "layer" {
						t.Errorf("the target has %q, %v", got, err)
					}
				}
			})
		}
	}
}

func TestFault70ARefusedTypeIsNamedAndNotChanged(t *testing.T) {
	for _, answer := range []struct {
		status int
		code   string
	}{{400, "MANIFEST_INVALID"}, {415, "UNSUPPORTED"}} {
		t.Run(answer.code, func(t *testing.T) {
			var sent []string
			f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				sent = append(sent, r.Method+" "+r.Header.Get("Content-Type"))
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(answer.status)
				fmt.Fprintf(w, `{"errors":[{"code":%q,"message":"no"}]}`, answer.code)
				return true
			})
			s := newStore(t)
			err := s.Put(t.Context(), ref(t, s, f.host+"/a:1", true), smallIndex("x"))
			if !errors.Is(err, ErrMediaType) || !errors.Is(err, ErrRejected) || !strings.Contains(err.Error(), ociIndex) {
				t.Errorf("error %v", err)
			}
			if len(sent) != 1 || sent[0] != "PUT "+ociIndex {
				t.Errorf("requests %q", sent)
			}
		})
	}
}

// TestFault78AManifestWithASubjectIsOnePUT holds that no fallback tag for
// referrers is read or written.
func TestFault78AManifestWithASubjectIsOnePUT(t *testing.T) {
	subject := smallIndex("subject")
	o := objectOf(ociImage, fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":%q,"size":2},"layers":[],"subject":{"mediaType":%q,"digest":%q,"size":%d}}`,
		ociImage, descriptorOf("", []byte("{}")).Digest, ociIndex, subject.Descriptor.Digest, subject.Descriptor.Size))
	f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Docker-Content-Digest", o.Descriptor.Digest.String())
		w.WriteHeader(http.StatusCreated)
		return true
	})
	s := newStoreWith(t, transport.Options{})
	if err := s.Put(t.Context(), ref(t, s, f.host+"/a:1", true), o); err != nil {
		t.Fatal(err)
	}
	f.wantExactly(t, map[string]int{"PUT /v2/a/manifests/1 Created": 1})
}
