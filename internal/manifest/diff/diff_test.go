package diff

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/store"
)

func diffTags(t *testing.T, s *manifesttest.Scripted, o Options, was, is string) Result {
	t.Helper()
	s.ResetRequests()
	d, err := Diff(t.Context(), manifesttest.NewStore(t), s.Host+"/app:"+was, s.Host+"/app:"+is, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// said is a comparison in short: a line for each entry, with its fields.
func said(d Result) []string {
	lines := fieldLines(d.Fields)
	for _, e := range d.Entries {
		line := fmt.Sprintf("%s %s %s", e.State, e.Kind, e.PlatformText)
		if l := e.Layers; l != nil {
			line += fmt.Sprintf(" +%d -%d =%d", len(l.Added), len(l.Removed), l.Shared)
		}
		lines = append(lines, line)
		for _, f := range fieldLines(e.Fields) {
			if !strings.HasPrefix(f, "changed digest") && !strings.HasPrefix(f, "changed size") {
				lines = append(lines, "  "+f)
			}
		}
		for _, n := range e.Notes {
			lines = append(lines, "  note: "+n)
		}
	}
	return lines
}

func fieldLines(all []FieldChange) []string {
	var lines []string
	for _, f := range all {
		lines = append(lines, fmt.Sprintf("%s %s: %s -> %s", f.State, f.Field, f.Old, f.New))
	}
	return lines
}

func TestDiff_Requests(t *testing.T) {
	s := manifesttest.NewScripted(t)
	amd64, arm, win := manifesttest.MissingEntry("linux/amd64"), manifesttest.MissingEntry("linux/arm/v7"), manifesttest.MissingEntry("windows/amd64:10.0.20348.1")
	s.AddIndex(t, "1", amd64, arm, win)
	s.AddIndex(t, "2", amd64, manifesttest.MissingEntry("linux/riscv64"), win)
	for name, c := range map[string]struct {
		was, is string
		equal   bool
		want    []string
		summary Summary
	}{
		"the same": {"1", "1", true, []string{"equal image linux/amd64", "equal image linux/arm/v7", "equal image windows/amd64:10.0.20348.1"}, Summary{Equal: 3}},
		"one comes, one goes": {"1", "2", false, []string{
			"equal image linux/amd64", "added image linux/riscv64", "equal image windows/amd64:10.0.20348.1", "removed image linux/arm/v7",
		}, Summary{Added: 1, Removed: 1, Equal: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			d := diffTags(t, s, Options{}, c.was, c.is)
			if diff := cmp.Diff(c.want, said(d)); diff != "" || d.Equal != c.equal || d.Summary != c.summary {
				t.Errorf("equal: %v, %+v (-want +got):\n%s", d.Equal, d.Summary, diff)
			}
			if len(s.Requests()) != 2 {
				t.Errorf("requests: %q", s.Requests())
			}
		})
	}
}

// release puts a release on the shelf: two platforms, attested, whose base
// layer stays.
func addRelease(t *testing.T, s *manifesttest.Scripted, tag string, change func(*ocispec.Image)) {
	t.Helper()
	var entries []ocispec.Descriptor
	for _, p := range []ocispec.Platform{manifesttest.Linux("amd64", ""), {OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348." + tag}} {
		config := ocispec.Image{Platform: p, Config: ocispec.ImageConfig{
			Entrypoint: []string{"/app"}, Env: []string{"PATH=/bin", "V=" + tag}, Labels: map[string]string{"a.b": tag, "same": "x"},
		}}
		change(&config)
		entries = append(entries, s.AddImageWithConfig(t, "", config, "base "+p.OS, "app "+p.OS+tag))
	}
	entries = append(entries, manifesttest.WithSubject(manifesttest.MissingEntry("of a "+tag), entries[0]), manifesttest.WithSubject(manifesttest.MissingEntry("of b "+tag), entries[1]))
	s.AddIndex(t, tag, entries...)
}

func TestDiff(t *testing.T) {
	s := manifesttest.NewScripted(t)
	addRelease(t, s, "1", func(*ocispec.Image) {})
	made := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	addRelease(t, s, "2", func(i *ocispec.Image) {
		i.Created, i.Config.User, i.Config.Cmd, i.Config.Entrypoint = &made, "app", []string{"serve", "<&>"}, []string{"/bin/app"}
		i.Config.ExposedPorts = map[string]struct{}{"80/tcp": {}}
	})
	d := diffTags(t, s, Options{}, "1", "2")
	fields := []string{
		`  added config.Cmd:  -> ["serve","\u003c\u0026\u003e"]`,
		`  changed config.Entrypoint: ["/app"] -> ["/bin/app"]`,
		`  changed config.Env[V]: 1 -> 2`,
		`  added config.ExposedPorts[80/tcp]:  -> {}`,
		`  changed config.Labels[a.b]: 1 -> 2`,
		`  added config.User:  -> app`,
		`  added created:  -> 2024-05-06T07:08:09Z`,
	}
	want := slices.Concat(
		[]string{"changed image linux/amd64 +1 -1 =1"}, fields,
		[]string{"changed image windows/amd64:10.0.20348.2 +1 -1 =1", "  changed platform.os.version: 10.0.20348.1 -> 10.0.20348.2"},
		fields[:6], []string{fields[6], "  changed os.version: 10.0.20348.1 -> 10.0.20348.2"},
		[]string{"changed attestation linux/amd64", "changed attestation windows/amd64:10.0.20348.2"},
	)
	if diff := cmp.Diff(want, said(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if l := d.Entries[0].Layers; l.SharedBytes != int64(len("base linux")) || l.AddedBytes != int64(len("app linux2")) || l.RemovedBytes != l.AddedBytes {
		t.Errorf("bytes: %+v", l)
	}
	// Two indexes, and for each of two images two manifests and two configs.
	if len(s.Requests()) != 2+2*4 {
		t.Errorf("requests: %q", s.Requests())
	}
	shallow := diffTags(t, s, Options{Shallow: true}, "1", "2")
	if shallow.Summary != d.Summary || shallow.Entries[0].Layers != nil || len(s.Requests()) != 2 {
		t.Errorf("shallow: %+v, requests: %q", shallow.Summary, s.Requests())
	}
}

func TestDiff_Platforms(t *testing.T) {
	s := manifesttest.NewScripted(t)
	arm := manifesttest.MissingEntry("linux/arm64/v8")
	s.AddIndex(t, "1", arm, manifesttest.MissingEntry("linux/amd64 old"), manifesttest.WithSubject(manifesttest.MissingEntry("a"), arm))
	s.AddIndex(t, "2", arm, manifesttest.MissingEntry("linux/amd64 new"), manifesttest.WithSubject(manifesttest.MissingEntry("a"), arm))
	for only, want := range map[string]struct {
		equal  bool
		count  int
		absent []string
	}{
		"linux/arm64":                 {true, 2, nil},
		"linux/amd64":                 {false, 1, nil},
		"linux/arm64,linux/s390x":     {false, 2, []string{"linux/s390x"}},
		"linux/arm64/v8,linux/x86_64": {false, 3, nil},
	} {
		d := diffTags(t, s, Options{Only: manifesttest.ParsePlatforms(t, only), Shallow: true}, "1", "2")
		if d.Equal != want.equal || len(d.Entries) != want.count || !slices.Equal(d.MissingPlatforms, want.absent) || len(d.Fields) > 0 {
			t.Errorf("%s: %+v", only, d)
		}
	}
}

func TestDiff_SingleImages(t *testing.T) {
	s := manifesttest.NewScripted(t)
	s.AddImageWithConfig(t, "1", ocispec.Image{Platform: manifesttest.Linux("amd64", "")}, "base", "one")
	s.AddImageWithConfig(t, "2", ocispec.Image{Platform: manifesttest.Linux("amd64", ""), Author: "me"}, "base", "two")
	d := diffTags(t, s, Options{}, "1", "2")
	want := []string{"changed image linux/amd64 +1 -1 =1", "  added author:  -> me"}
	if diff := cmp.Diff(want, said(d)); diff != "" || len(s.Requests()) != 4 {
		t.Errorf("requests: %q (-want +got):\n%s", s.Requests(), diff)
	}
	if d := diffTags(t, s, Options{}, "1", "1"); !d.Equal || d.Summary.Equal != 1 || len(s.Requests()) > 3 {
		t.Errorf("the same: %+v, requests: %q", d, s.Requests())
	}
}

func TestDiff_IndexWithImage(t *testing.T) {
	s := manifesttest.NewScripted(t)
	d := s.AddImageWithConfig(t, "one", ocispec.Image{Platform: manifesttest.Linux("arm64", "v8")}, "base")
	s.AddIndex(t, "all", d, manifesttest.MissingEntry("linux/amd64"))
	found := diffTags(t, s, Options{}, "all", "one")
	want := []string{
		"changed mediaType: application/vnd.oci.image.index.v1+json -> application/vnd.oci.image.manifest.v1+json",
		"equal image linux/arm64/v8", "removed image linux/amd64",
	}
	if diff := cmp.Diff(want, said(found)); diff != "" || found.Equal {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDiff_DocumentFields(t *testing.T) {
	s := manifesttest.NewScripted(t)
	a, b := manifesttest.MissingEntry("linux/amd64"), manifesttest.MissingEntry("linux/arm64")
	s.AddIndex(t, "1", a, b)
	s.AddIndex(t, "turned", b, a)
	annotated := manifesttest.NewIndex([]ocispec.Descriptor{a, b}, map[string]string{"v": "2"})
	s.Add("annotated", ocispec.MediaTypeImageIndex, string(manifesttest.EncodeJSON(t, annotated)))
	s.Add("spaced", ocispec.MediaTypeImageIndex, string(manifesttest.EncodeJSON(t, manifesttest.NewIndex([]ocispec.Descriptor{a, b}, nil)))+"\n")
	for tag, want := range map[string][]string{
		"turned":    {"changed manifests: the same entries -> in another order"},
		"annotated": {"added annotations[v]:  -> 2"},
		"spaced":    nil,
	} {
		d := diffTags(t, s, Options{}, "1", tag)
		if diff := cmp.Diff(want, fieldLines(d.Fields)); diff != "" || d.Equal || d.Summary.Equal != 2 {
			t.Errorf("%s: %+v (-want +got):\n%s", tag, d.Summary, diff)
		}
	}
}

func TestDiff_Pairs(t *testing.T) {
	s := manifesttest.NewScripted(t)
	gzip, zstd, gzip2 := manifesttest.MissingEntry("linux/amd64 gzip"), manifesttest.MissingEntry("linux/amd64 zstd"), manifesttest.MissingEntry("linux/amd64 gzip2")
	none, none2 := manifesttest.MissingEntry("none"), manifesttest.MissingEntry("none2")
	bare, full := manifesttest.MissingEntry("linux/arm64 x"), manifesttest.MissingEntry("linux/arm64/v8 x")
	full.Digest = bare.Digest
	for name, c := range map[string]struct {
		was, is []ocispec.Descriptor
		want    []string
	}{
		"doubles, by digest first": {
			[]ocispec.Descriptor{gzip, zstd},
			[]ocispec.Descriptor{gzip2, zstd},
			[]string{"changed image linux/amd64", "equal image linux/amd64"},
		},
		"without a platform": {
			[]ocispec.Descriptor{none, gzip},
			[]ocispec.Descriptor{gzip, none2},
			[]string{"equal image linux/amd64", "changed image "},
		},
		"the platform in another spelling": {
			[]ocispec.Descriptor{bare},
			[]ocispec.Descriptor{full},
			[]string{"changed image linux/arm64/v8", "  added platform.variant:  -> v8"},
		},
		"an annotation of the entry": {
			[]ocispec.Descriptor{gzip},
			[]ocispec.Descriptor{{MediaType: gzip.MediaType, Digest: gzip.Digest, Size: gzip.Size, Platform: gzip.Platform, Annotations: map[string]string{"k": "v"}}},
			[]string{"changed image linux/amd64", "  added annotations[k]:  -> v"},
		},
		"to another platform": {
			[]ocispec.Descriptor{gzip},
			[]ocispec.Descriptor{manifesttest.WithPlatform(gzip, manifesttest.Linux("arm64", ""))},
			[]string{"added image linux/arm64", "removed image linux/amd64"},
		},
		"a stray attestation": {
			[]ocispec.Descriptor{manifesttest.WithSubject(manifesttest.MissingEntry("a"), none)},
			[]ocispec.Descriptor{manifesttest.WithSubject(manifesttest.MissingEntry("b"), none2)},
			[]string{"changed attestation "},
		},
	} {
		s.AddIndex(t, "was", c.was...)
		s.AddIndex(t, "is", c.is...)
		if diff := cmp.Diff(c.want, said(diffTags(t, s, Options{Shallow: true}, "was", "is"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDiff_MissingManifests(t *testing.T) {
	s := manifesttest.NewScripted(t)
	there := s.AddImageWithConfig(t, "", ocispec.Image{Platform: manifesttest.Linux("amd64", "")}, "base")
	s.AddIndex(t, "1", manifesttest.MissingEntry("linux/amd64"))
	s.AddIndex(t, "2", there)
	d := diffTags(t, s, Options{}, "1", "2")
	if diff := cmp.Diff([]string{"changed image linux/amd64", "  note: the old manifest is missing"}, said(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDiff_Forbidden(t *testing.T) {
	s, r := manifesttest.NewScripted(t), manifesttest.NewRegistry(t)
	s.AddIndex(t, "1", manifesttest.MissingEntry("linux/amd64"))
	r.Fail("GET /v2/app/manifests/1", 403)
	_, err := Diff(t.Context(), manifesttest.NewStore(t), s.Host+"/app:1", r.Host+"/app:1", Options{})
	if !errors.Is(err, store.ErrDenied) {
		t.Errorf("error %v", err)
	}
	var bad *manifest.InputError
	if _, err := Diff(t.Context(), manifesttest.NewStore(t), s.Host+"/app:1", r.Host+"/app", Options{}); !errors.As(err, &bad) {
		t.Errorf("without a tag: %v", err)
	}
}

func TestCompareLayers(t *testing.T) {
	layers := func(names string) []ocispec.Descriptor {
		var all []ocispec.Descriptor
		for _, n := range strings.Fields(names) {
			all = append(all, ocispec.Descriptor{Digest: manifesttest.MissingEntry(n).Digest, Size: int64(len(n))})
		}
		return all
	}
	for _, c := range []struct {
		was, is                string
		added, removed, shared int
		reordered              bool
	}{
		{"a b", "a b", 0, 0, 2, false},
		{"a b", "b a", 0, 0, 2, true},
		{"a a b", "a b", 0, 1, 2, false},
		{"a b", "a b b c", 2, 0, 2, false},
		{"", "a", 1, 0, 0, false},
	} {
		l := compareLayers(layers(c.was), layers(c.is))
		if len(l.Added) != c.added || len(l.Removed) != c.removed || l.Shared != c.shared || l.Reordered != c.reordered {
			t.Errorf("%q to %q: %+v", c.was, c.is, l)
		}
	}
}

func TestFlatConfig(t *testing.T) {
	for raw, want := range map[string]map[string]string{
		`{"config":null,"os":"linux"}`: {"os": "linux"},
		`{"config":"text"}`:            {"config": "text"},
		`{"config":{"Env":"no list","Volumes":null,"Labels":{"a":1}}}`: {"config.Env": "no list", "config.Labels[a]": "1"},
		`{"config":{"Env":["A","B=1=2",""]}}`:                          {"config.Env[A]": "", "config.Env[B]": "1=2", "config.Env[]": ""},
		`{"rootfs":{"x":1},"history":[1],"n":1e400}`:                   {"n": "1e400"},
	} {
		got, err := flatConfig([]byte(raw))
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", raw, diff)
		}
	}
	if _, err := flatConfig([]byte(`[]`)); err == nil {
		t.Error("a list is no config")
	}
}
