package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// oneBlob is a place that has one blob, whatever it is asked for.
type oneBlob struct {
	Reader
	raw []byte
}

func (b oneBlob) ReadBlob(context.Context, reference.Ref, ocispec.Descriptor) ([]byte, error) {
	return b.raw, nil
}

// FuzzConfig holds that no config makes its reading panic, that an accepted one
// is a JSON object or null whose platform is the one that stands there, and
// that its bytes are kept.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"", "null", "{}", "[]", "7", `"x"`, `{"architecture":"arm","os":"linux","variant":"v7"}`,
		`{"os":"windows","architecture":"amd64","os.version":"10.0.1","os.features":["win32k"]}`,
		`{"os":7}`, `{"os":"linux"}x`, `{"os":"linux","OS":"windows"}`, `{"created":"yesterday"}`, `{"config":{"Env":["A=b"],"Labels":{"a":"\u001b"}}}`,
		`{"rootfs":{"type":"layers","diff_ids":["sha256:00"]},"history":[{"created":"2020-01-01T00:00:00Z"}]}`, `{"config":{"ExposedPorts":{"80/tcp":{}}}}`,
	} {
		f.Add([]byte(seed))
	}
	names, err := filepath.Glob("../../testdata/bad/documents/*")
	if err != nil || len(names) == 0 {
		f.Fatalf("no bad documents: %v", err)
	}
	for _, name := range names {
		if doc, err := os.ReadFile(name); err == nil && len(doc) < 1024 {
			f.Add(doc)
		}
	}
	ref, err := reference.Parse("registry.example/app:1")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := ocispec.Manifest{Config: ocispec.Descriptor{Digest: digest.FromBytes(raw), Size: int64(len(raw))}}
		config, err := ReadConfig(t.Context(), oneBlob{raw: raw}, ref, m)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "reading the config of registry.example/app:1: ") {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		if !bytes.Equal(config.Raw, raw) {
			t.Fatalf("%q came back as %q", raw, config.Raw)
		}
		var fields struct {
			OS      string `json:"os"`
			Machine string `json:"architecture"`
		}
		if err := json.Unmarshal(raw, &fields); err != nil || fields.OS != config.OS || fields.Machine != config.Architecture {
			t.Fatalf("%q: %+v, read by itself %+v, %v", raw, config.Platform, fields, err)
		}
		if p := platform.Complete(ocispec.Platform{}, config.Platform); p.OS != "" && p.Architecture != "" {
			_, _ = platform.Validate(p, false) // either answer will do, a panic will not
		}
	})
}
