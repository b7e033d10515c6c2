//go:build e2e

package e2e

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// inspected is what the tests look at of inspect/v1.
type inspected struct {
	Digest    digest.Digest
	Kind      string
	Entries   []inspectedEntry
	Referrers []struct {
		Role, ArtifactType, Tag string
		Digest                  digest.Digest
	}
}

type inspectedEntry struct {
	Position           int
	Digest             digest.Digest
	Kind, ArtifactType string
	Platform           *ocispec.Platform
	Missing, TooDeep   bool
	AttestedDigest     digest.Digest
	PredicateTypes     []string
	Annotations        map[string]string
	Layers             []any
	Config             *struct{ Entrypoint, Env, ExposedPorts []string }
	Entries            []inspectedEntry
}

// inspectJSON runs inspect -o json, which must end with the code, and holds
// what it prints to the schema.
func inspectJSON(t *testing.T, code int, args ...string) inspected {
	t.Helper()
	done := manifestTool(t, append([]string{"inspect", "-o", "json"}, args...)...)
	done.wantCode(t, code)
	wantSchema(t, "inspect", done.stdout)
	var got inspected
	must(t, json.Unmarshal([]byte(done.stdout), &got))
	return got
}

// TestInspectShowsWhichChildrenAreGone deletes three of eight children from
// the registry: every format shows all eight and says which three it is.
func TestInspectShowsWhichChildrenAreGone(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newLargeImageSet(t, 8)
	g.put(t, "app", "all", newIndex(t, ociMedia(), images.images()...))
	gone := map[int]bool{1: true, 4: true, 7: true}
	for i := range gone {
		g.deleteManifest(t, "app", images[i].image.digest())
	}
	text := manifestTool(t, "inspect", g.host+"/app:all")
	text.wantCode(t, 3)
	text.wantStderr(t, "manifest-tool: 3 of 8 entries of "+g.host+"/app:all are missing")
	found := inspectJSON(t, 3, g.host+"/app:all")
	lines := manifestTool(t, "inspect", "-o", `template={{range .Entries}}{{.Missing}} {{platform .Platform}}{{"\n"}}{{end}}`, g.host+"/app:all")
	lines.wantCode(t, 3)
	var want []string
	for i, one := range images {
		number := fmt.Sprintf("[%d]", i+1)
		layers := fmt.Sprint(wideLayers)
		if gone[i] {
			layers = "unknown, the manifest is missing"
		}
		wantLines(t, text.stdout, number+"   Digest: "+one.image.digest().String(), number+" # Layers: "+layers)
		if e := found.Entries[i]; e.Missing != gone[i] || e.Digest != one.image.digest() || e.Platform.OSVersion != one.image.platform.OSVersion {
			t.Errorf("entry %d: %+v", i+1, e)
		}
		want = append(want, fmt.Sprintf("%v windows/amd64:%s", gone[i], one.image.platform.OSVersion))
	}
	wantText(t, "template", strings.Join(want, "\n")+"\n", lines.stdout)
	if len(found.Entries) != 8 {
		t.Errorf("%d entries", len(found.Entries))
	}
}

// TestInspectTellsKindsAndConfigs inspects one of everything: images, an
// attestation, an artifact, an index, with the configs of all images.
func TestInspectTellsKindsAndConfigs(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	config := encode(t, ocispec.Image{
		Platform: platform("linux/amd64"),
		Config: ocispec.ImageConfig{
			Entrypoint: []string{"/app", "serve"}, Env: []string{"A=1", "B=2"}, ExposedPorts: map[string]struct{}{"80/tcp": {}, "443/tcp": {}},
		},
	})
	image := manifestOf(t, ociMedia().manifest, ociMedia().config, config, []ocispec.Descriptor{}, nil, platform("linux/amd64"))
	image.note = map[string]string{"com.example.flavour": "full"}
	chart := manifestOf(t, ociMedia().manifest, "application/vnd.cncf.helm.config.v1+json", []byte(`{"name":"app"}`), []ocispec.Descriptor{}, nil, ocispec.Platform{})
	chart.platform = nil
	inner := newIndex(t, ociMedia(), newImage(t, ociMedia(), "inner", platform("linux/arm64"), 2))
	g.put(t, "app", "all", newIndex(t, ociMedia(), image, statedAttestation(t, image), chart, inner))

	got := inspectJSON(t, 0, "--expand-config", g.host+"/app:all").Entries
	kinds := []string{got[0].Kind, got[1].Kind, got[2].Kind, got[3].Kind, got[3].Entries[0].Kind}
	if diff := cmp.Diff([]string{"image", "attestation", "artifact", "index", "image"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	if c := got[0].Config; c == nil || strings.Join(c.Entrypoint, " ") != "/app serve" || len(c.Env) != 2 || strings.Join(c.ExposedPorts, " ") != "443/tcp 80/tcp" {
		t.Errorf("config %+v", c)
	}
	if got[0].Annotations["com.example.flavour"] != "full" || got[3].Entries[0].Config == nil || got[1].Config != nil {
		t.Errorf("entries %+v", got)
	}
	if got[1].AttestedDigest != image.digest() || strings.Join(got[1].PredicateTypes, " ") != "https://slsa.dev/provenance/v1 https://spdx.dev/Document" {
		t.Errorf("attestation %+v", got[1])
	}
	if got[2].ArtifactType != "application/vnd.cncf.helm.config.v1+json" {
		t.Errorf("artifact %+v", got[2])
	}
	text := manifestTool(t, "inspect", "--expand-config", "-o", "text", g.host+"/app:all")
	text.wantCode(t, 0)
	wantLines(t, text.stdout, "[1]   Config:", `[1]    - Entrypoint: ["/app","serve"]`, "[1]    - Env: A=1", "[4.1]   Config:")
}

// statedAttestation is an attestation with two statements, as BuildKit marks
// them.
func statedAttestation(t *testing.T, image object) object {
	t.Helper()
	o := newAttestation(t, image)
	var m ocispec.Manifest
	must(t, json.Unmarshal(o.raw, &m))
	second := m.Layers[0]
	m.Layers[0].Annotations = map[string]string{"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"}
	second.Annotations = map[string]string{"in-toto.io/predicate-type": "https://spdx.dev/Document"}
	m.Layers = append(m.Layers, second)
	o.raw = encode(t, m)
	return o
}

// TestInspectForOnePlatform narrows an index to what a node pulls, in each
// format, and says no where nothing fits.
func TestInspectForOnePlatform(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	g.put(t, "app", "all", newIndex(t, ociMedia(), images.images()...))
	images.put(t, g, "app")
	ref := g.host + "/app:all"
	for want, image := range map[string]object{
		"linux/amd64": images[0].image, "linux/arm64": images[1].image, "linux/arm/v7": images[2].image,
		"linux/arm/v8": images[2].image, "linux/amd64/v3": images[0].image, "linux/aarch64": images[1].image,
	} {
		got := inspectJSON(t, 0, "--platform", want, ref).Entries
		if len(got) != 1 || got[0].Digest != image.digest() || got[0].Layers == nil {
			t.Errorf("%s: %+v", want, got)
		}
		raw := manifestTool(t, "inspect", "--raw-bytes", "--platform", want, ref)
		raw.wantCode(t, 0)
		wantText(t, "bytes for "+want, string(image.raw), raw.stdout)
	}
	for _, args := range [][]string{{ref}, {"--raw", ref}, {"--raw-bytes", ref}, {"-o", "json", ref}, {g.host + "/app:amd64"}, {"--raw-bytes", g.host + "/app:amd64"}} {
		done := manifestTool(t, append([]string{"inspect", "--platform", "linux/riscv64"}, args...)...)
		done.wantCode(t, 3)
		done.wantStderr(t, "manifest-tool: ", "has nothing for linux/riscv64; it has linux/amd64")
		wantText(t, "stdout", "", done.stdout)
	}
	one := manifestTool(t, "inspect", "--platform", "linux/arm64", ref)
	one.wantCode(t, 0)
	wantLines(t, one.stdout, " * Contains 3 manifest references (3 images, 0 attestation):", "[2]   Digest: "+images[1].image.digest().String())
	if strings.Contains(one.stdout, "[1]") || strings.Contains(one.stdout, "[3]") {
		t.Errorf("other entries are shown:\n%s", one.stdout)
	}
}

// TestInspectRawBytesAreExact compares with the stored bytes, which end in no
// newline.
func TestInspectRawBytesAreExact(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, dockerMedia(), "app")
	index := newIndex(t, dockerMedia(), images.images()...)
	index.raw = []byte(strings.ReplaceAll(string(index.raw), ",", " ,\t"))
	g.put(t, "app", "all", index)
	done := manifestTool(t, "inspect", "--raw-bytes", g.host+"/app:all")
	done.wantCode(t, 0)
	wantText(t, "bytes", string(index.raw), done.stdout)
	if got := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(done.stdout))); got != index.digest().String() {
		t.Errorf("digest %s, want %s", got, index.digest())
	}
	single := manifestTool(t, "inspect", "--raw-bytes", g.host+"/app@"+images[0].image.digest().String())
	wantText(t, "bytes of an image", string(images[0].image.raw), single.stdout)
}

// TestInspectOfABlobFails names a layer by its digest. A registry says that
// there is no such manifest, or fails as Debian's does; a layout has it and
// finds that it is none.
func TestInspectOfABlobFails(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	image := newImage(t, ociMedia(), "app", platform("linux/amd64"), 1)
	g.put(t, "app", "one", image)
	layer := digest.FromBytes(image.blobs[0]).String()
	done := manifestTool(t, "inspect", g.host+"/app@"+layer)
	done.wantCode(t, 1)
	done.wantStderr(t, layer)
	wantText(t, "stdout", "", done.stdout)

	layout := filepath.Join(t.TempDir(), "app")
	manifestTool(t, "push", "from-args", "--platforms", "linux/amd64", "--template", g.host+"/app:one", "--target", "oci-layout://"+layout+":1").wantCode(t, 0)
	done = manifestTool(t, "inspect", "oci-layout://"+layout+"@"+layer)
	done.wantCode(t, 1)
	done.wantStderr(t, layer, "not a manifest")
	wantText(t, "stdout", "", done.stdout)
}

// TestFault40AnnotationsOfAnIndexDriveNothing has an index whose annotations,
// and those of an entry, are full of control characters.
func TestFault40AnnotationsOfAnIndexDriveNothing(t *testing.T) {
	t.Parallel()
	const evil = "\x1b[2J\x1b]0;title\x07\r\nDigest: fake\u009b2J\u202e"
	g := startOpen(t)
	image := newImage(t, ociMedia(), "app", platform("linux/amd64"), 1)
	image.note = map[string]string{"note" + evil: evil}
	index := newIndex(t, ociMedia(), image)
	var parsed ocispec.Index
	must(t, json.Unmarshal(index.raw, &parsed))
	parsed.Annotations = map[string]string{"title": evil}
	index.raw = encode(t, parsed)
	g.put(t, "app", "all", index)
	for _, args := range [][]string{nil, {"--raw"}, {"-o", "json"}, {"-o", "yaml"}, {"-o", "template={{.Annotations}} {{range .Entries}}{{.Annotations}}{{end}}"}} {
		done := manifestTool(t, append(append([]string{"inspect"}, args...), g.host+"/app:all")...)
		done.wantCode(t, 0)
		for _, r := range done.stdout {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%q prints %U:\n%q", args, r, done.stdout)
			}
		}
		if strings.Contains(done.stdout, "\nDigest: fake") {
			t.Errorf("%q: a value begins a line", args)
		}
	}
	var got struct{ Annotations map[string]string }
	must(t, json.Unmarshal([]byte(manifestTool(t, "inspect", "-o", "json", g.host+"/app:all").stdout), &got))
	wantText(t, "the annotation in JSON", evil, got.Annotations["title"])
}

// TestInspectOf10001Entries stays within its limits where an index is large.
func TestInspectOf10001Entries(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	var index ocispec.Index
	index.SchemaVersion, index.MediaType = 2, ociMedia().index
	for i := range 10_001 {
		p := platform(fmt.Sprintf("windows/amd64:10.0.%d", i))
		index.Manifests = append(index.Manifests, ocispec.Descriptor{
			MediaType: ociMedia().manifest, Digest: digest.FromString(fmt.Sprint(i)), Size: 400, Platform: &p,
		})
	}
	raw := encode(t, index)
	g, _ := open.behind(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/manifests/all") {
			http.NotFound(w, r)
			return true
		}
		w.Header().Set("Content-Type", ociMedia().index)
		_, _ = w.Write(raw)
		return true
	})
	got := inspectJSON(t, 3, g.host+"/many:all")
	if len(got.Entries) != 10_001 || !got.Entries[10_000].Missing || got.Entries[10_000].Position != 10_001 {
		t.Errorf("%d entries", len(got.Entries))
	}
	one := inspectJSON(t, 3, "--platform", "windows/amd64:10.0.7777", g.host+"/many:all")
	if len(one.Entries) != 1 {
		t.Errorf("%d entries for one platform", len(one.Entries))
	}
}

// TestInspectOnATerminal runs it on a pseudo terminal: a table, in colours by
// choice, and nothing of the piped text.
func TestInspectOnATerminal(t *testing.T) {
	t.Parallel()
	script := tool(t, "script") // of Debian's bsdutils, which is always there
	g := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	g.put(t, "app", "all", newIndex(t, ociMedia(), images.images()...))
	for columns, digests := range map[int]func(digest.Digest) string{
		80:  func(d digest.Digest) string { return d.String()[:19] + " " },
		120: digest.Digest.String,
	} {
		command := fmt.Sprintf("stty cols %d; exec %s --color never inspect %s/app:all", columns, os.Getenv(binaryVar), g.host)
		done := session{}.run(t, script, "-qec", command, "/dev/null")
		done.wantCode(t, 0)
		shown := strings.ReplaceAll(done.stdout, "\r\n", "\n")
		for i, name := range []string{"linux/amd64", "linux/arm64/v8", "linux/arm/v7"} {
			if row := fmt.Sprintf("%-14s  %s", name, digests(images[i].image.digest())); !strings.Contains(shown, "\n"+row) {
				t.Errorf("%d columns: no row %q in\n%s", columns, row, shown)
			}
		}
		for line := range strings.Lines(shown) {
			if n := len(strings.TrimRight(line, "\n")); n > columns {
				t.Errorf("%d characters on %d columns: %s", n, columns, line)
			}
		}
	}
}
