package store

import (
	"io"
	"net/http"
	"testing"
)

// TestAnUploadThatIsNotAnswered201IsLookedAfter has something answer the PUT of
// a blob with 200 or 204: the registry, or a login page before it.
func TestAnUploadThatIsNotAnswered201IsLookedAfter(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		kept   bool
	}{
		{"a page", 200, false},
		{"a registry that says OK", 200, true},
		{"nothing said, nothing stored", 204, false},
		{"nothing said", 204, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			content, there := []byte("layer"), false
			f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				switch r.Method {
				case http.MethodPut:
					_, _ = io.Copy(io.Discard, r.Body)
					there = tt.kept
					w.WriteHeader(tt.status)
				case http.MethodHead:
					if !there {
						w.WriteHeader(http.StatusNotFound)
					}
				default:
					return false
				}
				return true
			})
			s, desc := newStore(t), descriptorOf("", content)
			to := ref(t, s, f.host+"/d:1", true)
			from := ref(t, s, "registry.example/a:1", false)
			err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{Content: content})
			if (err == nil) != tt.kept {
				t.Errorf("error %v", err)
			}
			if n := f.count()["HEAD /v2/d/blobs/"+desc.Digest.String()+" "+map[bool]string{true: "OK", false: "Not Found"}[tt.kept]]; n != 1 {
				t.Errorf("the blob was looked for %d times: %v", n, f.count())
			}
		})
	}
}
