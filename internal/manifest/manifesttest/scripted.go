package manifesttest

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
type Document struct{ ContentType, Body string }

// shelf is a registry that serves documents under the names it was given,
// true or not, and claims each to be what was asked for. Blobs are papers too;
// it lists no referrers.
type Scripted struct {
	Host string

	Mu        sync.Mutex
	Documents map[string]Document // by tag or digest
	Asked     []string            // METHOD path
}

func NewScripted(t *testing.T) *Scripted {
	t.Helper()
	s := &Scripted{Documents: map[string]Document{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.Host = server.Listener.Addr().String()
	return s
}

func (s *Scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	s.Mu.Lock()
	s.Asked = append(s.Asked, r.Method+" "+r.URL.Path)
	p, known := s.Documents[name]
	s.Mu.Unlock()
	if !known || strings.Contains(r.URL.Path, "/referrers/") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", p.ContentType)
	w.Header().Set("Content-Length", fmt.Sprint(len(p.Body)))
	if _, err := digest.Parse(name); err == nil {
		w.Header().Set("Docker-Content-Digest", name)
	}
	if r.Method == http.MethodGet {
		fmt.Fprint(w, p.Body)
	}
}

// add puts a document under its own digest, and under a tag unless that is
// empty, and returns its descriptor.
func (s *Scripted) Add(tag, contentType, body string) ocispec.Descriptor {
	d := ocispec.Descriptor{MediaType: contentType, Digest: digest.FromString(body), Size: int64(len(body))}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.Documents[d.Digest.String()] = Document{contentType, body}
	if tag != "" {
		s.Documents[tag] = Document{contentType, body}
	}
	return d
}

// addIndex puts an index of the entries on the shelf.
func (s *Scripted) AddIndex(t *testing.T, tag string, entries ...ocispec.Descriptor) ocispec.Descriptor {
	t.Helper()
	return s.Add(tag, ocispec.MediaTypeImageIndex, string(EncodeJSON(t, NewIndex(entries, nil))))
}

// addImage puts an image without layers on the shelf, and its config.
func (s *Scripted) AddImage(tag, note string) ocispec.Descriptor {
	config := s.Add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64","note":"`+note+`"}`)
	return s.Add(tag, ocispec.MediaTypeImageManifest, ImageManifest(config, `"layers":[]`))
}

// imageOf is an OCI image manifest with the given further fields.
func ImageManifest(config ocispec.Descriptor, fields string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q,"size":%d},%s}`,
		ocispec.MediaTypeImageManifest, config.MediaType, config.Digest, config.Size, fields)
}

// count returns how many requests had the path fragment.
func (s *Scripted) Count(fragment string) int {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	n := 0
	for _, line := range s.Asked {
		if strings.Contains(line, fragment) {
			n++
		}
	}
	return n
}

// addImageOf puts an image of a platform on the shelf, with a layer that is not
// there.
func (s *Scripted) AddImageOf(t *testing.T, tag string, p platform.Platform) ocispec.Descriptor {
	t.Helper()
	return s.AddBuilt(t, tag, ocispec.Image{Platform: p}, "layer of "+tag)
}

// addBuilt puts an image with this config on the shelf. Its layers are named
// by texts, and not there.
func (s *Scripted) AddBuilt(t *testing.T, tag string, config ocispec.Image, layers ...string) ocispec.Descriptor {
	t.Helper()
	var all []ocispec.Descriptor
	for _, text := range layers {
		all = append(all, ocispec.Descriptor{
			MediaType: ocispec.MediaTypeImageLayerGzip, Digest: digest.FromString(text), Size: int64(len(text)),
		})
	}
	c := s.Add("", ocispec.MediaTypeImageConfig, string(EncodeJSON(t, config)))
	d := s.Add(tag, ocispec.MediaTypeImageManifest, ImageManifest(c, `"layers":`+string(EncodeJSON(t, all))))
	if config.OS != "" {
		d.Platform = &config.Platform
	}
	return d
}

// addArtifact puts a manifest on the shelf that is no image.
func (s *Scripted) AddArtifact(tag string) ocispec.Descriptor {
	return s.Add(tag, ocispec.MediaTypeImageManifest, ImageManifest(ocispec.DescriptorEmptyJSON, `"artifactType":"application/x-sbom","layers":[]`))
}

// drop takes a document off the shelf.
func (s *Scripted) Drop(d ocispec.Descriptor) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	delete(s.Documents, d.Digest.String())
}
