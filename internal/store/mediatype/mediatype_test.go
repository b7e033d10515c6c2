package mediatype

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	ociIndex     = string(types.OCIImageIndex)
	ociImage     = string(types.OCIManifestSchema1)
	dockerList   = string(types.DockerManifestList)
	dockerImage  = string(types.DockerManifestSchema2)
	dockerSigned = string(types.DockerManifestSchema1Signed)

	dockerSchema1 = string(types.DockerManifestSchema1)
)

func TestOf(t *testing.T) {
	typed := func(kind, fields string) string { return `{"mediaType":"` + kind + `",` + fields + `}` }
	const entries, layers = `"manifests":[]`, `"config":{},"layers":[]`
	tests := []struct {
		name, contentType, body string
		want                    string // "" is ErrNotAManifest
	}{
		{"an OCI index", ociIndex, typed(ociIndex, entries), ociIndex},
		{"an OCI image", ociImage, typed(ociImage, layers), ociImage},
		{"a Docker list", dockerList, typed(dockerList, entries), dockerList},
		{"a Docker image", dockerImage, typed(dockerImage, layers), dockerImage},
		{"the body alone says it", "", typed(ociIndex, entries), ociIndex},
		{"the header alone says it", ociImage, `{` + layers + `}`, ociImage},
		{"the fields alone say index", "", `{` + entries + `}`, ociIndex},
		{"the fields alone say image", "", `{` + layers + `}`, ociImage},
		{"a header that says nothing", "application/json", `{` + entries + `}`, ociIndex},
		{"a header with a parameter", ociIndex + "; charset=utf-8", typed(ociIndex, entries), ociIndex},
		{"a header in capitals", "Application/VND.OCI.Image.Index.v1+JSON", `{` + entries + `}`, ociIndex},
		{"the header alone says Docker image", dockerImage, `{` + layers + `}`, dockerImage},
		{"the header alone says Docker list", dockerList, `{` + entries + `}`, dockerList},
		{"a header twice", ociIndex + ", " + ociIndex, typed(ociIndex, entries), ociIndex},
		{"a general header and the type", "application/json, " + ociIndex, `{` + entries + `}`, ociIndex},
		{"the type and a general header", dockerImage + "; charset=utf-8, text/plain", typed(dockerImage, layers), dockerImage},
		{"a broken parameter", ociIndex + "; charset", typed(ociIndex, entries), ociIndex},
		{"a header in quotes", `"` + ociIndex + `"`, typed(ociIndex, entries), ociIndex},
		{"a header that is broken", ";;", typed(ociIndex, entries), ociIndex},
		{"entries that are null", ociIndex, typed(ociIndex, `"manifests":null`), ociIndex},
		{"an artifact", "application/vnd.example+json", typed("application/vnd.example+json", `"blobs":[]`), "application/vnd.example+json"},
		{"space round it", ociIndex, " \r\n\t" + typed(ociIndex, entries) + "\n", ociIndex},

		{"an image that is called index", ociIndex, typed(ociIndex, layers), ""},
		{"two headers that disagree", ociIndex + ", " + ociImage, typed(ociIndex, entries), ""},
		{"two headers that disagree about a silent body", ociIndex + ", " + dockerList, `{` + entries + `}`, ""},
		{"an index under the header of a Docker image", dockerImage, `{` + entries + `}`, ""},
		{"a schema 1 header", dockerSchema1, `{` + layers + `}`, ""},
		{"an index that is called image", ociImage, typed(ociImage, entries), ""},
		{"an index under the header of an image", ociImage, `{` + entries + `}`, ""},
		{"no fields under the header of an index", ociIndex, `{"schemaVersion":2}`, ""},
		{"body and header disagree", dockerList, typed(ociIndex, entries), ""},
		{"an artifact under the header of an image", ociImage, typed("application/vnd.example+json", layers), ""},
		{"entries and layers", "", `{` + entries + `,` + layers + `}`, ""},
		{"entries and layers, typed", ociIndex, typed(ociIndex, entries+`,`+layers), ""},
		{"entries and a config", ociImage, typed(ociImage, entries+`,"config":{}`), ""},
		{"entries and layers in capitals", ociIndex, typed(ociIndex, entries+`,"Layers":[]`), ""},
		{"entries and the layers of schema 1", ociIndex, typed(ociIndex, entries+`,"fsLayers":[]`), ""},
		{"schema 1", dockerSigned, `{"schemaVersion":1,"fsLayers":[],"history":[]}`, ""},
		{"a web page", "text/html", "<!doctype html><title>Log in</title>", ""},
		{"a web page called index", ociIndex, "<html></html>", ""},
		{"an answer of something else", "application/json", `{"errors":[]}`, ""},
		{"nothing", ociIndex, "", ""},
		{"null", ociIndex, "null", ""},
		{"a list", ociIndex, "[" + typed(ociIndex, entries) + "]", ""},
		{"a string", ociIndex, `"manifests"`, ""},
		{"bytes behind it", ociIndex, typed(ociIndex, entries) + "x", ""},
		{"two documents", ociIndex, typed(ociIndex, entries) + typed(ociIndex, entries), ""},
		{"half a document", ociIndex, typed(ociIndex, entries)[:30], ""},
		{"a type that is no text", ociIndex, `{"mediaType":7,` + entries + `}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Of(tt.contentType, []byte(tt.body))
			if tt.want == "" && !errors.Is(err, ErrNotAManifest) || tt.want != "" && err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func FuzzOf(f *testing.F) {
	f.Add(ociIndex, []byte(`{"mediaType":"`+ociIndex+`","manifests":[]}`))
	f.Add("", []byte(`{"layers":[],"config":{}}`))
	f.Add("text/html", []byte(`<html>`))
	f.Add(dockerImage+";charset=utf-8", []byte(`{"layers":null}`))
	f.Add(ociImage, []byte(`{"Manifests":[],"fsLayers":{}}`))
	f.Add(ociIndex, []byte(`{"manife\u017fts":[]}`))
	f.Fuzz(func(t *testing.T, contentType string, raw []byte) {
		kind, err := Of(contentType, raw)
		if err != nil {
			if !errors.Is(err, ErrNotAManifest) || kind != "" {
				t.Errorf("%q, %v", kind, err)
			}
			return
		}
		var fields map[string]json.RawMessage
		if json.Unmarshal(raw, &fields) != nil || fields == nil {
			t.Fatalf("%q is no object and is called %q", raw, kind)
		}
		for key := range fields {
			for _, name := range []string{"manifests", "layers", "config", "mediaType", "digest"} {
				if strings.EqualFold(key, name) && key != name {
					t.Errorf("%q has the key %q and is called %q", raw, key, kind)
				}
			}
		}
		_, entries := fields["manifests"]
		_, layers := fields["layers"]
		if entries && layers {
			t.Errorf("%q can be read in two ways and is called %q", raw, kind)
		}
		if kind == "" || isManifestType(kind) && entries && !types.MediaType(kind).IsIndex() {
			t.Errorf("%q is called %q", raw, kind)
		}
	})
}
