package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/tarfile"
)

// TestFault128ADockerArchiveIsNotTrusted has archives that contradict themselves.
func TestFault128ADockerArchiveIsNotTrusted(t *testing.T) {
	config := strings.Replace(dockerConfigFormat, "LAYER", string(digest.FromString("layer")), 1)
	const saved = `[{"Config":"c","RepoTags":["app:1"],"Layers":["l"]}]`
	for name, tt := range map[string]struct {
		manifest, want string
		files          map[string]string
	}{
		"no config":             {saved, "config c: file does not exist", map[string]string{"l": "layer"}},
		"no layer":              {saved, `layer "l": file does not exist`, map[string]string{"c": config}},
		"another layer":         {strings.Replace(saved, `"l"`, `"l","l"`, 1), "it has 2 layers, and its config lists 1", map[string]string{"c": config, "l": "layer"}},
		"no layers":             {strings.Replace(saved, `"l"`, "", 1), "it has 0 layers", map[string]string{"c": config}},
		"a config of no JSON":   {saved, `config "c": line 1: it is not JSON`, map[string]string{"c": "x", "l": "layer"}},
		"a config of a list":    {saved, `config "c": `, map[string]string{"c": "[]", "l": "layer"}},
		"a large config":        {saved, "c is larger than", map[string]string{"c": `"` + strings.Repeat("x", 5<<20) + `"`, "l": "layer"}},
		"a config by name":      {strings.Replace(saved, `"c"`, `"`+strings.Repeat("0", 64)+`.json"`, 1), "its name is another digest", map[string]string{strings.Repeat("0", 64) + ".json": config, "l": "layer"}},
		"no digest":             {saved, `layer "l": `, map[string]string{"c": strings.Replace(config, "sha256:", "", 1), "l": "layer"}},
		"a path as a digest":    {saved, `layer "l": `, map[string]string{"c": strings.Replace(config, "sha256:", "sha256:../../", 1), "l": "layer"}},
		"a path out of it":      {strings.Replace(saved, `"c"`, `"../../etc/passwd"`, 1), "file does not exist", map[string]string{"l": "layer"}},
		"a link out of it":      {saved, "leads out of the archive", map[string]string{"c": "-> /etc/passwd", "l": "layer"}},
		"a manifest of no list": {`{"Config":"c"}`, "reading manifest.json", map[string]string{"c": config}},
		"a large manifest":      {"[" + strings.Repeat(" ", 5<<20) + "]", "manifest.json is larger than", map[string]string{}},
		"no images":             {"[]", "the archive has no images", map[string]string{}},
		"null":                  {"null", "the archive has no images", map[string]string{}},
		"a layer with zstd":     {saved, "compressed with zstd", map[string]string{"c": config, "l": "\x28\xb5\x2f\xfdlayer"}},
		"a manifest of a layout": {saved, "another digest", map[string]string{
			"c": config, "l": "layer", "oci-layout": "{}", "blobs/sha256/" + digest.FromString("x").Encoded(): `{"schemaVersion":2}`,
			"index.json": `{"manifests":[{"digest":"` + string(digest.FromString("x")) + `"}]}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			for _, name := range []string{"a.tar", "a.tar.gz"} {
				_, err := s.Get(t.Context(), savedArchive(t, name, tt.manifest, tt.files).WithTag("1"))
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s: error %v, want %q", name, err, tt.want)
				}
			}
		})
	}
}

// TestFault128BytesOfAnArchiveAreCompared has a layer that the config describes
// otherwise.
func TestFault128BytesOfAnArchiveAreCompared(t *testing.T) {
	config := strings.Replace(dockerConfigFormat, "LAYER", string(digest.FromString("layer")), 1)
	s := newStore(t)
	at := savedArchive(t, "a.tar", `[{"Config":"c","RepoTags":["app:1"],"Layers":["l"]}]`, map[string]string{"c": config, "l": "layeR"})
	if _, err := s.Get(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	to := ref(t, s, "oci-layout://"+filepath.Join(t.TempDir(), "new")+":1", true)
	var mismatch *MismatchError
	err := s.CopyBlob(t.Context(), at, to, descriptorOf("", []byte("layer")), CopyHints{})
	if !errors.As(err, &mismatch) || errtext.ExitCode(err) != 2 || !strings.Contains(errtext.Hint(err), "the archive is damaged") {
		t.Errorf("error %v", err)
	}
	if _, err := s.HeadBlob(t.Context(), to, descriptorOf("", []byte("layer"))); err == nil {
		t.Error("the blob was stored")
	}
}

// TestFault129CopiesFromACompressedArchive copies all of its blobs at the same time.
func TestFault129CopiesFromACompressedArchive(t *testing.T) {
	s := newStore(t)
	dir, to := layoutIn(t, s, smallIndex("x")), ref(t, s, "oci-layout://"+filepath.Join(t.TempDir(), "new")+":1", true)
	var blobs []Document
	for i := range 10 {
		blobs = append(blobs, objectOf("", strings.Repeat(fmt.Sprint("layer", i), 60<<10)))
		if err := s.Put(t.Context(), dir.WithDigest(blobs[i].Descriptor.Digest), blobs[i]); err != nil {
			t.Fatal(err)
		}
	}
	at := ref(t, s, "oci-archive://"+packed(t, "a.tar.gz", filesOf(t, dir.Path)), false)
	var all sync.WaitGroup
	for _, b := range blobs {
		all.Go(func() {
			if err := s.CopyBlob(t.Context(), at, to, b.Descriptor, CopyHints{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, b := range blobs {
		if got, err := s.ReadBlob(t.Context(), to, b.Descriptor); err != nil || string(got) != string(b.Raw) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	reader, _ := s.backends[reference.OCIArchive].(ociArchive)
	done, err := reader.turn(t.Context(), at, blobs[0].Descriptor)
	if err != nil {
		t.Fatal(err)
	}
	done()
	plain := ref(t, s, "oci-archive://"+packed(t, "a.tar", filesOf(t, dir.Path)), false)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for range 2 {
		if _, err := reader.turn(ctx, plain, blobs[0].Descriptor); err != nil {
			t.Fatalf("an archive that is not compressed has turns: %v", err)
		}
	}
}

// TestFault124AnArchiveThatLeadsOutIsNotUsed has the errors of package tarfile with the
// reference, as bad input.
func TestFault124AnArchiveThatLeadsOutIsNotUsed(t *testing.T) {
	s := newStore(t)
	for _, prefix := range []string{"oci-archive://", "docker-archive://"} {
		at := ref(t, s, prefix+packed(t, "a.tar", map[string]string{"../x": "y"})+":1", false)
		_, err := s.Get(t.Context(), at)
		if !errors.Is(err, tarfile.ErrOutside) || errtext.ExitCode(err) != 2 || !strings.HasPrefix(err.Error(), at.WithTag("").String()+": ") {
			t.Errorf("error %v", err)
		}
	}
}
