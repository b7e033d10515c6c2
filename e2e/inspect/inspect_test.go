//go:build e2e

package inspect

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
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
	done := clitest.Run(t, append([]string{"inspect", "-o", "json"}, args...)...)
	done.WantCode(t, code)
	clitest.WantSchema(t, "inspect", done.Stdout)
	var got inspected
	clitest.Must(t, json.Unmarshal([]byte(done.Stdout), &got))
	return got
}

// TestInspectMissingChildren deletes three of eight children from the registry:
// every format shows all eight and says which three it is.
func TestInspectMissingChildren(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewLargeImageSet(t, 8)
	g.Put(t, "app", "all", fixture.NewIndex(t, fixture.OCI(), images.Objects()...))
	gone := map[int]bool{1: true, 4: true, 7: true}
	for i := range gone {
		g.DeleteManifest(t, "app", images[i].Image.Digest())
	}
	text := clitest.Run(t, "inspect", g.Host+"/app:all")
	text.WantCode(t, 3)
	text.WantStderr(t, "manifest-tool: 3 of 8 entries of "+g.Host+"/app:all are missing")
	found := inspectJSON(t, 3, g.Host+"/app:all")
	lines := clitest.Run(t, "inspect", "-o", `template={{range .Entries}}{{.Missing}} {{platform .Platform}}{{"\n"}}{{end}}`, g.Host+"/app:all")
	lines.WantCode(t, 3)
	var want []string
	for i, one := range images {
		number := fmt.Sprintf("[%d]", i+1)
		layers := fmt.Sprint(fixture.LayersPerImage)
		if gone[i] {
			layers = "unknown, the manifest is missing"
		}
		clitest.WantLines(t, text.Stdout, number+"   Digest: "+one.Image.Digest().String(), number+" # Layers: "+layers)
		if e := found.Entries[i]; e.Missing != gone[i] || e.Digest != one.Image.Digest() || e.Platform.OSVersion != one.Image.Platform.OSVersion {
			t.Errorf("entry %d: %+v", i+1, e)
		}
		want = append(want, fmt.Sprintf("%v windows/amd64:%s", gone[i], one.Image.Platform.OSVersion))
	}
	clitest.WantText(t, "template", strings.Join(want, "\n")+"\n", lines.Stdout)
	if len(found.Entries) != 8 {
		t.Errorf("%d entries", len(found.Entries))
	}
}

// TestInspectKindsAndConfigs inspects one of everything: images, an
// attestation, an artifact, an index, with the configs of all images.
func TestInspectKindsAndConfigs(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	config := clitest.EncodeJSON(t, ocispec.Image{
		Platform: fixture.ParsePlatform("linux/amd64"),
		Config: ocispec.ImageConfig{
			Entrypoint: []string{"/app", "serve"}, Env: []string{"A=1", "B=2"}, ExposedPorts: map[string]struct{}{"80/tcp": {}, "443/tcp": {}},
		},
	})
	image := fixture.NewManifest(t, fixture.OCI().Manifest, fixture.OCI().Config, config, []ocispec.Descriptor{}, nil, fixture.ParsePlatform("linux/amd64"))
	image.Annotations = map[string]string{"com.example.flavour": "full"}
	chart := fixture.NewManifest(t, fixture.OCI().Manifest, "application/vnd.cncf.helm.config.v1+json", []byte(`{"name":"app"}`), []ocispec.Descriptor{}, nil, ocispec.Platform{})
	chart.Platform = nil
	inner := fixture.NewIndex(t, fixture.OCI(), fixture.NewImage(t, fixture.OCI(), "inner", fixture.ParsePlatform("linux/arm64"), 2))
	g.Put(t, "app", "all", fixture.NewIndex(t, fixture.OCI(), image, statedAttestation(t, image), chart, inner))

	got := inspectJSON(t, 0, "--expand-config", g.Host+"/app:all").Entries
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
	if got[1].AttestedDigest != image.Digest() || strings.Join(got[1].PredicateTypes, " ") != "https://slsa.dev/provenance/v1 https://spdx.dev/Document" {
		t.Errorf("attestation %+v", got[1])
	}
	if got[2].ArtifactType != "application/vnd.cncf.helm.config.v1+json" {
		t.Errorf("artifact %+v", got[2])
	}
	text := clitest.Run(t, "inspect", "--expand-config", "-o", "text", g.Host+"/app:all")
	text.WantCode(t, 0)
	clitest.WantLines(t, text.Stdout, "[1]   Config:", `[1]    - Entrypoint: ["/app","serve"]`, "[1]    - Env: A=1", "[4.1]   Config:")
}

// statedAttestation is an attestation with two statements, as BuildKit marks
// them.
func statedAttestation(t *testing.T, image fixture.Object) fixture.Object {
	t.Helper()
	o := fixture.NewAttestation(t, image)
	var m ocispec.Manifest
	clitest.Must(t, json.Unmarshal(o.Raw, &m))
	second := m.Layers[0]
	m.Layers[0].Annotations = map[string]string{"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"}
	second.Annotations = map[string]string{"in-toto.io/predicate-type": "https://spdx.dev/Document"}
	m.Layers = append(m.Layers, second)
	o.Raw = clitest.EncodeJSON(t, m)
	return o
}

// TestInspectPlatform narrows an index to what a node pulls, in each format,
// and says no where nothing fits.
func TestInspectPlatform(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.Put(t, "app", "all", fixture.NewIndex(t, fixture.OCI(), images.Objects()...))
	g.PutImages(t, "app", images)
	ref := g.Host + "/app:all"
	for want, image := range map[string]fixture.Object{
		"linux/amd64": images[0].Image, "linux/arm64": images[1].Image, "linux/arm/v7": images[2].Image,
		"linux/arm/v8": images[2].Image, "linux/amd64/v3": images[0].Image, "linux/aarch64": images[1].Image,
	} {
		got := inspectJSON(t, 0, "--platform", want, ref).Entries
		if len(got) != 1 || got[0].Digest != image.Digest() || got[0].Layers == nil {
			t.Errorf("%s: %+v", want, got)
		}
		raw := clitest.Run(t, "inspect", "--raw-bytes", "--platform", want, ref)
		raw.WantCode(t, 0)
		clitest.WantText(t, "bytes for "+want, string(image.Raw), raw.Stdout)
	}
	for _, args := range [][]string{{ref}, {"--raw", ref}, {"--raw-bytes", ref}, {"-o", "json", ref}, {g.Host + "/app:amd64"}, {"--raw-bytes", g.Host + "/app:amd64"}} {
		done := clitest.Run(t, append([]string{"inspect", "--platform", "linux/riscv64"}, args...)...)
		done.WantCode(t, 3)
		done.WantStderr(t, "manifest-tool: ", "has nothing for linux/riscv64; it has linux/amd64")
		clitest.WantText(t, "stdout", "", done.Stdout)
	}
	one := clitest.Run(t, "inspect", "--platform", "linux/arm64", ref)
	one.WantCode(t, 0)
	clitest.WantLines(t, one.Stdout, " * Contains 3 manifest references (3 images, 0 attestation):", "[2]   Digest: "+images[1].Image.Digest().String())
	if strings.Contains(one.Stdout, "[1]") || strings.Contains(one.Stdout, "[3]") {
		t.Errorf("other entries are shown:\n%s", one.Stdout)
	}
}

// TestInspectRawBytes compares with the stored bytes, which end in no newline.
func TestInspectRawBytes(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	index := fixture.NewIndex(t, fixture.Docker(), images.Objects()...)
	index.Raw = []byte(strings.ReplaceAll(string(index.Raw), ",", " ,\t"))
	g.Put(t, "app", "all", index)
	done := clitest.Run(t, "inspect", "--raw-bytes", g.Host+"/app:all")
	done.WantCode(t, 0)
	clitest.WantText(t, "bytes", string(index.Raw), done.Stdout)
	if got := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(done.Stdout))); got != index.Digest().String() {
		t.Errorf("digest %s, want %s", got, index.Digest())
	}
	single := clitest.Run(t, "inspect", "--raw-bytes", g.Host+"/app@"+images[0].Image.Digest().String())
	clitest.WantText(t, "bytes of an image", string(images[0].Image.Raw), single.Stdout)
}

// TestInspectBlob names a layer by its digest. A registry says that there is no
// such manifest, or fails as Debian's does; a layout has it and finds that it
// is none.
func TestInspectBlob(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1)
	g.Put(t, "app", "one", image)
	layer := digest.FromBytes(image.Blobs[0]).String()
	done := clitest.Run(t, "inspect", g.Host+"/app@"+layer)
	done.WantCode(t, 1)
	done.WantStderr(t, layer)
	clitest.WantText(t, "stdout", "", done.Stdout)

	layout := filepath.Join(t.TempDir(), "app")
	clitest.Run(t, "push", "from-args", "--platforms", "linux/amd64", "--template", g.Host+"/app:one", "--target", "oci-layout://"+layout+":1").WantCode(t, 0)
	done = clitest.Run(t, "inspect", "oci-layout://"+layout+"@"+layer)
	done.WantCode(t, 1)
	done.WantStderr(t, layer, "not a manifest")
	clitest.WantText(t, "stdout", "", done.Stdout)
}

// TestFault40AnnotationsOfAnIndexDriveNothing has an index whose annotations,
// and those of an entry, are full of control characters.
func TestFault40AnnotationsOfAnIndexDriveNothing(t *testing.T) {
	t.Parallel()
	const evil = "\x1b[2J\x1b]0;title\x07\r\nDigest: fake\u009b2J\u202e"
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1)
	image.Annotations = map[string]string{"note" + evil: evil}
	index := fixture.NewIndex(t, fixture.OCI(), image)
	var parsed ocispec.Index
	clitest.Must(t, json.Unmarshal(index.Raw, &parsed))
	parsed.Annotations = map[string]string{"title": evil}
	index.Raw = clitest.EncodeJSON(t, parsed)
	g.Put(t, "app", "all", index)
	for _, args := range [][]string{nil, {"--raw"}, {"-o", "json"}, {"-o", "yaml"}, {"-o", "template={{.Annotations}} {{range .Entries}}{{.Annotations}}{{end}}"}} {
		done := clitest.Run(t, append(append([]string{"inspect"}, args...), g.Host+"/app:all")...)
		done.WantCode(t, 0)
		for _, r := range done.Stdout {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%q prints %U:\n%q", args, r, done.Stdout)
			}
		}
		if strings.Contains(done.Stdout, "\nDigest: fake") {
			t.Errorf("%q: a value begins a line", args)
		}
	}
	var got struct{ Annotations map[string]string }
	clitest.Must(t, json.Unmarshal([]byte(clitest.Run(t, "inspect", "-o", "json", g.Host+"/app:all").Stdout), &got))
	clitest.WantText(t, "the annotation in JSON", evil, got.Annotations["title"])
}

// TestInspect10001Entries stays within its limits where an index is large.
func TestInspect10001Entries(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	var index ocispec.Index
	index.SchemaVersion, index.MediaType = 2, fixture.OCI().Index
	for i := range 10_001 {
		p := fixture.ParsePlatform(fmt.Sprintf("windows/amd64:10.0.%d", i))
		index.Manifests = append(index.Manifests, ocispec.Descriptor{
			MediaType: fixture.OCI().Manifest, Digest: digest.FromString(fmt.Sprint(i)), Size: 400, Platform: &p,
		})
	}
	raw := clitest.EncodeJSON(t, index)
	g, _ := open.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/manifests/all") {
			http.NotFound(w, r)
			return true
		}
		w.Header().Set("Content-Type", fixture.OCI().Index)
		_, _ = w.Write(raw)
		return true
	})
	got := inspectJSON(t, 3, g.Host+"/many:all")
	if len(got.Entries) != 10_001 || !got.Entries[10_000].Missing || got.Entries[10_000].Position != 10_001 {
		t.Errorf("%d entries", len(got.Entries))
	}
	one := inspectJSON(t, 3, "--platform", "windows/amd64:10.0.7777", g.Host+"/many:all")
	if len(one.Entries) != 1 {
		t.Errorf("%d entries for one platform", len(one.Entries))
	}
}

// TestInspectOnATerminal runs it on a pseudo terminal: a table, in colours by
// choice, and nothing of the piped text.
func TestInspectOnATerminal(t *testing.T) {
	t.Parallel()
	script := clitest.FindTool(t, "script") // of Debian's bsdutils, which is always there
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.Put(t, "app", "all", fixture.NewIndex(t, fixture.OCI(), images.Objects()...))
	for columns, digests := range map[int]func(digest.Digest) string{
		80:  func(d digest.Digest) string { return d.String()[:19] + " " },
		120: digest.Digest.String,
	} {
		command := fmt.Sprintf("stty cols %d; exec %s --color never inspect %s/app:all", columns, clitest.Binary(), g.Host)
		done := clitest.Session{}.RunProgram(t, script, "-qec", command, "/dev/null")
		done.WantCode(t, 0)
		shown := strings.ReplaceAll(done.Stdout, "\r\n", "\n")
		for i, name := range []string{"linux/amd64", "linux/arm64/v8", "linux/arm/v7"} {
			if row := fmt.Sprintf("%-14s  %s", name, digests(images[i].Image.Digest())); !strings.Contains(shown, "\n"+row) {
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
