package store

import (
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
)

func TestPutIsOneRequestWithTheBytesAsTheyAre(t *testing.T) {
	var got []string
	f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
		content := contentOf(r)
		got = append(got, r.Header.Get("Content-Type"), content)
		w.Header().Set("Docker-Content-Digest", digest.FromString(content).String())
		w.WriteHeader(http.StatusCreated)
		return true
	})
	s, o := newStore(t), smallIndex("x")
	r := ref(t, s, f.host+"/a:1", true)
	for _, to := range []reference.Ref{r, r.WithTag("2"), r.WithDigest(o.Descriptor.Digest)} {
		if err := s.Put(t.Context(), to, o); err != nil {
			t.Error(err)
		}
	}
	f.wantExactly(t, map[string]int{
		"PUT /v2/a/manifests/1 Created":                                    1,
		"PUT /v2/a/manifests/2 Created":                                    1,
		"PUT /v2/a/manifests/" + o.Descriptor.Digest.String() + " Created": 1,
	})
	if diff := cmp.Diff([]string{ociIndex, string(o.Raw), ociIndex, string(o.Raw), ociIndex, string(o.Raw)}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFault23PutAnsweredWithAnotherDigestFails(t *testing.T) {
	o := smallIndex("x")
	tests := []struct {
		name   string
		status int
		digest string
		ok     bool
		stored []byte // what the registry has when it is read back
	}{
		{"the same", 201, o.Descriptor.Digest.String(), true, nil},
		{"none, and it is there", 201, "", true, o.Raw},
		{"none, and another is there", 201, "", false, smallIndex("other").Raw},
		{"none, and nothing is there", 201, "", false, nil},
		{"another", 201, smallIndex("other").Descriptor.Digest.String(), false, nil},
		{"another, with OK", 200, smallIndex("other").Descriptor.Digest.String(), false, nil},
		{"the same, with OK", 200, o.Descriptor.Digest.String(), true, nil},
		{"the same, accepted", 202, o.Descriptor.Digest.String(), true, nil},
		{"nonsense", 201, "sha256", false, nil},
		{"the same, but an error", 400, o.Descriptor.Digest.String(), false, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodGet {
					_, _ = w.Write(tt.stored)
					return true
				}
				if tt.digest != "" {
					w.Header().Set("Docker-Content-Digest", tt.digest)
				}
				w.WriteHeader(tt.status)
				return true
			})
			s := newStore(t)
			err := s.Put(t.Context(), ref(t, s, f.host+"/a:1", true), o)
			if (err == nil) != tt.ok {
				t.Errorf("error %v, want success: %v", err, tt.ok)
			}
		})
	}
}

func TestWhatWasPutIsWhatIsGot(t *testing.T) {
	s, f, o := newStore(t), newFront(t, nil), smallIndex("x")
	r := ref(t, s, f.host+"/a:1", true)
	if err := s.Put(t.Context(), r, o); err != nil {
		t.Fatal(err)
	}
	for _, at := range []reference.Ref{r, r.WithDigest(o.Descriptor.Digest)} {
		got, err := s.Get(t.Context(), at)
		if diff := cmp.Diff(o, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", at, err, diff)
		}
	}
}

// contentOf reads the body of a request in a handler.
func contentOf(r *http.Request) string {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return "unreadable: " + err.Error()
	}
	return string(raw)
}
