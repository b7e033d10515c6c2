package manifest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// TestFault13ForeignLayersAreNotFetched has an image whose layers say where
// their bytes are: a trap.
func TestFault13ForeignLayersAreNotFetched(t *testing.T) {
	var sprung atomic.Int32
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sprung.Add(1) }))
	defer trap.Close()
	layer := func(kind string) string {
		return fmt.Sprintf(`"layers":[{"mediaType":%q,"digest":%q,"size":5,"urls":[%q]}]`, kind, digest.FromString("layer"), trap.URL+"/layer")
	}
	tests := []struct {
		name, kind string
		ok         bool
	}{
		{"a Docker foreign layer", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", true},
		{"an OCI layer not to be distributed", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", true},
		{"a usual layer that the registry lacks", ocispec.MediaTypeImageLayerGzip, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			from, to := manifesttest.NewScripted(t), manifesttest.NewRegistry(t)
			config := from.Add("", ocispec.MediaTypeImageConfig, `{"os":"windows","architecture":"amd64"}`)
			image := from.Add("image", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(config, layer(tt.kind)))
			if err := pushTag(t, from, to, "image"); (err == nil) != tt.ok {
				t.Errorf("error %v", err)
			}
			if n := sprung.Load(); n > 0 {
				t.Errorf("%d requests to the address in the layer", n)
			}
			if !tt.ok {
				return
			}
			if n := from.Count("/blobs/" + digest.FromString("layer").String()); n > 0 {
				t.Errorf("the registry was asked %d times for a layer it does not have", n)
			}
			wantStored(t, to, image, manifesttest.ImageManifest(config, layer(tt.kind)))
		})
	}
}

// wantStored holds that a registry has exactly these bytes under a digest.
func wantStored(t *testing.T, at *manifesttest.Registry, d ocispec.Descriptor, body string) {
	t.Helper()
	target, err := reference.Parse(at.Host + "/app")
	if err != nil {
		t.Fatal(err)
	}
	s := manifesttest.NewStore(t)
	s.Announce(target, false)
	got, err := s.Get(context.Background(), target.WithDigest(d.Digest))
	if err != nil || string(got.Raw) != body {
		t.Errorf("stored is %q, %v, want %q", got.Raw, err, body)
	}
}

// TestFault19ChildOfOtherBytesIsRefused has a registry serve another image of
// the same size where a child is asked for.
func TestFault19ChildOfOtherBytesIsRefused(t *testing.T) {
	for _, contentType := range []string{
		ocispec.MediaTypeImageManifest, "application/vnd.docker.distribution.manifest.v1+prettyjws", "application/json",
	} {
		// Without the header it is not the transport that notices.
		for _, noDigest := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/no digest header %v", contentType, noDigest), func(t *testing.T) {
				from := manifesttest.NewScripted(t)
				honest, evil := from.AddImage("", "honest"), from.AddImage("", "wicked")
				if honest.Size != evil.Size {
					t.Fatal("the images differ in size")
				}
				from.Set(honest.Digest.String(), manifesttest.Document{ContentType: contentType, Body: from.Document(evil.Digest.String()).Body, NoDigest: noDigest})
				from.AddIndex(t, "all", honest)
				wantBothRefused(t, from, "all", honest.Digest.String())
			})
		}
	}
	t.Run("a child of schema 1", func(t *testing.T) {
		const signed = "application/vnd.docker.distribution.manifest.v1+prettyjws"
		from, to := manifesttest.NewScripted(t), manifesttest.NewRegistry(t)
		honest := from.Add("", signed, `{"mediaType":"`+signed+`","tag":"honest"}`)
		from.Set(honest.Digest.String(), manifesttest.Document{ContentType: signed, Body: `{"mediaType":"` + signed + `","tag":"wicked"}`})
		from.AddIndex(t, "all", honest)
		if err := pushTag(t, from, to, "all"); err == nil || !strings.Contains(err.Error(), "another digest") {
			t.Errorf("error %v", err)
		}
		to.AssertNoWrites(t)
	})
}

// headLies is a Writer whose Head claims another digest than is there.
type headLies struct {
	manifest.Writer
	claim digest.Digest
}

func (h headLies) Head(context.Context, reference.Ref) (ocispec.Descriptor, error) {
	return ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: h.claim, Size: 1}, nil
}

// TestFault22DigestOfAHeadIsShownAsAClaim holds that a digest nobody hashed is
// called what the registry reports.
func TestFault22DigestOfAHeadIsShownAsAClaim(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:a", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	claim := digest.FromString("claimed")
	in := spec.Spec{Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: r.Host + "/app:a"}}}
	pushClaimed := func(o push.Options) error {
		o.Type, o.Warn = push.TypeAuto, func(string) {}
		o.Sleep = func(context.Context, time.Duration) error { return nil }
		return pushWith(t, headLies{manifesttest.NewStore(t), claim}, in, o)
	}
	expected := pushClaimed(push.Options{Expect: push.ExpectAbsent})
	r.ResetRequests()
	r.Fail("PUT /v2/app/manifests/1", http.StatusConflict)
	refused := pushClaimed(push.Options{})
	for what, err := range map[string]error{"expected": expected, "refused": refused} {
		said := fmt.Sprint(err)
		if before, _, found := strings.Cut(said, claim.String()); !found || !strings.Contains(before, "the registry reports") {
			t.Errorf("%s: %s", what, said)
		}
	}
}

const dockerSchema1 = "application/vnd.docker.distribution.manifest.v1+json"

// TestFault25TypesThatDisagreeAreRefused crosses what the body says, what the
// header says and what the entry says.
func TestFault25TypesThatDisagreeAreRefused(t *testing.T) {
	kinds := []string{"", ocispec.MediaTypeImageIndex, ocispec.MediaTypeImageManifest, manifest.MediaTypeDockerList, manifest.MediaTypeDockerImage, dockerSchema1}
	from := manifesttest.NewScripted(t)
	s := manifesttest.NewStore(t)
	parent, err := reference.Parse(from.Host + "/app:1")
	if err != nil {
		t.Fatal(err)
	}
	s.Announce(parent, false)
	for _, body := range kinds {
		for _, header := range kinds {
			for _, entry := range kinds {
				raw := documentOf(body, entry)
				d := from.Add("", header, raw)
				d.MediaType = entry
				_, err := manifest.FetchChild(t.Context(), s, parent, d)
				if want := typesAgree(body, header, entry); (err == nil) != want {
					t.Errorf("body %q, header %q, entry %q: error %v, want success: %v", body, header, entry, err, want)
				}
			}
		}
	}
}

// documentOf is a document that says it is of a type, with the fields of that
// type, or of the entry's where it says nothing.
func documentOf(body, entry string) string {
	said, shape := "", entry
	if body != "" {
		said, shape = fmt.Sprintf(`,"mediaType":%q`, body), body
	}
	fields := `"config":{},"layers":[]`
	if manifest.IsIndex(shape) {
		fields = `"manifests":[]`
	}
	return fmt.Sprintf(`{"schemaVersion":2%s,%s,"x":%q}`, said, fields, body+entry)
}

// typesAgree is the rule in other words: all that is said is the same, the
// entry says it, and a Docker document may omit its type only if the header has it.
func typesAgree(body, header, entry string) bool {
	if entry == "" || header != "" && header != entry {
		return false
	}
	return body == entry || body == "" && (header == entry && entry != dockerSchema1 || strings.HasPrefix(entry, "application/vnd.oci."))
}

func TestFault29DescriptorThatCannotBeTrueIsRefused(t *testing.T) {
	const oci = ocispec.MediaTypeImageManifest
	good := digest.FromString("x").String()
	for name, entry := range map[string]string{
		"no digest":          fmt.Sprintf(`{"mediaType":%q,"size":1}`, oci),
		"an empty digest":    fmt.Sprintf(`{"mediaType":%q,"size":1,"digest":""}`, oci),
		"a cut digest":       fmt.Sprintf(`{"mediaType":%q,"size":1,"digest":"sha256:00"}`, oci),
		"a digest of paths":  fmt.Sprintf(`{"mediaType":%q,"size":1,"digest":"../../x"}`, oci),
		"capitals":           fmt.Sprintf(`{"mediaType":%q,"size":1,"digest":%q}`, oci, strings.ToUpper(good)),
		"a negative size":    fmt.Sprintf(`{"mediaType":%q,"size":-1,"digest":%q}`, oci, good),
		"a size in words":    fmt.Sprintf(`{"mediaType":%q,"size":"1","digest":%q}`, oci, good),
		"a size of no int64": fmt.Sprintf(`{"mediaType":%q,"size":9223372036854775808,"digest":%q}`, oci, good),
		"null":               `null`,
	} {
		t.Run(name, func(t *testing.T) {
			from := manifesttest.NewScripted(t)
			from.Add("all", ocispec.MediaTypeImageIndex, `{"schemaVersion":2,"manifests":[`+entry+`]}`)
			wantBothRefused(t, from, "all", "")
			config := from.Add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64"}`)
			from.Add("image", oci, manifesttest.ImageManifest(config, `"layers":[`+entry+`]`))
			wantBothRefused(t, from, "image", "")
		})
	}
}

func TestFault30ChildOfAnotherLength(t *testing.T) {
	for _, by := range []int64{-1, 1, 1 << 40} {
		t.Run(fmt.Sprint(by), func(t *testing.T) {
			from := manifesttest.NewScripted(t)
			d := from.AddImage("", "x")
			right := d
			d.Size += by
			from.AddIndex(t, "all", d)
			// A correct entry in addition to the wrong one does not help.
			from.AddIndex(t, "both", right, d)
			for _, tag := range []string{"all", "both"} {
				in, err := inspectTag(t, from, tag)
				if err != nil || in.MismatchCount() != 1 {
					t.Errorf("inspect of %s: %d mismatches, %v", tag, in.MismatchCount(), err)
				}
				to := manifesttest.NewRegistry(t)
				if err := pushTag(t, from, to, tag); err == nil || !strings.Contains(err.Error(), "its entry says") {
					t.Errorf("push of %s: %v", tag, err)
				}
				to.AssertNoWrites(t)
			}
		})
	}
}
