package store

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
)

// placesOf returns one blob in a registry and in a layout.
func placesOf(t *testing.T, s *Store, body string) (map[string]reference.Ref, ocispec.Descriptor) {
	t.Helper()
	f := newFront(t, nil)
	desc := f.putBlob(t, "a", body)
	inLayout := layoutIn(t, s, smallIndex("x"))
	path := filepath.Join(inLayout.Path, "blobs", "sha256", desc.Digest.Encoded())
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]reference.Ref{"registry": ref(t, s, f.host+"/a:1", false), "layout": inLayout}, desc
}

func TestABlobIsAskedForAndReadInParts(t *testing.T) {
	s := newStore(t)
	places, desc := placesOf(t, s, "0123456789")
	for name, at := range places {
		t.Run(name, func(t *testing.T) {
			if size, err := s.HeadBlob(t.Context(), at, desc); size != 10 || err != nil {
				t.Errorf("its size is %d, %v", size, err)
			}
			part, err := s.ReadBlobAt(t.Context(), at, desc, 3, 4)
			if string(part) != "3456" || err != nil {
				t.Errorf("a part is %q, %v", part, err)
			}
			gone := descriptorOf("", []byte("elsewhere"))
			if _, err := s.HeadBlob(t.Context(), at, gone); !errors.Is(err, ErrNotFound) {
				t.Errorf("a blob that is not there: %v", err)
			}
			for _, r := range [][2]int64{{-1, 2}, {0, 0}, {9, 2}, {11, 1}, {0, MaxPart + 1}} {
				if _, err := s.ReadBlobAt(t.Context(), at, desc, r[0], r[1]); err == nil || errors.Is(err, ErrNoRange) {
					t.Errorf("%d bytes at %d: %v", r[1], r[0], err)
				}
			}
		})
	}
}

// TestFault49ABlobWhoseHEADIsRefused is requested by a GET of one byte.
func TestFault49ABlobWhoseHEADIsRefused(t *testing.T) {
	ranges := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "bytes=0-0" {
			t.Errorf("Range is %q", r.Header.Get("Range"))
		}
		w.Header().Set("Content-Range", "bytes 0-0/10")
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write([]byte("0"))
	}
	for name, tt := range map[string]struct {
		status int // of the HEAD
		get    func(w http.ResponseWriter, r *http.Request)
		size   int64
		err    error
	}{
		"not allowed":     {405, ranges, 10, nil},
		"not implemented": {501, ranges, 10, nil},
		"forbidden":       {403, ranges, 10, nil},
		"bad request":     {400, ranges, 10, nil},
		"no ranges": {405, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("0123456789"))
		}, 10, nil},
		"unknown size": {405, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 0-0/*")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write([]byte("0"))
		}, -1, nil},
		"an empty blob": {405, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes */0")
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		}, 0, nil},
		"no such blob":   {405, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, 0, ErrNotFound},
		"denied as well": {403, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, 0, ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodHead {
					w.WriteHeader(tt.status)
				} else {
					tt.get(w, r)
				}
				return true
			})
			s := newStore(t)
			size, err := s.HeadBlob(t.Context(), ref(t, s, f.host+"/a:1", false), descriptorOf("", []byte("0123456789")))
			if !errors.Is(err, tt.err) || err == nil && size != tt.size || len(f.seen) != 2 {
				t.Errorf("got %d, %v, want %d, %v after %q", size, err, tt.size, tt.err, f.seen)
			}
		})
	}
}

func TestAPartIsTheOneThatWasAskedFor(t *testing.T) {
	desc := descriptorOf("", []byte("0123456789"))
	for name, tt := range map[string]struct {
		status  int
		says    string
		body    string
		want    string
		noRange bool
	}{
		"the part":           {http.StatusPartialContent, "bytes 3-6/10", "3456", "3456", false},
		"of a size unknown":  {http.StatusPartialContent, "bytes 3-6/*", "3456", "3456", false},
		"another part":       {http.StatusPartialContent, "bytes 0-3/10", "0123", "", false},
		"an unnamed part":    {http.StatusPartialContent, "", "3456", "", false},
		"too little":         {http.StatusPartialContent, "bytes 3-6/10", "34", "", false},
		"all of it":          {http.StatusOK, "", "0123456789", "", true},
		"no part at all":     {http.StatusRequestedRangeNotSatisfiable, "bytes */10", "", "", true},
		"a blob that is not": {http.StatusNotFound, "", "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
				if got := r.Header.Get("Range"); got != "bytes=3-6" || r.Header.Get("Accept-Encoding") != "identity" {
					t.Errorf("asked with Range %q", got)
				}
				w.Header().Set("Content-Range", tt.says)
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
				return true
			})
			s := newStore(t)
			got, err := s.ReadBlobAt(t.Context(), ref(t, s, f.host+"/a:1", false), desc, 3, 4)
			if string(got) != tt.want || (err == nil) != (tt.want != "") || errors.Is(err, ErrNoRange) != tt.noRange {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestAnOpenedBlobSaysWhatDiffers(t *testing.T) {
	for body, field := range map[string]string{"confid": "digest", "config and more": "size", "conf": "size"} {
		f := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
			fmt.Fprint(w, body)
			return true
		})
		s := newStore(t)
		stream, err := s.OpenBlob(t.Context(), ref(t, s, f.host+"/a:1", false), descriptorOf("", []byte("config")))
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, stream)
		_ = stream.Close()
		var differs *MismatchError
		if !errors.As(err, &differs) || differs.Field != field {
			t.Errorf("%q: %v, want another %s", body, err, field)
		}
	}
}
