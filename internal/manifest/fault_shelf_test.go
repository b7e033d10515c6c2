package manifest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// paper is a document as a registry serves it.
type paper struct{ contentType, body string }

// shelf is a registry that serves documents under the names it was given,
// true or not, and claims each to be what was asked for. Blobs are papers too;
// it lists no referrers.
type shelf struct {
	host string

	mu     sync.Mutex
	papers map[string]paper // by tag or digest
	asked  []string         // METHOD path
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{papers: map[string]paper{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.host = server.Listener.Addr().String()
	return s
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	s.mu.Lock()
	s.asked = append(s.asked, r.Method+" "+r.URL.Path)
	p, known := s.papers[name]
	s.mu.Unlock()
	if !known || strings.Contains(r.URL.Path, "/referrers/") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", p.contentType)
	w.Header().Set("Content-Length", fmt.Sprint(len(p.body)))
	if _, err := digest.Parse(name); err == nil {
		w.Header().Set("Docker-Content-Digest", name)
	}
	if r.Method == http.MethodGet {
		fmt.Fprint(w, p.body)
	}
}

// add puts a document under its own digest, and under a tag unless that is
// empty, and returns its descriptor.
func (s *shelf) add(tag, contentType, body string) ocispec.Descriptor {
	d := ocispec.Descriptor{MediaType: contentType, Digest: digest.FromString(body), Size: int64(len(body))}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.papers[d.Digest.String()] = paper{contentType, body}
	if tag != "" {
		s.papers[tag] = paper{contentType, body}
	}
	return d
}

// addIndex puts an index of the entries on the shelf.
func (s *shelf) addIndex(t *testing.T, tag string, entries ...ocispec.Descriptor) ocispec.Descriptor {
	t.Helper()
	return s.add(tag, ocispec.MediaTypeImageIndex, string(encodeJSON(t, ociIndex(entries, nil))))
}

// addImage puts an image without layers on the shelf, and its config.
func (s *shelf) addImage(tag, note string) ocispec.Descriptor {
	config := s.add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64","note":"`+note+`"}`)
	return s.add(tag, ocispec.MediaTypeImageManifest, imageOf(config, `"layers":[]`))
}

// imageOf is an OCI image manifest with the given further fields.
func imageOf(config ocispec.Descriptor, fields string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q,"size":%d},%s}`,
		ocispec.MediaTypeImageManifest, config.MediaType, config.Digest, config.Size, fields)
}

// count returns how many requests had the path fragment.
func (s *shelf) count(fragment string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, line := range s.asked {
		if strings.Contains(line, fragment) {
			n++
		}
	}
	return n
}

// inspect inspects a tag of the shelf.
func (s *shelf) inspect(t *testing.T, tag string) (Inspection, error) {
	t.Helper()
	return Inspect(t.Context(), newStore(t), s.host+"/app:"+tag, InspectOptions{})
}

// pushTo pushes an index whose source is a tag of the shelf to a registry.
func (s *shelf) pushTo(t *testing.T, to *registry, tag string) error {
	t.Helper()
	_, _, err := pushed(t, Spec{Image: to.host + "/app:1", Manifests: []Source{{Image: s.host + "/app:" + tag}}}, PushOptions{})
	return err
}

// wantUntouched holds that nothing was written to a registry.
func (r *registry) wantUntouched(t *testing.T) {
	t.Helper()
	if w := r.writes(); len(w) > 0 {
		t.Errorf("it wrote %q", w)
	}
}

// refusedBoth holds that a tag of the shelf can neither be inspected nor
// pushed from; what the error says has the text in it.
func (s *shelf) refusedBoth(t *testing.T, tag, says string) {
	t.Helper()
	if _, err := s.inspect(t, tag); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("inspect: error %v, want %q in it", err, says)
	}
	to := startRegistry(t)
	if err := s.pushTo(t, to, tag); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("push: error %v, want %q in it", err, says)
	}
	to.wantUntouched(t)
}
