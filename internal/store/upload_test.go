package store

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"manifest-tool/internal/store/transport"
)

func TestFault62WhereAnUploadGoesOn(t *testing.T) {
	tests := []struct {
		name, location string // HOST is the registry's
		want           string // the PUT, "" when the upload is refused
	}{
		{"a path", "/v2/d/blobs/uploads/7", "/v2/d/blobs/uploads/7?digest=DIGEST"},
		{"a path beside it", "7", "/v2/d/blobs/uploads/7?digest=DIGEST"},
		{"a query that must stay", "/v2/d/blobs/uploads/7?_state=a%2Bb", "/v2/d/blobs/uploads/7?_state=a%2Bb&digest=DIGEST"},
		{"a whole address", "http://HOST/v2/d/blobs/uploads/7", "/v2/d/blobs/uploads/7?digest=DIGEST"},
		{"a path of no registry", "/artifacts/7", "/artifacts/7?digest=DIGEST"},
		{"none", "", ""},
		{"nonsense", "http://%zz/", ""},
		{"another kind of address", "file:///etc/passwd", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			source, target := newFront(t, nil), newFront(t, nil)
			desc := source.putBlob(t, "a", "layer")
			var sent []string
			target.answer = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPut {
					sent = append(sent, r.URL.String()+" "+contentOf(r))
					w.WriteHeader(http.StatusCreated)
					return true
				}
				if r.Method == http.MethodPost && tt.location == "" {
					w.WriteHeader(http.StatusAccepted)
					return true
				}
				return mounting(http.StatusAccepted, strings.ReplaceAll(tt.location, "HOST", target.host))(w, r)
			}
			s := newStore(t)
			from, to := ref(t, s, source.host+"/a:1", false), ref(t, s, target.host+"/d:1", true)
			err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{})
			if tt.want == "" {
				if err == nil || len(sent) > 0 {
					t.Errorf("error %v, sent %q", err, sent)
				}
				return
			}
			want := strings.ReplaceAll(tt.want, "DIGEST", escaped(desc.Digest.String())) + " layer"
			if err != nil || len(sent) != 1 || sent[0] != want {
				t.Errorf("error %v, sent %q, want %q", err, sent, want)
			}
		})
	}
}

// oneHost is a network of one https host in memory; nothing may go out in
// clear.
type oneHost struct {
	t      *testing.T
	answer func(req *http.Request) (*http.Response, error)
}

func (o oneHost) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" {
		o.t.Errorf("%s %s went out in clear", req.Method, req.URL)
	}
	resp, err := o.answer(req)
	if err != nil {
		return nil, err
	}
	resp.Request = req
	return resp, nil
}

// plain is an answer with a body and, where it is not empty, a Location.
func plain(status int, body, location string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	if location != "" {
		resp.Header.Set("Location", location)
	}
	return resp
}

func TestAnUploadDoesNotLeaveHTTPS(t *testing.T) {
	s := newStoreWith(t, transport.Options{Base: oneHost{t, func(*http.Request) (*http.Response, error) {
		return plain(202, "", "http://registry.example/v2/d/blobs/uploads/7"), nil
	}}})
	from, to := ref(t, s, "registry.example/a:1", false), ref(t, s, "registry.example/d:1", true)
	if err := s.CopyBlob(t.Context(), from, to, descriptorOf("", []byte("layer")), CopyHints{}); err == nil {
		t.Error("the upload went on in clear")
	}
}

var alice = authn.AuthConfig{Username: "alice", Password: "rabbit"}

// locked wants alice's password for everything.
func locked(answer func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if user, password, _ := r.BasicAuth(); user == alice.Username && password == alice.Password {
			return answer != nil && answer(w, r)
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
}

// TestAnUploadElsewhereCarriesNoCredentials is about a registry that sends an
// upload to another registry of the same run.
func TestAnUploadElsewhereCarriesNoCredentials(t *testing.T) {
	victim := newFront(t, locked(nil))
	evil := newFront(t, mounting(http.StatusAccepted, "http://"+victim.host+"/v2/a/manifests/latest"))
	s := newStoreWith(t, transport.Options{Credentials: keys{victim.host: alice}})
	ours, to := ref(t, s, victim.host+"/a:1", true), ref(t, s, evil.host+"/d:1", true)
	if err := s.Put(t.Context(), ours, smallIndex("x")); err != nil {
		t.Fatal(err)
	}
	from := ref(t, s, "oci-layout://"+t.TempDir()+":1", true)
	o := smallIndex("evil")
	if err := s.Put(t.Context(), from, o); err != nil {
		t.Fatal(err)
	}
	victim.forget()
	if err := s.CopyBlob(t.Context(), from, to, o.Descriptor, CopyHints{}); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("error %v", err)
	}
	victim.wantExactly(t, map[string]int{
		"PUT /v2/a/manifests/latest?digest=" + escaped(o.Descriptor.Digest.String()) + " Unauthorized": 1,
	})
}
