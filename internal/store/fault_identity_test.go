package store

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/store/mediatype"
	"manifest-tool/internal/store/transport"
)

// docOf is a document of a media type; an empty one leaves mediaType out.
func docOf(kind, fields string) string {
	if kind == "" {
		return `{"schemaVersion":2,` + fields + `}`
	}
	return `{"schemaVersion":2,"mediaType":"` + kind + `",` + fields + `}`
}

// noEntries and noLayers are the fields of an index and of an image.
const (
	noEntries = `"manifests":[]`
	noLayers  = `"config":{},"layers":[]`
)

// claiming is a registry that serves a document under every name, with a
// digest of its own choice in the header.
func claiming(contentType, body string, claim digest.Digest) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		if claim != "" {
			w.Header().Set("Docker-Content-Digest", claim.String())
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		if r.Method == http.MethodGet {
			fmt.Fprint(w, body)
		}
		return true
	}
}

func TestFault18OtherBytesThanTheDigestAreRefused(t *testing.T) {
	asked, other := smallIndex("asked"), smallIndex("other")
	for _, contentType := range []string{
		dockerSigned, "application/vnd.docker.distribution.manifest.v1+json", ociIndex, "application/json", "",
	} {
		for _, body := range []string{
			string(other.Raw), string(asked.Raw) + " ",
			`{"schemaVersion":1,"fsLayers":[],"history":[]}`, `{"schemaVersion":1,"mediaType":"` + dockerSigned + `","history":[]}`,
		} {
			// Without the header it is not the transport that notices.
			for _, claim := range []digest.Digest{asked.Descriptor.Digest, ""} {
				t.Run(contentType+" "+body+" "+claim.String(), func(t *testing.T) {
					s := newStore(t)
					f := newFront(t, claiming(contentType, body, claim))
					got, err := s.Get(t.Context(), ref(t, s, f.host+"/a:1", false).WithDigest(asked.Descriptor.Digest))
					if err == nil || got.Raw != nil {
						t.Errorf("got %q, %v", got.Raw, err)
					}
				})
			}
		}
	}
}

func TestFault21TagWhoseClaimDiffersFromItsBytes(t *testing.T) {
	o := smallIndex("x")
	for _, strict := range []bool{false, true} {
		t.Run(map[bool]string{false: "warned of", true: "strict"}[strict], func(t *testing.T) {
			f := newFront(t, claiming(ociIndex, string(o.Raw), smallIndex("other").Descriptor.Digest))
			var warnings []string
			s := newStoreWith(t, transport.Options{Strict: strict, Warn: func(m string) { warnings = append(warnings, m) }})
			got, err := s.Get(t.Context(), ref(t, s, f.host+"/a:1", false))
			if strict {
				if err == nil || got.Raw != nil || len(warnings) > 0 {
					t.Errorf("got %q, %v, warnings %q", got.Raw, err, warnings)
				}
				return
			}
			if err != nil || got.Descriptor.Digest != o.Descriptor.Digest {
				t.Errorf("got %s, %v, want what the bytes have", got.Descriptor.Digest, err)
			}
			if len(warnings) != 1 || !strings.Contains(warnings[0], o.Descriptor.Digest.String()) {
				t.Errorf("warnings %q", warnings)
			}
		})
	}
}

// wantNoManifest has a registry serve a document under a tag, which is no
// manifest.
func wantNoManifest(t *testing.T, contentType, body string) {
	t.Helper()
	s := newStore(t)
	f := newFront(t, claiming(contentType, body, digest.FromString(body)))
	got, err := s.Get(t.Context(), ref(t, s, f.host+"/a:1", false))
	if !errors.Is(err, mediatype.ErrNotAManifest) || got.Raw != nil {
		t.Errorf("%s %q: got %q, %v", contentType, body, got.Raw, err)
	}
}

func TestFault24DocumentOfTwoFormatsIsRefused(t *testing.T) {
	for _, kind := range []string{"", ociIndex, ociImage, dockerList, dockerImage} {
		for _, fields := range []string{
			noEntries + "," + noLayers, noLayers + "," + noEntries,
			noEntries + `,"layers":[]`, noEntries + `,"config":{}`, noEntries + `,"fsLayers":[]`,
			`"manifests":{},"layers":{}`, noEntries + `,"config":null,"layers":[{}]`,
		} {
			t.Run(kind+" "+fields, func(t *testing.T) {
				wantNoManifest(t, kind, docOf(kind, fields))
				wantNoManifest(t, "application/json", docOf(kind, fields))
			})
		}
	}
}

func TestFault26ContentTypeIsReadAsItIsMeant(t *testing.T) {
	for _, kind := range []string{ociIndex, ociImage, dockerList, dockerImage} {
		fields := noLayers
		if kind == ociIndex || kind == dockerList {
			fields = noEntries
		}
		for name, contentType := range map[string]string{
			"charset": kind + "; charset=utf-8", "capitals": strings.ToUpper(kind), "blanks": " " + kind + " ",
			"missing": "", "general": "application/json", "nonsense": ";;",
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				body := docOf(kind, fields)
				s := newStore(t)
				f := newFront(t, claiming(contentType, body, digest.FromString(body)))
				got, err := s.Get(t.Context(), ref(t, s, f.host+"/a:1", false))
				if err != nil || got.Descriptor.MediaType != kind {
					t.Errorf("got %q, %v", got.Descriptor.MediaType, err)
				}
			})
		}
	}
	// A HEAD has no body: what it says is compared when the bytes are there.
	s := newStore(t)
	f := newFront(t, claiming(ociIndex+"; charset=utf-8", docOf(ociIndex, noEntries), smallIndex("x").Descriptor.Digest))
	if got, err := s.Head(t.Context(), ref(t, s, f.host+"/a:1", false)); err != nil || got.MediaType != ociIndex {
		t.Errorf("head: got %q, %v", got.MediaType, err)
	}
}

func TestFault28DoubledOrMisspeltKeysAreRefused(t *testing.T) {
	entry := func(key string) string { return `"manifests":[{` + key + `}]` }
	for _, fields := range []string{
		noEntries + `,"manifests":[]`, noEntries + `,"Manifests":[{}]`, `"Manifests":[]`, `"MANIFESTS":[],"layers":[]`,
		noEntries + `,"mediatype":"x"`, noEntries + `,"schemaversion":1`, noEntries + `,"\u006danifests":[]`, noEntries + `,"manife\u017fts":[]`,
		entry(`"digest":"a","digest":"b"`), entry(`"digest":"a","Digest":"b"`), entry(`"size":1,"siZe":2`),
		entry(`"platform":{"os":"linux","OS":"windows"}`), entry(`"platform":{"os":"linux","os":"windows"}`),
		entry(`"annotations":{"a":"1","a":"2"}`), noEntries + `,"annotations":{"a":"1","a":"2"}`, noEntries + `,"x":{"y":1,"y":2}`,
	} {
		t.Run(fields, func(t *testing.T) { wantNoManifest(t, ociIndex, docOf(ociIndex, fields)) })
	}
	s := newStore(t)
	free := docOf(ociIndex, noEntries+`,"annotations":{"Layers":"a","layers":"b","Digest":"c"}`)
	f := newFront(t, claiming(ociIndex, free, digest.FromString(free)))
	if _, err := s.Get(t.Context(), ref(t, s, f.host+"/a:1", false)); err != nil {
		t.Errorf("the keys of annotations are free: %v", err)
	}
}

func TestFault29WhatIsNotOneObjectIsRefused(t *testing.T) {
	full := docOf(ociIndex, noEntries)
	for _, body := range []string{
		full + full, full + "x", full + "\x00", full + "null", "null", "[" + full + "]", `"` + ociIndex + `"`, "7", "true", "", " ",
		full[:len(full)-1], "\ufeff" + full,
	} {
		t.Run(body, func(t *testing.T) { wantNoManifest(t, ociIndex, body) })
	}
}
