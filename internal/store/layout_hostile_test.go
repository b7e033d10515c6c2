package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/internal/store/transport"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFault94ALayoutIsNotTrusted reads directories that someone else wrote.
func TestFault94ALayoutIsNotTrusted(t *testing.T) {
	o := smallIndex("x")
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret"), string(o.Raw))
	entry := func(fields string) string { return `{"schemaVersion":2,"manifests":[{` + fields + `}]}` }
	const name = `"annotations":{"org.opencontainers.image.ref.name":"1"}`
	tests := []struct {
		name  string
		spoil func(t *testing.T, dir, blob string)
	}{
		{"other bytes under a digest", func(t *testing.T, _, blob string) { write(t, blob, string(smallIndex("y").Raw)) }},
		{"half of it", func(t *testing.T, _, blob string) { write(t, blob, string(o.Raw[:10])) }},
		{"a blob without end", func(t *testing.T, _, blob string) { truncate(t, blob, 1<<40) }},
		{"an index.json without end", func(t *testing.T, dir, _ string) { truncate(t, filepath.Join(dir, "index.json"), 1<<40) }},
		{"a blob that is a link out", func(t *testing.T, _, blob string) { link(t, filepath.Join(outside, "secret"), blob) }},
		{"blobs that are a link out", func(t *testing.T, dir, _ string) {
			moved := filepath.Join(outside, "blobs")
			if err := os.Rename(filepath.Join(dir, "blobs"), moved); err != nil {
				t.Fatal(err)
			}
			link(t, moved, filepath.Join(dir, "blobs"))
		}},
		{"a link that climbs", func(t *testing.T, _, blob string) {
			up, err := filepath.Rel(filepath.Dir(blob), filepath.Join(outside, "secret"))
			if err != nil {
				t.Fatal(err)
			}
			link(t, up, blob)
		}},
		{"an index.json that is a link out", func(t *testing.T, dir, _ string) {
			moved := filepath.Join(outside, "index.json")
			if err := os.Rename(filepath.Join(dir, "index.json"), moved); err != nil {
				t.Fatal(err)
			}
			link(t, moved, filepath.Join(dir, "index.json"))
		}},
		{"a digest that climbs", func(t *testing.T, dir, _ string) {
			write(t, filepath.Join(dir, "index.json"), entry(`"digest":"../../../secret:x",`+name))
		}},
		{"another size than its entry says", func(t *testing.T, dir, _ string) {
			write(t, filepath.Join(dir, "index.json"), entry(`"mediaType":"`+o.Descriptor.MediaType+`","digest":"`+o.Descriptor.Digest.String()+`","size":5,`+name))
		}},
		{"a digest that is none", func(t *testing.T, dir, _ string) {
			write(t, filepath.Join(dir, "index.json"), entry(`"digest":"x",`+name))
		}},
		{"no digest", func(t *testing.T, dir, _ string) { write(t, filepath.Join(dir, "index.json"), entry(name)) }},
		{"another type than the blob's", func(t *testing.T, dir, _ string) {
			write(t, filepath.Join(dir, "index.json"),
				entry(`"mediaType":"`+ociImage+`","digest":"`+o.Descriptor.Digest.String()+`",`+name))
		}},
		{"an index.json that is no JSON", func(t *testing.T, dir, _ string) { write(t, filepath.Join(dir, "index.json"), "<html>") }},
		{"a folder in place of index.json", func(t *testing.T, dir, _ string) {
			remove(t, filepath.Join(dir, "index.json"))
			if err := os.Mkdir(filepath.Join(dir, "index.json"), 0o755); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			r := layoutIn(t, s, o)
			tt.spoil(t, r.Path, filepath.Join(r.Path, "blobs", "sha256", o.Descriptor.Digest.Encoded()))
			got, err := s.Get(t.Context(), r)
			if err == nil || errors.Is(err, ErrNotFound) || got.Raw != nil {
				t.Errorf("got %q, %v", got.Raw, err)
			}
		})
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// link puts a symbolic link at a path, in place of what is there.
func link(t *testing.T, to, at string) {
	t.Helper()
	remove(t, at)
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

func TestFault94ALargeIndexJSONIsRefusedByItsSize(t *testing.T) {
	s := newStore(t)
	r := layoutIn(t, s, smallIndex("x"))
	path := filepath.Join(r.Path, "index.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(raw)+strings.Repeat(" ", transport.MaxManifest-len(raw)))
	if _, err := s.Get(t.Context(), r); err != nil {
		t.Errorf("of the size that is allowed: %v", err)
	}
	write(t, path, string(raw)+strings.Repeat(" ", transport.MaxManifest+1-len(raw)))
	var large *transport.TooLargeError
	if _, err := s.Get(t.Context(), r); !errors.As(err, &large) {
		t.Errorf("of a byte more: %v", err)
	}
}

// TestALayoutWithOtherKeysIsNotWritten has index.json files that Go's decoder reads in
// another way than other programs.
func TestALayoutWithOtherKeysIsNotWritten(t *testing.T) {
	for text, want := range map[string]string{
		`{"schemaVersion":2,"Manifests":[]}`:                              `reading index.json: the key "Manifests" must be written "manifests"`,
		`{"schemaVersion":2,"manifests":[],"manifests":[]}`:               `reading index.json: the key "manifests" occurs twice`,
		`{"schemaVersion":2,"manifests":[],"annotations":{"Size":"big"}}`: "",
	} {
		s := newStore(t)
		r := layoutIn(t, s, smallIndex("x"))
		path := filepath.Join(r.Path, "index.json")
		write(t, path, text)
		err := s.Put(t.Context(), r, smallIndex("y"))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if got, failed := os.ReadFile(path); failed != nil || (string(got) == text) != (err != nil) {
			t.Errorf("%s is %s, %v", text, got, failed)
		}
	}
}
