package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/store/transport"
)

func wantInPage(t *testing.T, w *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if w.Code != status || !strings.Contains(w.Body.String(), text) {
			t.Errorf("status %d, the page has no %q:\n%s", w.Code, text, w.Body)
		}
	}
}

// TestPagePolicy loads what the page refers to, and looks for what its policy forbids.
func TestPagePolicy(t *testing.T) {
	registry := manifesttest.NewScripted(t)
	registry.AddIndex(t, "1", registry.AddPlatformImage(t, "arm", manifesttest.Linux("arm64", "v8")))
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	for _, target := range []string{"/", "/?image=" + registry.Host + "/app:1", "/?image=" + registry.Host + "/app:none"} {
		w := s.request(t, http.MethodGet, target)
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("policy %q", policy)
		}
		if h := w.Header(); h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(h.Get("Vary"), "User-Agent") {
			t.Errorf("%v", h)
		}
		body := w.Body.String()
		if inline := regexp.MustCompile(`(?i)<style|<script>|\son\w+=|\sstyle=|javascript:`).FindString(body); inline != "" {
			t.Errorf("%s has %q", target, inline)
		}
		files := regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`).FindAllStringSubmatch(body, -1)
		if len(files) != 4 {
			t.Errorf("%s has the files %q", target, files)
		}
		for _, file := range files {
			if w := s.request(t, http.MethodGet, file[1]); w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d %v", file[1], w.Code, w.Header())
			}
		}
	}
	w := s.request(t, http.MethodGet, "/static/0123456789abcdef/page.css")
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("the file of another version: %d %v", w.Code, w.Header())
	}
	if w := s.request(t, http.MethodGet, "/static/0/page.css", "If-None-Match", w.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("status %d", w.Code)
	}
	for _, path := range []string{"/static/", "/static/x", "/static/x/page.html", "/static/x/../page.css", "/static//etc/passwd"} {
		wantError(t, s.request(t, http.MethodGet, path), http.StatusNotFound, "nothing at this address")
	}
}

// TestPageOfHostileNames has markup in every string that a client or a registry
// chooses.
func TestPageOfHostileNames(t *testing.T) {
	const markup = `"><script src=x>`
	registry := manifesttest.NewScripted(t)
	image := registry.AddPlatformImage(t, "image", ocispec.Platform{OS: "linux" + markup, Architecture: "arm64" + markup, Variant: markup, OSVersion: markup})
	image.Platform = &ocispec.Platform{OS: "linux" + markup, Architecture: "arm64" + markup, Variant: markup, OSVersion: markup}
	registry.AddIndex(t, "1", image)
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	for _, query := range []string{
		"image=" + registry.Host + "/app:1", "image=" + registry.Host + "/app:1&platform=linux/386", "image=" + registry.Host + "/app:image",
		"image=%22%3E%3Cscript%20src%3Dx%3E", "image=a&platform=%22%3E%3Cscript%20src%3Dx%3E", "image=a&rule=%22%3E%3Cscript%20src%3Dx%3E",
	} {
		w := s.request(t, http.MethodGet, "/?"+query, "Host", "images.example"+markup)
		wantInPage(t, w, w.Code, "&lt;script")
		if strings.Contains(w.Body.String(), markup) {
			t.Errorf("%s: markup is not escaped:\n%s", query, w.Body)
		}
	}
	w := s.request(t, http.MethodGet, "/?image=alice:rabbit@"+registry.Host+"/app:1")
	if wantInPage(t, w, http.StatusBadRequest, "not a valid question"); strings.Contains(w.Body.String(), "rabbit") {
		t.Errorf("the page has a password:\n%s", w.Body)
	}
}

// TestPageSizes has sizes of the images' layers; at a registry that counts manifests
// only that of the answer is read.
func TestPageSizes(t *testing.T) {
	registry := manifesttest.NewScripted(t)
	var entries []ocispec.Descriptor
	for i, arch := range []string{"amd64", "arm64", "riscv64"} {
		config := ocispec.Image{Platform: manifesttest.Linux(arch, "")}
		entry := registry.AddImageWithConfig(t, arch, config, strings.Repeat("x", 1000*(i+2)))
		entries = append(entries, manifesttest.WithPlatform(entry, config.Platform))
	}
	registry.AddIndex(t, "1", append(entries, manifesttest.MissingEntry("linux/s390x"))...)
	for _, counted := range []bool{false, true} {
		s := newTestServer(t, manifesttest.NewStore(t), nil)
		if counted {
			s.Cache.Observe(transport.Event{URL: "http://" + registry.Host + "/v2/app/manifests/1", RateLimit: &transport.RateLimit{Limit: 100, Remaining: 50, Window: time.Hour}})
		}
		registry.ResetRequests()
		w := s.request(t, http.MethodGet, "/?image="+registry.Host+"/app:1&platform=linux/arm64")
		wantInPage(t, w, http.StatusOK, "4 platforms", "3.1 kB to download")
		sizes, read := strings.Count(w.Body.String(), `<p class="size">`), registry.Count("/manifests/sha256:")
		if counted && (sizes != 1 || read > 2 || !strings.Contains(w.Body.String(), "counts every manifest")) || !counted && sizes != 3 {
			t.Errorf("counted %t: %d sizes, %d manifests were read: %q", counted, sizes, read, registry.Requests())
		}
	}
}

// TestPageIsBounded has an index of more images than sizes are read for.
func TestPageIsBounded(t *testing.T) {
	registry := manifesttest.NewScripted(t)
	var entries []ocispec.Descriptor
	for i := range 3 * maxSizes {
		entries = append(entries, manifesttest.MissingEntry(fmt.Sprintf("linux/arm64/v%d", i+1)))
	}
	registry.AddIndex(t, "1", entries...)
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	wantInPage(t, s.request(t, http.MethodGet, "/?image="+registry.Host+"/app:1&platform=linux/386"), http.StatusOK, fmt.Sprint(3*maxSizes, " platforms"))
	if read := registry.Count("GET /v2/app/manifests/sha256:"); read > maxSizes+1 {
		t.Errorf("%d manifests were read", read)
	}
}

// TestPageAddress has the URL by which the client reached the service.
func TestPageAddress(t *testing.T) {
	for trusted, want := range map[string]string{"192.0.2.0/24": "https://images.example/v1/", "10.0.0.0/8": "http://images.example/v1/"} {
		s := newTestServer(t, panicking{}, func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(trusted)} })
		wantInPage(t, s.request(t, http.MethodGet, "/", "X-Forwarded-Proto", "https"), http.StatusOK, want)
	}
}

// TestPageIsStale has a registry that throttles once its answer is old.
func TestPageIsStale(t *testing.T) {
	registry := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, registry.Host+"/app:1", ocispec.MediaTypeImageManifest, manifesttest.Linux("arm64", "v8"))
	now := time.Now()
	s := newTestServer(t, manifesttest.NewStore(t), func(o *Options) {
		o.Now = func() time.Time { return now }
		o.Cache.Now = o.Now
	})
	target := "/?image=" + registry.Host + "/app:1"
	first := s.request(t, http.MethodGet, target)
	wantInPage(t, first, http.StatusOK, "Single image", "1 platform")
	if w := s.request(t, http.MethodGet, target, "If-None-Match", first.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("status %d", w.Code)
	}
	now = now.Add(time.Hour)
	registry.Fail("HEAD /v2/app/manifests/1", http.StatusServiceUnavailable)
	wantInPage(t, s.request(t, http.MethodGet, target), http.StatusOK, "This may be out of date", "503", "Single image")
}
