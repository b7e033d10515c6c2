package push

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// TestFault78AReferrersTagIsWrittenOnRequest pushes an index with a subject to a registry
// without the referrers API: only with the option it gets the fallback tag.
func TestFault78AReferrersTagIsWrittenOnRequest(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:amd64", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	subject := r.Host + "/app:amd64"
	withoutReferrersAPI(r)
	in := spec.Spec{Image: r.Host + "/app:1", Subject: subject, ArtifactType: "application/vnd.example", Manifests: []spec.Source{{Image: subject}}}
	index, warnings, err := pushed(t, in, Options{})
	if err != nil || index.Subject == nil || len(warnings) != 1 || !strings.Contains(warnings[0], "--referrers-tag") {
		t.Fatalf("error %v, subject %v, warnings %q", err, index.Subject, warnings)
	}
	fallback := strings.Replace(index.Subject.Digest.String(), ":", "-", 1)
	if slices.ContainsFunc(r.Writes(), func(request string) bool { return strings.Contains(request, fallback) }) {
		t.Errorf("%s was written", fallback)
	}
	in.Subject = index.Subject.Digest.String()
	tag := strings.Replace(in.Subject, ":", "-", 1)
	r.Fail("PUT /v2/app/manifests/"+tag, http.StatusForbidden)
	var partial *PartialError
	if _, _, err = pushed(t, in, Options{ReferrersTag: true}); !errors.As(err, &partial) || partial.Written[0] != "1" || partial.Failed[0] != tag {
		t.Errorf("the fallback tag is refused: error %v", err)
	}
	r.Fail("PUT /v2/app/manifests/"+tag, 0)
	for range 2 { // the second time the list has it already
		if _, warnings, err = pushed(t, in, Options{ReferrersTag: true}); err != nil || len(warnings) > 0 {
			t.Fatalf("error %v, warnings %q", err, warnings)
		}
	}
	list := readIndex(t, r.Host+"/app:"+fallback)
	want := readDigest(t, r.Host+"/app:1")
	if len(list.Manifests) != 1 || list.Manifests[0].Digest != want || list.Manifests[0].ArtifactType != in.ArtifactType {
		t.Errorf("referrers %v, want %s", list.Manifests, want)
	}
}

func withoutReferrersAPI(r *manifesttest.Registry) {
	r.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		without := strings.HasPrefix(req.URL.Path, "/v2/app/referrers/")
		if without {
			http.NotFound(w, req)
		}
		return without
	})
}

// newReader returns a store that may read a reference.
func newReader(t *testing.T, name string) (manifest.Reader, reference.Ref) {
	t.Helper()
	ref, err := reference.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	from := manifesttest.NewStore(t)
	from.Announce(ref, false)
	return from, ref
}

func readIndex(t *testing.T, name string) ocispec.Index {
	t.Helper()
	from, ref := newReader(t, name)
	o, err := from.Get(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	index, err := manifest.ParseIndex(o.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func readDigest(t *testing.T, name string) digest.Digest {
	t.Helper()
	from, ref := newReader(t, name)
	d, err := from.Head(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return d.Digest
}

// Several indexes of a run that are about one subject are all in its fallback tag.
func TestAll_ReferrersTagOfSeveral(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:amd64", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	subject := r.Host + "/app:amd64"
	withoutReferrersAPI(r)
	var specs []spec.Spec
	for i := range 6 {
		specs = append(specs, spec.Spec{
			Image: fmt.Sprintf("%s/app:%d", r.Host, i), Subject: subject,
			Annotations: map[string]string{"n": fmt.Sprint(i)}, Manifests: []spec.Source{{Image: subject}},
		})
	}
	if err := pushSpecs(t.Context(), manifesttest.NewStore(t), specs, Options{ReferrersTag: true}, func(Result) error { return nil }); err != nil {
		t.Fatal(err)
	}
	fallback := strings.Replace(readDigest(t, subject).String(), ":", "-", 1)
	if got := len(readIndex(t, r.Host+"/app:"+fallback).Manifests); got != len(specs) {
		t.Errorf("the fallback tag lists %d of %d indexes", got, len(specs))
	}
}
