package store

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"manifest-tool/internal/store/transport"
)

// uploadElsewhere is a network of a registry that wants alice's password and
// opens its uploads at another place, and of the hosts there. uploads.example
// takes what comes, the others want alice's password too. It notes what was
// sent to them.
type uploadElsewhere struct {
	location string
	mu       sync.Mutex
	sent     []string
}

func (u *uploadElsewhere) RoundTrip(req *http.Request) (*http.Response, error) {
	var resp *http.Response
	user, _, known := req.BasicAuth()
	switch {
	case req.URL.Host == "registry.example" && (!known || user != alice.Username):
		resp = plain(http.StatusUnauthorized, "", "")
		resp.Header.Set("WWW-Authenticate", `Basic realm="r"`)
	case req.Method == http.MethodPost:
		resp = plain(http.StatusAccepted, "", u.location)
	case req.Method == http.MethodGet:
		resp = plain(http.StatusOK, "layer", "")
	default:
		u.mu.Lock()
		u.sent = append(u.sent, req.Method+" "+req.URL.Scheme+"://"+req.URL.Host+" "+user)
		u.mu.Unlock()
		resp = plain(http.StatusCreated, "", "")
		if req.URL.Host != "uploads.example" && !known {
			resp = plain(http.StatusUnauthorized, "", "")
			resp.Header.Set("WWW-Authenticate", `Basic realm="r"`)
		}
	}
	resp.Request = req
	return resp, nil
}

func TestFault12UploadOnAnotherHost(t *testing.T) {
	tests := []struct {
		name, location string
		want           []string // what that host got
		ok             bool
	}{
		{"on https", "https://uploads.example/7?sig=CANARY", []string{"PUT https://uploads.example "}, true},
		{"on a registry of this run", "https://other.example/v2/a/blobs/uploads/7", []string{"PUT https://other.example "}, false},
		{"in clear", "http://uploads.example/7", nil, false},
		{"in clear on the registry's name", "http://registry.example/v2/d/blobs/uploads/7", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net := &uploadElsewhere{location: tt.location}
			var mu sync.Mutex
			var shown []string
			s := newStoreWith(t, transport.Options{
				Base: net, Credentials: keys{"registry.example": alice, "other.example": alice},
				Observe: func(e transport.Event) {
					mu.Lock()
					defer mu.Unlock()
					shown = append(shown, e.Method+" "+e.URL)
				},
			})
			_ = ref(t, s, "other.example/a:1", true)
			from, to := ref(t, s, "registry.example/a:1", false), ref(t, s, "registry.example/d:1", true)
			err := s.CopyBlob(t.Context(), from, to, descriptorOf("", []byte("layer")), CopyHints{})
			if (err == nil) != tt.ok {
				t.Errorf("error %v", err)
			}
			if !slices.Equal(net.sent, tt.want) {
				t.Errorf("sent %q, want %q", net.sent, tt.want)
			}
			// --debug shows where the bytes went, without the secret in the query.
			said := strings.Join(shown, "\n")
			for _, sent := range tt.want {
				if !strings.Contains(said, strings.TrimSpace(sent)+"/") || strings.Contains(said, "CANARY") {
					t.Errorf("shown were\n%s", said)
				}
			}
		})
	}
}

// oneScope is a token server that refuses a token for two repositories at
// once, and so any mount, with a status.
func oneScope(status int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool { return serveOneScope(w, r, status) }
}

func serveOneScope(w http.ResponseWriter, r *http.Request, status int) bool {
	scopes := r.URL.Query()["scope"]
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case r.URL.Path == "/token" && len(scopes) > 1:
		w.WriteHeader(status)
	case r.URL.Path == "/token":
		fmt.Fprintf(w, `{"token":%q}`, scopes[0])
	case r.URL.Query().Has("mount") || !strings.Contains(r.URL.Path, "/"+repositoryOf(token)+"/"):
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token"`, r.Host))
		w.WriteHeader(http.StatusUnauthorized)
	default:
		return false
	}
	return true
}

// repositoryOf is the repository a token of oneScope is good for.
func repositoryOf(token string) string {
	if parts := strings.Split(token, ":"); len(parts) == 3 {
		return parts[1]
	}
	return "nobody's"
}

func TestFault17MountWhoseTokenIsRefusedBecomesAnUpload(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 405, 413, 414, 422} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			f := newFront(t, nil)
			desc := f.putBlob(t, "a", "layer")
			f.answer = oneScope(status)
			s := newStoreWith(t, transport.Options{Credentials: keys{f.host: authn.AuthConfig{Username: "alice", Password: "rabbit"}}})
			from, to := ref(t, s, f.host+"/a:1", false), ref(t, s, f.host+"/d:1", true)
			if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
				t.Fatal(err)
			}
			if got, err := s.ReadBlob(t.Context(), to, desc); err != nil || string(got) != "layer" {
				t.Errorf("the target has %q, %v", got, err)
			}
		})
	}
}
