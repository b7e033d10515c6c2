package manifest

import (
	"fmt"
	"manifest-tool/internal/platform"
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
	return s.add(tag, ocispec.MediaTypeImageIndex, string(encodeJSON(t, indexOf(entries, nil))))
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

// addImageOf puts an image of a platform on the shelf, with a layer that is not
// there.
func (s *shelf) addImageOf(t *testing.T, tag string, p platform.Platform) ocispec.Descriptor {
	t.Helper()
	return s.addBuilt(t, tag, ocispec.Image{Platform: p}, "layer of "+tag)
}

// addBuilt puts an image with this config on the shelf. Its layers are named
// by texts, and not there.
func (s *shelf) addBuilt(t *testing.T, tag string, config ocispec.Image, layers ...string) ocispec.Descriptor {
	t.Helper()
	var all []ocispec.Descriptor
	for _, text := range layers {
		all = append(all, ocispec.Descriptor{
			MediaType: ocispec.MediaTypeImageLayerGzip, Digest: digest.FromString(text), Size: int64(len(text)),
		})
	}
	c := s.add("", ocispec.MediaTypeImageConfig, string(encodeJSON(t, config)))
	d := s.add(tag, ocispec.MediaTypeImageManifest, imageOf(c, `"layers":`+string(encodeJSON(t, all))))
	if config.OS != "" {
		d.Platform = &config.Platform
	}
	return d
}

// addArtifact puts a manifest on the shelf that is no image.
func (s *shelf) addArtifact(tag string) ocispec.Descriptor {
	return s.add(tag, ocispec.MediaTypeImageManifest, imageOf(ocispec.DescriptorEmptyJSON, `"artifactType":"application/x-sbom","layers":[]`))
}

// drop takes a document off the shelf.
func (s *shelf) drop(d ocispec.Descriptor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.papers, d.Digest.String())
}
