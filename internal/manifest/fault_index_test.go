package manifest_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/resolve"
	"manifest-tool/internal/manifest/verify"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/store/transport"
)

func TestFault20ChainOfIndexesEndsAtFour(t *testing.T) {
	from, to := manifesttest.NewScripted(t), manifesttest.NewRegistry(t)
	d := from.AddImage("", "bottom")
	for range 3000 {
		d = from.AddIndex(t, "top", d)
	}
	err := pushTag(t, from, to, "top")
	if err == nil || !strings.Contains(err.Error(), "nested more than") {
		t.Errorf("error %v", err)
	}
	if n := from.Count("GET"); n > manifest.MaxDepth {
		t.Errorf("%d requests", n)
	}
	to.AssertNoWrites(t)
}

// TestFault20EveryCommandCountsAlike has indexes in each other, the innermost of
// which holds an image, or nothing: whatever reads them goes to the fourth and
// asks for no fifth one.
func TestFault20EveryCommandCountsAlike(t *testing.T) {
	want := platform.Platform{OS: "linux", Architecture: "amd64"}
	for _, empty := range []bool{false, true} {
		for n := 1; n <= manifest.MaxDepth+2; n++ {
			from, to := manifesttest.NewScripted(t), manifesttest.NewRegistry(t)
			config := from.Add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64"}`)
			d := manifesttest.WithPlatform(from.Add("", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(config, `"layers":[]`)), want)
			for i := range n {
				if i == 0 && empty {
					d = from.AddIndex(t, "top")
				} else {
					d = from.AddIndex(t, "top", d)
				}
				d = manifesttest.WithPlatform(d, want)
			}
			name := from.Host + "/app:top"
			seen, err := inspectTag(t, from, "top")
			if err != nil {
				t.Fatal(err)
			}
			last := seen.Index
			for len(last.Entries) > 0 && last.Entries[0].Index != nil {
				last = last.Entries[0].Index
			}
			verified, err := verify.Verify(t.Context(), manifesttest.NewStore(t), []string{name}, verify.Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, resolveErr := resolve.Resolve(t.Context(), manifesttest.NewStore(t), name, platform.RuleExact, []platform.Platform{want})
			pushErr := pushTag(t, from, to, "top")
			isDeep := func(err error) bool { return err != nil && strings.Contains(err.Error(), "nested more than 4 deep") }
			got := map[string]bool{
				"inspect": len(last.Entries) > 0 && last.Entries[0].IsTooDeep(),
				"verify":  slices.ContainsFunc(verified.Images[0].Findings, func(f verify.Finding) bool { return f.Code == verify.CodeIndexTooDeep }),
				"resolve": isDeep(resolveErr),
				"push":    isDeep(pushErr),
			}
			for who, deep := range got {
				if deep != (n > manifest.MaxDepth) {
					t.Errorf("%d indexes, empty %v: for %s that is too deep: %v", n, empty, who, deep)
				}
			}
			if n > manifest.MaxDepth {
				to.AssertNoWrites(t)
			}
		}
	}
}

// TestFault20IndexOfItselfIsRefused has an index name itself. No bytes hold
// their own digest, so the registry has to lie about them.
func TestFault20IndexOfItselfIsRefused(t *testing.T) {
	from, to := manifesttest.NewScripted(t), manifesttest.NewRegistry(t)
	self := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: digest.FromString("myself"), Size: 1}
	for range 3 { // until the size that is named is the size it has
		self.Size = from.AddIndex(t, "all", self).Size
	}
	from.Set(self.Digest.String(), from.Document("all"))
	if err := pushTag(t, from, to, "all"); err == nil {
		t.Error("it was pushed")
	}
	if n := from.Count("GET"); n > 2 {
		t.Errorf("%d requests", n)
	}
	to.AssertNoWrites(t)
}

// TestFault20ManifestThatManyNameIsFetchedOnce multiplies a hundred entries by
// a hundred by a hundred: three indexes and one image.
func TestFault20ManifestThatManyNameIsFetchedOnce(t *testing.T) {
	from, to := manifesttest.NewScripted(t), manifesttest.NewRegistry(t)
	hundred := func(d ocispec.Descriptor) []ocispec.Descriptor {
		all := make([]ocispec.Descriptor, 100)
		for i := range all {
			all[i] = d
		}
		return all
	}
	config := from.Add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64"}`)
	image := from.Add("", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(config, `"layers":[]`))
	d := image
	for range 2 {
		d = from.AddIndex(t, "", hundred(d)...)
	}
	top := from.AddIndex(t, "top", append(hundred(d), image)...)
	if err := pushTag(t, from, to, "top"); err != nil {
		t.Fatal(err)
	}
	if n := from.Count("GET /v2/app/manifests/"); n != 4 {
		t.Errorf("%d manifests were fetched, want 4 of %s", n, top.Digest)
	}
	if puts := len(to.Writes()); puts > 6 {
		t.Errorf("%d writes", puts)
	}
}

func TestFault31DigestsOfOtherAlgorithms(t *testing.T) {
	from, to := manifesttest.NewScripted(t), manifesttest.NewRegistry(t)
	config := from.Add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64"}`)
	body := manifesttest.ImageManifest(config, `"layers":[]`)
	known := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.SHA512.FromString(body), Size: int64(len(body))}
	from.Set(known.Digest.String(), manifesttest.Document{ContentType: ocispec.MediaTypeImageManifest, Body: body})
	unknown := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: "blake3:" + digest.Digest(strings.Repeat("0", 64)), Size: 1}
	from.AddIndex(t, "all", known, unknown)
	got, err := inspectTag(t, from, "all")
	if err != nil {
		t.Fatal(err)
	}
	if got.Index.Entries[0].Manifest == nil || got.Index.Entries[1].Manifest != nil || got.Index.Entries[1].Missing {
		t.Errorf("entries: %+v", got.Index.Entries)
	}
	if n := from.Count("blake3"); n > 0 {
		t.Errorf("%d requests for what cannot be verified", n)
	}
	// What cannot be verified cannot be copied.
	if err := pushTag(t, from, to, "all"); err == nil || !strings.Contains(err.Error(), "blake3") {
		t.Errorf("error %v", err)
	}
	to.AssertNoWrites(t)
}

func TestFault32EmbeddedDataIsChecked(t *testing.T) {
	entry := func(data string, size int) string {
		return fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":"text/plain","digest":%q,"size":%d,"data":%q}]}`,
			digest.FromString("data"), size, base64.StdEncoding.EncodeToString([]byte(data)))
	}
	large := strings.Repeat("x", manifest.MaxData+1)
	index := fmt.Sprintf(`{"manifests":[{"digest":%q,"size":%d,"data":%q}]}`,
		digest.FromString(large), len(large), base64.StdEncoding.EncodeToString([]byte(large)))
	for name, tt := range map[string]struct {
		raw string
		ok  bool
	}{
		"as described": {entry("data", 4), true}, "other bytes": {entry("dat4", 4), false}, "another size": {entry("data", 5), false},
		"shorter": {entry("dat", 4), false}, "empty": {entry("", 4), false}, "too large": {index, false},
	} {
		if _, err := manifest.ParseIndex([]byte(tt.raw)); (err == nil) != tt.ok {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestFault33TextThatIsNotUTF8IsNeverWrittenAnew holds that a manifest is
// copied in its own bytes, and that entries which would have to be written
// anew are refused.
func TestFault33TextThatIsNotUTF8IsNeverWrittenAnew(t *testing.T) {
	from, to := manifesttest.NewScripted(t), manifesttest.NewRegistry(t)
	config := from.Add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64"}`)
	body := manifesttest.ImageManifest(config, `"layers":[],"annotations":{"a":"`+"\xff\xc3("+`"}`)
	d := from.Add("image", ocispec.MediaTypeImageManifest, body)
	if err := pushTag(t, from, to, "image"); err != nil {
		t.Fatal(err)
	}
	wantStored(t, to, d, body)
	raw := bytes.Replace(manifesttest.EncodeJSON(t, manifesttest.NewIndex([]ocispec.Descriptor{d}, map[string]string{"a": "X"})), []byte("X"), []byte("\xff"), 1)
	from.Add("all", ocispec.MediaTypeImageIndex, string(raw))
	to.ResetRequests()
	if err := pushTag(t, from, to, "all"); err == nil || !strings.Contains(err.Error(), "not UTF-8") {
		t.Errorf("error %v", err)
	}
	to.AssertNoWrites(t)
	if got, err := inspectTag(t, from, "all"); err != nil || !bytes.Equal(got.Raw, raw) {
		t.Errorf("inspect: other bytes, %v", err)
	}
}

func TestFault36LargeIndexes(t *testing.T) {
	from := manifesttest.NewScripted(t)
	for n, want := range map[int]string{18_000: "", 100_000: "larger than the limit"} {
		raw := manifesttest.LargeIndex(n)
		from.Add("all", ocispec.MediaTypeImageIndex, raw)
		got, err := inspect.Inspect(t.Context(), manifesttest.IndexOnly{Reader: manifesttest.NewStore(t)}, from.Host+"/app:all", inspect.Options{})
		if want == "" && (err != nil || got.MissingCount() != n || len(raw) > transport.MaxManifest) || want != "" && !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%d entries in %d bytes: %v", n, len(raw), err)
		}
	}
	tiny := `{"manifests":[` + strings.Repeat(`{},`, manifest.MaxEntries) + `{}]}`
	if _, err := manifest.ParseIndex([]byte(tiny)); err == nil || !strings.Contains(err.Error(), "the limit is 20000") {
		t.Errorf("more entries than the limit: %v", err)
	}
}
