package push

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/jsonedit"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
)

// entriesOf parses the entries of an index, given as JSON.
func entriesOf(t *testing.T, entries string) []entry {
	t.Helper()
	raw := []byte(`{"schemaVersion":2,"manifests":[` + strings.ReplaceAll(entries, "DIGEST", digest.FromString("x").String()) + `]}`)
	index, err := manifest.ParseIndex(raw)
	if err != nil {
		t.Fatal(err)
	}
	all, err := sourceReader{}.parseEntries(raw, index.Manifests)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestEncodeKeepsUnknownFields holds the order of the fields: v2's, then the others.
func TestEncodeKeepsUnknownFields(t *testing.T) {
	const entry = `{"x":{"b":1.50,"a":[]},"platform":{"features":["sse4"],"os":"linux","architecture":"amd64","z":null},"size":3,"digest":"DIGEST","mediaType":"application/vnd.docker.distribution.manifest.v2+json","y":"<"}`
	for kind, want := range map[IndexType]string{
		TypeAuto: `{
  "schemaVersion": 2,
  "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
  "manifests": [
    {
      "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
      "size": 3,
      "digest": "DIGEST",
      "platform": {
        "architecture": "amd64",
        "os": "linux",
        "features": [
          "sse4"
        ],
        "z": null
      },
      "x": {
        "b": 1.50,
        "a": []
      },
      "y": "\u003c"
    }
  ]
}`,
		TypeOCI: `{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "manifests": [
    {
      "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
      "digest": "DIGEST",
      "size": 3,
      "platform": {
        "architecture": "amd64",
        "os": "linux",
        "features": [
          "sse4"
        ],
        "z": null
      },
      "x": {
        "b": 1.50,
        "a": []
      },
      "y": "\u003c"
    }
  ]
}`,
	} {
		all := entriesOf(t, entry)
		resolved, _ := kind.resolve(all, spec.Spec{})
		got, err := resolved.encode(all, spec.Spec{}, nil)
		if diff := cmp.Diff(strings.ReplaceAll(want, "DIGEST", digest.FromString("x").String()), string(got.Raw)); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", kind, err, diff)
		}
	}
}

func TestEncodeArtifactTypeOfTheIndex(t *testing.T) {
	s := spec.Spec{ArtifactType: "application/vnd.example", Annotations: map[string]string{"a": "b"}}
	all := entriesOf(t, `{"mediaType":"`+manifest.MediaTypeDockerImage+`","digest":"DIGEST","size":3,"platform":{"os":"linux","architecture":"amd64"}}`)
	if got, _ := TypeAuto.resolve(all, spec.Spec{ArtifactType: s.ArtifactType}); got != TypeOCI {
		t.Errorf("the automatic type is %s", got)
	}
	got, err := TypeOCI.encode(all, s, nil)
	const head = `{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "artifactType": "application/vnd.example",
  "manifests": [`
	if err != nil || !strings.HasPrefix(string(got.Raw), head) {
		t.Errorf("%v\n%s", err, got.Raw)
	}
	if err := TypeDocker.checkType(s); err == nil {
		t.Error("a Docker list is accepted")
	}
}

func TestMergeEqual(t *testing.T) {
	const (
		amd64 = `{"mediaType":"m","digest":"DIGEST","size":3,"platform":{"os":"linux","architecture":"amd64"}}`
		same  = `{"size":3,"digest":"DIGEST","mediaType":"m","annotations":{},"platform":{"architecture":"amd64","os":"linux"}}`
		more  = `{"mediaType":"m","digest":"DIGEST","size":3,"platform":{"os":"linux","architecture":"amd64"},"x":1}`
		noted = `{"mediaType":"m","digest":"DIGEST","size":3,"annotations":{"a":"b"},"platform":{"os":"linux","architecture":"amd64"}}`
		arm64 = `{"mediaType":"m","digest":"DIGEST","size":3,"platform":{"os":"linux","architecture":"arm64"}}`
	)
	for name, c := range map[string]struct {
		entries string
		want    int
	}{
		"one": {amd64, 1}, "equal": {amd64 + "," + same + "," + amd64, 1}, "another field": {amd64 + "," + more, 2},
		"annotations": {amd64 + "," + noted + "," + noted, 2}, "another platform": {amd64 + "," + arm64, 2},
	} {
		got, repeated, err := mergeEqual(entriesOf(t, c.entries))
		if err != nil || len(got) != c.want || len(repeated) > 0 {
			t.Errorf("%s: %d entries, repeated %q, error %v", name, len(got), repeated, err)
		}
	}
	direct := entry{Descriptor: ocispec.Descriptor{Digest: "sha256:a"}, direct: true}
	direct.source.Image = "app:1"
	if got, repeated, err := mergeEqual([]entry{direct, direct}); err != nil || len(got) != 1 || len(repeated) != 1 {
		t.Errorf("an image that is listed twice: %d entries, repeated %q, error %v", len(got), repeated, err)
	}
}

func TestDuplicatesOfArtifacts(t *testing.T) {
	at := func(d, artifactType string) entry {
		return entry{Descriptor: ocispec.Descriptor{Digest: digest.Digest(d), ArtifactType: artifactType, Platform: &manifesttest.LinuxAMD64}}
	}
	for name, c := range map[string]struct {
		entries  []entry
		warnings int
		fails    bool
	}{
		"an image and an artifact":         {[]entry{at("a", ""), at("b", "x/soci")}, 0, false},
		"two types":                        {[]entry{at("a", "x/y"), at("b", "x/soci")}, 0, false},
		"one type twice":                   {[]entry{at("a", "x/y"), at("b", "x/y")}, 1, false},
		"two images":                       {[]entry{at("a", ""), at("b", "")}, 0, true},
		"two images with crane's type":     {[]entry{at("a", ocispec.MediaTypeImageConfig), at("b", "")}, 0, true},
		"an image between two of its kind": {[]entry{at("a", ""), at("b", "x/y"), at("c", "")}, 0, true},
	} {
		var warned []string
		err := checkDuplicates(c.entries, Options{Warn: func(s string) { warned = append(warned, s) }})
		if (err != nil) != c.fails || len(warned) != c.warnings {
			t.Errorf("%s: error %v, warnings %q", name, err, warned)
		}
	}
	if err := checkDuplicates([]entry{at("a", "x/y"), at("b", "x/y")}, Options{Strict: true}); err == nil {
		t.Error("strict: two artifacts of one type are accepted")
	}
}

// TestManyUnknownFieldsAreFast would take minutes if each field were added alone.
func TestManyUnknownFieldsAreFast(t *testing.T) {
	e := entry{}
	for range 50_000 {
		e.fields = append(e.fields, jsonedit.Field{Name: "x", Value: []byte("1")})
	}
	if raw, err := e.MarshalJSON(); err != nil || len(raw) < 50_000*len(`,"x":1`) {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}
