package store

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"strings"
	"testing"

	"manifest-tool/internal/store/transport"
)

func gzipped(t *testing.T, body string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestFault53ACompressedManifest is one that no request asked to compress. Its digest is that
// of the content.
func TestFault53ACompressedManifest(t *testing.T) {
	o := smallIndex("x")
	packed := gzipped(t, string(o.Raw))
	for name, tt := range map[string]struct {
		coding string
		body   []byte
		want   error
	}{
		"gzip":                {"gzip", packed, nil},
		"x-gzip":              {"X-GZIP", packed, nil},
		"only called gzip":    {"gzip", o.Raw, nil},
		"another document":    {"gzip", gzipped(t, string(smallIndex("y").Raw)), errors.New("")},
		"broken off":          {"gzip", packed[:len(packed)-5], errors.New("")},
		"more than the limit": {"gzip", gzipped(t, strings.Repeat(" ", transport.MaxManifest)+string(o.Raw)), &transport.TooLargeError{}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", ociIndex)
				w.Header().Set("Content-Encoding", tt.coding)
				_, _ = w.Write(tt.body)
				return true
			})
			s := newStore(t)
			got, err := s.Get(t.Context(), ref(t, s, f.host+"/a@"+o.Descriptor.Digest.String(), false))
			var large *transport.TooLargeError
			switch tt.want.(type) { //nolint:errorlint // a class, not an error
			case nil:
				if err != nil || !bytes.Equal(got.Raw, o.Raw) || got.Descriptor.Size != int64(len(o.Raw)) {
					t.Errorf("got %q, %v", got.Raw, err)
				}
			case *transport.TooLargeError:
				if !errors.As(err, &large) {
					t.Errorf("error %v", err)
				}
			default:
				if err == nil {
					t.Error("no error")
				}
			}
		})
	}
}

func TestFault53ACompressedListAndErrorPage(t *testing.T) {
	f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Encoding", "gzip")
		if strings.HasSuffix(r.URL.Path, "/tags/list") {
			_, _ = w.Write(gzipped(t, `{"tags":["1"]}`))
			return true
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write(gzipped(t, `{"errors":[{"code":"DENIED","message":"the quota is used up"}]}`))
		return true
	})
	s := newStore(t)
	tags, err := s.Tags(t.Context(), ref(t, s, f.host+"/a", false))
	if err != nil || len(tags) != 1 || tags[0] != "1" {
		t.Errorf("tags %q, %v", tags, err)
	}
	if _, err := s.Get(t.Context(), ref(t, s, f.host+"/a:1", false)); err == nil || !strings.Contains(err.Error(), "the quota is used up") {
		t.Errorf("error %v", err)
	}
}
