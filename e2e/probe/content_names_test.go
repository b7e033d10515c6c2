//go:build e2e

package probe

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/registrytest"
)

// contentNames names the requests of a run by what they are about, as
// "GET /manifests/index:index-nested Accept=index".
type contentNames struct {
	mu sync.Mutex
	// digests are the names of content that was sent.
	digests map[string]string
}

// name describes a request: the method, what it is about, and what distinguishes it
// from others. Content has the name of its purpose in place of its digest.
func (c *contentNames) of(r *http.Request) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(raw))
	if r.URL.Path == "/token" {
		return "token " + loginOf(r)
	}
	content := ""
	if len(raw) > 0 {
		content = " " + c.learn(raw)
	}
	name := r.Method + " " + c.replace(strings.TrimPrefix(r.URL.Path, "/v2/team/scratch"))
	if query := c.replace(r.URL.RawQuery); query != "" {
		name += "?" + query
	}
	if r.Method == http.MethodPatch {
		content = " chunk=" + r.Header.Get("Content-Range")
	}
	name += content
	for _, one := range []string{"Accept", "Range", "If-None-Match", "If-Match"} {
		if v := r.Header.Get(one); v != "" {
			name += " " + one + "=" + c.replace(v)
		}
	}
	switch auth := r.Header.Get("Authorization"); {
	case auth == "":
		name += " anonymous"
	case strings.Contains(auth, "manifest-tool-test"):
		name += " invalid"
	}
	return name
}

// loginOf names the login of a request to the token server.
func loginOf(r *http.Request) string {
	switch user, _, given := r.BasicAuth(); {
	case !given:
		return "anonymous"
	case user == registrytest.UserName:
		return "login"
	}
	return "unknown"
}

// learn names content that is sent.
func (c *contentNames) learn(raw []byte) string {
	name := purpose(raw)
	c.digests[digest.FromBytes(raw).String()] = name
	c.digests[digest.SHA512.FromBytes(raw).String()] = name + "-512"
	return name
}

// replace replaces digests, media types, upload sessions and the random part of tags.
func (c *contentNames) replace(text string) string {
	text = regexp.MustCompile(`manifest-tool-test-[0-9a-f]{12}-`).ReplaceAllString(text, "")
	text = regexp.MustCompile(`/blobs/uploads/\d+`).ReplaceAllString(text, "/blobs/upload")
	for _, one := range []struct{ mediaType, name string }{
		{"application/vnd.oci.image.index.v1+json", "index"},
		{"application/vnd.docker.distribution.manifest.list.v2+json", "list"},
		{"application/vnd.oci.image.manifest.v1+json", "image"},
		{"application/vnd.docker.distribution.manifest.v2+json", "docker"},
		{"index, list, image, docker", "all"},
	} {
		text = strings.ReplaceAll(text, one.mediaType, one.name)
	}
	return regexp.MustCompile(`sha(256|512)(:|%3A)([0-9a-f]{64,128})`).ReplaceAllStringFunc(text, func(found string) string {
		return cmp.Or(c.digests[strings.Replace(found, "%3A", ":", 1)], "missing")
	})
}

// purpose names content: that of the annotation of a manifest, or of the text of a blob.
func purpose(raw []byte) string {
	var m struct {
		MediaType   string
		Annotations map[string]string
		Manifests   []json.RawMessage
		Config      *struct{ MediaType string }
		RootFS      any
	}
	if text, isBlob := strings.CutPrefix(string(raw), "manifest-tool test "); isBlob {
		_, text, _ = strings.Cut(strings.TrimSpace(text), " ")
		return "blob:" + strings.ReplaceAll(text, " ", "-")
	}
	if json.Unmarshal(raw, &m) != nil {
		return "blob"
	}
	kind := "config"
	switch {
	case m.RootFS != nil:
	case strings.Contains(m.MediaType, "docker") && m.Manifests != nil:
		kind = "list"
	case m.Manifests != nil:
		kind = "index"
	case m.Config != nil && strings.Contains(m.MediaType, "docker"):
		kind = "docker"
	case m.Config != nil:
		kind = "image"
	}
	return kind + ":" + variant(raw, m.Annotations["org.opencontainers.image.title"])
}

// variant distinguishes manifests of one kind.
func variant(raw []byte, title string) string {
	switch {
	case len(raw) > 4<<20:
		return "exceeded"
	case len(raw) == 4<<20:
		return "padded"
	case len(title) > 1<<12:
		return "annotation"
	case title != "":
		return regexp.MustCompile(`^manifest-tool-test-[0-9a-f]{12}-`).ReplaceAllString(title, "")
	case bytes.Contains(raw, []byte("org.example.unknown")):
		return "odd"
	case bytes.Contains(raw, []byte("s390x")):
		return "sparse"
	}
	return "plain"
}
