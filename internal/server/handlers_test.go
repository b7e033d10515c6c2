package server

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
)

// TestMqueryAnswersAsMqueryDid decodes the answers as mquery's client does, with all
// fields of its service: a list, an image, Windows, and entries that it mishandled.
func TestMqueryAnswersAsMqueryDid(t *testing.T) {
	registry := manifesttest.NewScripted(t)
	windows := ocispec.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.1", OSFeatures: []string{"win32k"}}
	arm := registry.AddImageWithConfig(t, "arm", ocispec.Image{Platform: manifesttest.Linux("arm", "v7")})
	win := registry.AddImageWithConfig(t, "win", ocispec.Image{Platform: windows})
	undeclared := registry.AddImage("", "without a platform")
	list := registry.AddIndex(t, "list", arm, win, undeclared, manifesttest.MissingAttestation(arm))
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	type answer struct {
		CacheTS   int64              `json:"cachets"`
		IsList    bool               `json:"islist"`
		ImageName string             `json:"imagename"`
		Digest    string             `json:"digest"`
		MediaType string             `json:"mediatype"`
		ArchList  []ocispec.Platform `json:"archlist"`
	}
	for tag, want := range map[string]answer{
		"list": {IsList: true, Digest: list.Digest.String(), MediaType: ocispec.MediaTypeImageIndex, ArchList: []ocispec.Platform{manifesttest.Linux("arm", "v7"), windows}},
		"arm":  {Digest: arm.Digest.String(), MediaType: ocispec.MediaTypeImageManifest, ArchList: []ocispec.Platform{manifesttest.Linux("arm", "v7")}},
		"win":  {Digest: win.Digest.String(), MediaType: ocispec.MediaTypeImageManifest, ArchList: []ocispec.Platform{windows}},
	} {
		want.ImageName = registry.Host + "/app:" + tag
		before := time.Now().Unix()
		w := s.request(t, http.MethodGet, "/mquery?image="+want.ImageName)
		var got answer
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: %v, status %d, header %v", tag, err, w.Code, w.Header())
		}
		if got.CacheTS < before || got.CacheTS > time.Now().Unix() {
			t.Errorf("%s: cachets %d", tag, got.CacheTS)
		}
		got.CacheTS = 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tag, diff)
		}
	}
	wantError(t, s.request(t, http.MethodGet, "/mquery"), http.StatusBadRequest, "missing")
	wantError(t, s.request(t, http.MethodGet, "/mquery?image="+registry.Host+"/app:none"), http.StatusBadRequest, "not found")
	wantError(t, s.request(t, http.MethodPost, "/mquery?image="+registry.Host+"/app:arm"), http.StatusMethodNotAllowed, "GET")
}

// TestAnswersCanBeKept holds what caches and browsers need.
func TestAnswersCanBeKept(t *testing.T) {
	registry := manifesttest.NewScripted(t)
	registry.AddIndex(t, "1", registry.AddImageWithConfig(t, "", ocispec.Image{Platform: manifesttest.Linux("amd64", "")}))
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	for _, target := range []string{
		"/v1/images/" + registry.Host + "/app:1", "/v1/images/" + registry.Host + "/app:1?platform=linux/amd64", "/badge/" + registry.Host + "/app:1.svg",
		"/mquery?image=" + registry.Host + "/app:1", "/openapi.json",
	} {
		w := s.request(t, http.MethodGet, target)
		h := w.Header()
		tag := h.Get("ETag")
		if w.Code != http.StatusOK || tag == "" || !strings.HasPrefix(h.Get("Cache-Control"), "public, max-age=") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: status %d, header %v", target, w.Code, h)
		}
		again := s.request(t, http.MethodGet, target, "If-None-Match", tag)
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 || again.Header().Get("ETag") != tag {
			t.Errorf("%s: status %d, %d bytes", target, again.Code, again.Body.Len())
		}
		if other := s.request(t, http.MethodGet, target, "If-None-Match", `"other"`); other.Code != http.StatusOK || other.Body.String() != w.Body.String() {
			t.Errorf("%s: status %d with another ETag", target, other.Code)
		}
		head := s.request(t, http.MethodHead, target)
		if head.Code != http.StatusOK || head.Body.Len() > 0 || head.Header().Get("ETag") != tag || head.Header().Get("Content-Length") != h.Get("Content-Length") {
			t.Errorf("HEAD %s: status %d, header %v", target, head.Code, head.Header())
		}
	}
}

// TestBadges reads badges as XML.
func TestBadges(t *testing.T) {
	registry := manifesttest.NewScripted(t)
	var entries []ocispec.Descriptor
	for _, arch := range []string{"amd64", "arm64", "ppc64le", "s390x", "riscv64", "386", "loong64"} {
		entries = append(entries, registry.AddImageWithConfig(t, "", ocispec.Image{Platform: manifesttest.Linux(arch, "")}))
	}
	windows := func(version string) ocispec.Descriptor {
		return registry.AddImageWithConfig(t, "", ocispec.Image{Platform: ocispec.Platform{OS: "windows", Architecture: "amd64", OSVersion: version}})
	}
	registry.AddIndex(t, "many", entries...)
	registry.AddIndex(t, "two", entries[0], windows("10.0.1.1"), windows("10.0.1.2"))
	registry.AddIndex(t, "none")
	hostile := registry.AddImage("", "hostile")
	hostile.Platform = &ocispec.Platform{OS: "\x01<b>\ufffe\u202e", Architecture: strings.Repeat("a", 1000)}
	registry.AddIndex(t, "hostile", hostile)
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	for target, want := range map[string]string{
		"many.svg":                              "platforms: linux/amd64 | linux/arm64 | linux/ppc64le | linux/s390x | linux/riscv64 | +2",
		"two.svg":                               "platforms: linux/amd64 | windows/amd64",
		"none.svg":                              "platforms: none",
		"hostile.svg":                           "platforms: \ufffd<b>\ufffd\ufffd/" + strings.Repeat("a", maxBadgeText-8) + "…",
		"many.svg?has=linux/arm64":              "linux/arm64: yes",
		"many.svg?has=linux/arm64,linux/arm/v7": "linux/arm64 | linux/arm/v7: no",
		"missing.svg":                           "platforms: not found",
		"many.svg?has=%3Cscript%3E/a":           "platforms: invalid",
	} {
		w := s.request(t, http.MethodGet, "/badge/"+registry.Host+"/app:"+target)
		var badge struct {
			XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
			Label   string   `xml:"aria-label,attr"`
			Title   string   `xml:"title"`
			Texts   []string `xml:"g>text"`
		}
		if err := xml.Unmarshal(w.Body.Bytes(), &badge); err != nil || w.Header().Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%s: %v, header %v", target, err, w.Header())
		}
		if !slices.Equal([]string{badge.Label, badge.Title, strings.Join(badge.Texts, ": ")}, []string{want, want, want}) {
			t.Errorf("%s: %+v, want %q", target, badge, want)
		}
	}
}

// TestHas asks for platforms that are there and others.
func TestHas(t *testing.T) {
	registry := manifesttest.NewScripted(t)
	registry.AddIndex(t, "1", registry.AddImageWithConfig(t, "", ocispec.Image{Platform: manifesttest.Linux("arm64", "")}))
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	for query, want := range map[string][]string{"": nil, "?has=linux/arm64": nil, "?has=linux/arm64,linux/s390x&has=linux/arm/v7": {"linux/s390x", "linux/arm/v7"}} {
		w := s.request(t, http.MethodGet, "/v1/images/"+registry.Host+"/app:1"+query)
		var got struct {
			Missing []string `json:"missing"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, got.Missing); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	many := ""
	for i := range maxPlatforms + 1 {
		many += fmt.Sprintf("windows/amd64:10.0.%d,", i)
	}
	many = strings.TrimSuffix(many, ",")
	wantError(t, s.request(t, http.MethodGet, "/v1/images/"+registry.Host+"/app:1?has="+many), http.StatusBadRequest, "more than 50")
}

// TestCacheOfAnAnswer has the word of the log and the metrics for how an answer was
// found: none for what is not about an image.
func TestCacheOfAnAnswer(t *testing.T) {
	registry := manifesttest.NewScripted(t)
	d := registry.AddIndex(t, "1", registry.AddPlatformImage(t, "", manifesttest.Linux("arm64", "")))
	for _, targets := range [][]string{
		{"/", "", "/openapi.json", "", "/?image=a//b", "", "/badge/a//b.svg", "", "/v1/images/a//b", ""},
		{"/v1/images/R/app:1", "checked", "/v1/images/R/app:1", "hit", "/badge/R/app:1.svg", "hit", "/?image=R/app:1", "hit", "/v1/images/R/app@" + d.Digest.String(), "hit"},
		{"/v1/images/R/app@" + d.Digest.String(), "checked"},
	} {
		s := newTestServer(t, manifesttest.NewStore(t), nil)
		for i := 0; i < len(targets); i += 2 {
			target := strings.ReplaceAll(targets[i], "R/", registry.Host+"/")
			s.request(t, http.MethodGet, target)
			lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
			var line struct{ Cache string }
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil || line.Cache != targets[i+1] {
				t.Errorf("%s: %q, %v, want %q", target, line.Cache, err, targets[i+1])
			}
		}
	}
}

// TestBadParameters sends both questions about an image, which have different answers,
// and an unknown rule.
func TestBadParameters(t *testing.T) {
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	wantError(t, s.request(t, http.MethodGet, "/v1/images/a:1?platform=linux/arm64&has=linux/arm64"), http.StatusBadRequest, "two questions")
	wantError(t, s.request(t, http.MethodGet, "/v1/images/a:1?rule=docker"), http.StatusBadRequest, `?rule=: unknown value "docker": it is containerd`)
}
