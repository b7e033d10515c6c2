package probe

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
)

// onAccept applies a fault to requests for a tag with exactly this Accept.
func onAccept(tag, methods, accept string, f fault) fault {
	return when("-"+tag, methods, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get("Accept") == accept {
			f(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// converted returns an image in place of an index.
func converted(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", manifest.MediaTypeDockerImage)
	_, _ = w.Write([]byte(`{"schemaVersion":2}`))
}

// tagHeader sets a header of the responses for the tagged index; "" removes it.
func tagHeader(methods, name, value string) fault {
	return when("-tag", methods, change(func(_ *http.Request, h http.Header, body []byte) []byte {
		h.Del(name)
		if value != "" {
			h.Set(name, value)
		}
		return body
	}))
}

// packed compresses the tagged index as coding; damaged changes what is compressed.
func packed(coding string, damaged bool) fault {
	return when("-tag", "GET", change(func(_ *http.Request, h http.Header, body []byte) []byte {
		var out bytes.Buffer
		if damaged {
			body = append(body, ' ')
		}
		z := gzip.NewWriter(&out)
		_, _ = z.Write(body)
		_ = z.Close()
		h.Set("Content-Encoding", coding)
		h.Del("Content-Length")
		return out.Bytes()
	}))
}

func TestAcceptFaults(t *testing.T) {
	all, missing := strings.Join(acceptAll(), ", "), respond(http.StatusNotFound)
	testFaults(t, map[string]faultCase{
		"all types are refused": {onAccept("tag", "GET", all, missing), map[string]Status{
			"accept-all": StatusFail, "accept-head-headers": StatusError, "accept-length": StatusError, "accept-digest": StatusError, "accept-encoding": StatusError,
		}, nil},
		"Accept is required":     {onAccept("tag", "GET", "", missing), map[string]Status{"accept-none": StatusFail}, map[string]string{"response": "refused"}},
		"any type is refused":    {onAccept("tag", "GET", "*/*", respond(http.StatusNotAcceptable)), map[string]Status{"accept-any": StatusFail}, nil},
		"any type is converted":  {onAccept("tag", "GET", "*/*", converted), map[string]Status{"accept-any": StatusFail}, map[string]string{"response": "converted"}},
		"only lists":             {onAccept("tag", "GET", manifest.MediaTypeDockerList, missing), map[string]Status{"accept-other-index": StatusSkip}, nil},
		"only images":            {onAccept("tag", "GET", ocispec.MediaTypeImageManifest, missing), map[string]Status{"accept-image": StatusSkip}, nil},
		"lists require Accept":   {onAccept("list", "GET", "", missing), map[string]Status{"accept-list-none": StatusSkip}, nil},
		"a list for OCI indexes": {onAccept("list", "GET", ocispec.MediaTypeImageIndex, missing), map[string]Status{"accept-list-other-index": StatusSkip}, nil},
		"lists are converted":    {onAccept("list", "GET", manifest.MediaTypeDockerImage, converted), map[string]Status{"accept-list-image": StatusSkip}, map[string]string{"response": "converted", "converted-to": manifest.MediaTypeDockerImage}},
		"a list has another type": {onAccept("list", "GET", "", change(func(_ *http.Request, h http.Header, body []byte) []byte {
			h.Set("Content-Type", "text/plain")
			return body
		})), map[string]Status{"accept-list-none": StatusFail}, nil},
		"an error for a list":   {onAccept("list", "GET", "", respond(http.StatusInternalServerError)), map[string]Status{"accept-list-none": StatusFail}, nil},
		"lists are refused":     {refuse(http.StatusUnsupportedMediaType, manifest.MediaTypeDockerList), map[string]Status{"accept-list-none": StatusSkip, "accept-list-other-index": StatusSkip, "accept-list-image": StatusSkip}, nil},
		"HEAD is refused":       {onAccept("tag", "HEAD", all, respond(http.StatusMethodNotAllowed)), map[string]Status{"accept-head": StatusFail, "accept-head-headers": StatusError, "accept-length": StatusError, "accept-digest": StatusError, "accept-encoding": StatusError}, nil},
		"HEAD requires Accept":  {onAccept("tag", "HEAD", "", missing), map[string]Status{"accept-head-none": StatusFail}, nil},
		"HEAD has another type": {tagHeader("HEAD", "Content-Type", "text/plain"), map[string]Status{"accept-head-headers": StatusFail}, nil},
		"HEAD has no type":      {tagHeader("HEAD", "Content-Type", ""), map[string]Status{"accept-head-headers": StatusSkip}, nil},
		"HEAD has another ETag": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			tagHeader("HEAD GET", "Etag", r.Method)(w, r, next)
		}, map[string]Status{"accept-head-headers": StatusFail}, nil},
		"HEAD has another length":  {tagHeader("HEAD", "Content-Length", "1"), map[string]Status{"accept-length": StatusFail}, map[string]string{"head-length": "wrong"}},
		"HEAD has no length":       {flushed, map[string]Status{"accept-length": StatusSkip}, map[string]string{"head-length": "missing"}},
		"GET has another digest":   {tagHeader("GET", "Docker-Content-Digest", digest.FromString("x").String()), map[string]Status{"accept-digest": StatusFail}, map[string]string{"digest-header": "wrong"}},
		"HEAD has no digest":       {tagHeader("HEAD", "Docker-Content-Digest", ""), map[string]Status{"accept-digest": StatusSkip}, map[string]string{"digest-header": "missing for HEAD"}},
		"there is no digest":       {tagHeader("HEAD GET", "Docker-Content-Digest", ""), map[string]Status{"accept-digest": StatusSkip}, map[string]string{"digest-header": "missing for HEAD, GET"}},
		"manifests are compressed": {packed("gzip", false), map[string]Status{"accept-encoding": StatusSkip}, map[string]string{"encoding": "gzip"}},
		"another coding": {packed("br", false), map[string]Status{
			"accept-all": StatusFail, "accept-none": StatusFail, "accept-any": StatusFail, "accept-other-index": StatusFail, "accept-image": StatusFail, "accept-encoding": StatusSkip,
		}, map[string]string{"encoding": "br"}},
	}, SectionAccept)
}

// flushed sends the response to HEAD without a length.
var flushed = when("-tag", "HEAD", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(unsized{w}, r)
})

type unsized struct{ http.ResponseWriter }

func (u unsized) WriteHeader(status int) {
	u.Header().Del("Content-Length")
	u.ResponseWriter.WriteHeader(status)
}

// TestOnceInARun: a request that several checks look at is sent once, and each of them
// reports it.
func TestOnceInARun(t *testing.T) {
	sent, shown, cleaning := 0, 0, false
	report := probeFaulty(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		cleaning = cleaning || r.Method == http.MethodDelete
		if !cleaning && r.Method == http.MethodHead && strings.HasSuffix(r.URL.Path, "-tag") && r.Header.Get("Accept") != "" {
			sent++
		}
		next.ServeHTTP(w, r)
	}, SectionAccept)
	for _, one := range report.Results {
		for _, e := range one.Exchanges {
			if e.Method == http.MethodHead && strings.HasSuffix(e.URL, "-tag") && e.RequestHeaders["Accept"] != "" {
				shown++
			}
		}
	}
	if sent != 1 || shown != 5 {
		t.Errorf("HEAD was sent %d times and is shown %d times", sent, shown)
	}
}
