package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/push"
)

// hostile clears the line, sets the window title, adds a line of its own,
// turns the reading direction and ends in what is not UTF-8.
const hostile = "x\r\x1b[2K\x1b]0;t\x07\nDigest: fake\t\x7f\u009b2J\u202eevil\u2066\u200f\u2028é🚀<&>\xff"

func hostilePlatform() ocispec.Platform {
	return ocispec.Platform{OS: hostile, Architecture: hostile, Variant: hostile, OSVersion: hostile, OSFeatures: []string{hostile, "b"}}
}

func hostileDescriptor() ocispec.Descriptor {
	p := hostilePlatform()
	return ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.Digest(hostile), Size: 1, Platform: &p}
}

func hostileManifest() ocispec.Manifest {
	l := ocispec.Descriptor{MediaType: hostile, Digest: digest.Digest(hostile), Size: 2}
	return ocispec.Manifest{MediaType: hostile, Config: l, Layers: []ocispec.Descriptor{l}, Annotations: map[string]string{hostile: hostile}}
}

// everything is a template that shows all there is.
func everything(t *testing.T) Format {
	t.Helper()
	f, err := ParseFormat("template={{.Name}} {{printf \"%v\" .Annotations}} {{range .Entries}}{{.Digest}}{{end}}")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func hostileIndex() inspect.Inspection {
	m, attestation, gone := hostileManifest(), hostileDescriptor(), hostileDescriptor()
	attestation.Annotations = attests(digest.Digest(hostile))
	return inspect.Inspection{
		Name:       hostile,
		Descriptor: ocispec.Descriptor{MediaType: hostile, Digest: digest.Digest(hostile)},
		Index: &manifest.Index{MediaType: hostile, Annotations: map[string]string{hostile: hostile}, Entries: []manifest.Entry{
			{Descriptor: hostileDescriptor(), Manifest: &m},
			{Descriptor: attestation, Manifest: &m},
			{Descriptor: gone, Missing: true},
			{Descriptor: hostileDescriptor(), Manifest: &m, Config: &ocispec.Image{Author: hostile, Platform: hostilePlatform()}},
		}},
		Referrers: []inspect.Referrer{{Role: inspect.RoleOther, Digest: digest.Digest(hostile), MediaType: hostile, ArtifactType: hostile, Tag: hostile}},
	}
}

func hostileImage() inspect.Inspection {
	return inspect.Inspection{
		Name:       hostile,
		Descriptor: ocispec.Descriptor{MediaType: hostile, Digest: digest.Digest(hostile)},
		Image: &manifest.Image{
			Manifest: hostileManifest(),
			Config:   ocispec.Image{Author: hostile, Platform: hostilePlatform(), Config: ocispec.ImageConfig{Env: []string{hostile}}},
		},
	}
}

// hostileUnknown has an entry whose own media type is hostile.
func hostileUnknown() inspect.Inspection {
	in := hostileIndex()
	in.Index.Entries = []manifest.Entry{{Descriptor: ocispec.Descriptor{MediaType: hostile, Digest: digest.Digest(hostile)}}}
	return in
}

// checkClean asserts that text holds printable runes and line ends only.
func checkClean(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Error("output is not UTF-8")
	}
	for i, r := range text {
		if r != '\n' && isUnsafe(r) {
			t.Errorf("output holds %U at byte %d", r, i)
		}
	}
	if strings.Contains(text, "\nDigest: fake") {
		t.Error("a value made a line of its own")
	}
}

func TestFault40HostileValuesStayVisibleText(t *testing.T) {
	for name, in := range map[string]inspect.Inspection{"index": hostileIndex(), "image": hostileImage(), "unknown": hostileUnknown()} {
		for _, p := range []Printer{{}, {Columns: 80, Now: today}, {Format: Format{kind: asJSON}}, {Format: Format{kind: asYAML}}, {Format: everything(t)}} {
			t.Run(fmt.Sprint(name, p.Columns, p.Format.kind), func(t *testing.T) {
				var out bytes.Buffer
				p.Out = &out
				if err := p.PrintInspection(in); err != nil {
					t.Fatal(err)
				}
				checkClean(t, out.String())
			})
		}
	}
	var out bytes.Buffer
	if err := (Printer{Out: &out}).PrintPush([]push.Result{{Digest: hostile, Size: 1}}); err != nil {
		t.Fatal(err)
	}
	checkClean(t, strings.TrimPrefix(out.String(), "Digest: "))
}

func TestFault40HostileValuesInJSONDecodeUnchanged(t *testing.T) {
	want, err := json.Marshal(newRawExpanded(hostileImage()))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (Printer{Out: &out}).Raw(hostileImage(), true); err != nil {
		t.Fatal(err)
	}
	checkClean(t, out.String())
	var plain, ours any
	decode(t, want, &plain)
	decode(t, out.Bytes(), &ours)
	if diff := cmp.Diff(plain, ours); diff != "" {
		t.Errorf("decoded JSON (-encoder's +ours):\n%s", diff)
	}
}
