package manifesttest

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

	"manifest-tool/internal/platform"
)

// Document is a document as a registry serves it.
type Document struct {
	ContentType, Body string
	// NoDigest leaves the header Docker-Content-Digest out.
	NoDigest bool
}

// Scripted is a registry that serves documents, manifests and blobs alike, in
// every repository under the names they were added with, whether these are
// right or wrong. It records its requests and lists no referrers.
type Scripted struct {
	// Host is the registry's address, as in HOST/repository:tag.
	Host string
	requests

	mu        sync.Mutex
	documents map[string]Document // by tag or digest
}

// NewScripted starts an empty registry that runs until the test ends.
func NewScripted(t *testing.T) *Scripted {
	t.Helper()
	s := &Scripted{documents: map[string]Document{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.Host = server.Listener.Addr().String()
	return s
}

// ServeHTTP sends the document that the last element of the path names. A
// digest in the path is sent as Docker-Content-Digest.
func (s *Scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.record(r)
	name := path.Base(r.URL.Path)
	s.mu.Lock()
	d, known := s.documents[name]
	s.mu.Unlock()
	if !known || strings.Contains(r.URL.Path, "/referrers/") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", d.ContentType)
	w.Header().Set("Content-Length", fmt.Sprint(len(d.Body)))
	if _, err := digest.Parse(name); err == nil && !d.NoDigest {
		w.Header().Set("Docker-Content-Digest", name)
	}
	if r.Method == http.MethodGet {
		fmt.Fprint(w, d.Body)
	}
}

// Count returns how many requests since the last reset contain a fragment of
// "METHOD path".
func (s *Scripted) Count(fragment string) int {
	n := 0
	for _, request := range s.Requests() {
		if strings.Contains(request, fragment) {
			n++
		}
	}
	return n
}

// Set serves a document under a tag or digest, which may be a wrong one.
func (s *Scripted) Set(name string, d Document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.documents[name] = d
}

// Document returns the document under a tag or digest.
func (s *Scripted) Document(name string) Document {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.documents[name]
}

// Remove removes what is served under the digest of d.
func (s *Scripted) Remove(d ocispec.Descriptor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.documents, d.Digest.String())
}

// Add serves a document under its own digest, and under a tag unless that is
// empty, and returns its descriptor.
func (s *Scripted) Add(tag, contentType, body string) ocispec.Descriptor {
	d := descriptorOf(contentType, []byte(body))
	s.Set(d.Digest.String(), Document{ContentType: contentType, Body: body})
	if tag != "" {
		s.Set(tag, Document{ContentType: contentType, Body: body})
	}
	return d
}

// AddIndex adds an OCI index of the entries, which need not exist.
func (s *Scripted) AddIndex(t *testing.T, tag string, entries ...ocispec.Descriptor) ocispec.Descriptor {
	t.Helper()
	return s.Add(tag, ocispec.MediaTypeImageIndex, string(EncodeJSON(t, NewIndex(entries, nil))))
}

// AddImage adds an image without layers, and its config with a note that gives
// it another digest.
func (s *Scripted) AddImage(tag, note string) ocispec.Descriptor {
	config := s.Add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64","note":"`+note+`"}`)
	return s.Add(tag, ocispec.MediaTypeImageManifest, ImageManifest(config, `"layers":[]`))
}

// AddPlatformImage adds an image of a platform with a layer that does not
// exist.
func (s *Scripted) AddPlatformImage(t *testing.T, tag string, p platform.Platform) ocispec.Descriptor {
	t.Helper()
	return s.AddImageWithConfig(t, tag, ocispec.Image{Platform: p}, "layer of "+tag)
}

// AddImageWithConfig adds an image with a config and layers. The layers do not
// exist: each string gives one its digest. The descriptor has the platform of
// the config.
func (s *Scripted) AddImageWithConfig(t *testing.T, tag string, config ocispec.Image, layers ...string) ocispec.Descriptor {
	t.Helper()
	var all []ocispec.Descriptor
	for _, text := range layers {
		all = append(all, descriptorOf(ocispec.MediaTypeImageLayerGzip, []byte(text)))
	}
	c := s.Add("", ocispec.MediaTypeImageConfig, string(EncodeJSON(t, config)))
	d := s.Add(tag, ocispec.MediaTypeImageManifest, ImageManifest(c, `"layers":`+string(EncodeJSON(t, all))))
	if config.OS != "" {
		d.Platform = &config.Platform
	}
	return d
}

// AddArtifact adds an artifact: a manifest that is not an image.
func (s *Scripted) AddArtifact(tag string) ocispec.Descriptor {
	return s.Add(tag, ocispec.MediaTypeImageManifest, ImageManifest(ocispec.DescriptorEmptyJSON, `"artifactType":"application/x-sbom","layers":[]`))
}

// ImageManifest returns an OCI image manifest as JSON, with the given further
// fields.
func ImageManifest(config ocispec.Descriptor, fields string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q,"size":%d},%s}`,
		ocispec.MediaTypeImageManifest, config.MediaType, config.Digest, config.Size, fields)
}
