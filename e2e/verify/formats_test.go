//go:build e2e

package verify

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestVerifyNestedIndexes has a child missing and a program wrong two indexes
// below the one that is named; one image is in two of them.
func TestVerifyNestedIndexes(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	app := func(target string) string { return string(fixture.CompileProgram(t, target)) }
	wrong := fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/app"), fixture.Files{"app": app("linux/amd64")})
	gone := fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm/v6", "/app"), fixture.Files{"app": app("linux/arm/6")})
	right := fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": app("linux/amd64")})
	inner := fixture.NewIndex(t, fixture.OCI(), wrong, gone, right)
	middle := fixture.NewIndex(t, fixture.OCI(), inner)
	open.Put(t, "app", "1", fixture.NewIndex(t, fixture.OCI(), right, middle))
	open.DeleteManifest(t, "app", gone.Digest())
	g, seen := open.BehindProxy(t, nil)
	v := clitest.Session{}.Verify(t, 3, g.Host+"/app:1")
	want := []string{"binary-platform linux/arm64 architecture /app", "child-missing linux/arm/v6"}
	if diff := cmp.Diff(want, v.Codes()); diff != "" {
		t.Error(diff)
	}
	if n := len(v.Images[0].Entries); n != 6 {
		t.Errorf("%d entries", n)
	}
	counts := map[string]int{}
	for _, r := range seen.All() {
		counts[r.Method+" "+r.Path]++
	}
	for row, n := range counts {
		if n > 1 {
			t.Errorf("%s was sent %d times", row, n)
		}
	}
}

// TestVerifyAttestations verifies an index as BuildKit makes them.
func TestVerifyAttestations(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": string(fixture.CompileProgram(t, "linux/amd64"))})
	attestation := attestationOf(t, image)
	g.Put(t, "app", "1", fixture.NewIndex(t, fixture.OCI(), image, attestation))
	v := clitest.Session{}.Verify(t, 0, "--severity", "info", "--deep", g.Host+"/app:1")
	if e := v.Images[0].Entries[1]; e.Kind != "attestation" || e.Verdict != "ok" {
		t.Errorf("%+v", e)
	}
}

// attestationOf is a manifest with a statement about an image.
func attestationOf(t *testing.T, image fixture.Object) fixture.Object {
	t.Helper()
	statement := []byte(`{"_type":"https://in-toto.io/Statement/v0.1"}`)
	build := fixture.ParsePlatform("unknown/unknown")
	layer := fixture.DescriptorOf("application/vnd.in-toto+json", statement)
	o := fixture.NewManifest(t, fixture.OCI().Manifest, fixture.OCI().Config, clitest.EncodeJSON(t, ocispec.Image{Platform: build}), []ocispec.Descriptor{layer}, [][]byte{statement}, build)
	o.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image.Digest().String()}
	return o
}

func TestVerifyDeepComparesDiffIDs(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	layer := fixture.Gzip(t, fixture.Files{"app": string(fixture.CompileProgram(t, "linux/amd64"))}.Tar(t))
	g.Put(t, "app", "1", imageOf(t, "linux/amd64", fixture.OCI().Layer, layer))
	clitest.Session{}.Verify(t, 0, g.Host+"/app:1")
	v := clitest.Session{}.Verify(t, 3, "--deep", g.Host+"/app:1")
	if diff := cmp.Diff([]string{"diff-id-mismatch linux/amd64"}, v.Codes()); diff != "" {
		t.Error(diff)
	}
}

func TestVerifyCorruptLayer(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	layer := fixture.Files{"app": string(fixture.CompileProgram(t, "linux/amd64"))}.Tar(t)
	g.Put(t, "app", "1", imageOf(t, "linux/amd64", fixture.OCI().Layer, layer))
	v := clitest.Session{}.Verify(t, 3, g.Host+"/app:1")
	if diff := cmp.Diff([]string{"layer-compression linux/amd64"}, v.Codes()); diff != "" {
		t.Error(diff)
	}
	f := v.Images[0].Findings[0]
	if f.Severity != "warning" || f.Expected != "gzip" || f.Actual != "none" || v.Images[0].Entries[0].Verdict != "warning" {
		t.Errorf("%+v", f)
	}
}

// TestVerifyAllPrograms hides one wrong program and leaves another.
func TestVerifyAllPrograms(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	arm, amd := string(fixture.CompileProgram(t, "linux/arm64")), string(fixture.CompileProgram(t, "linux/amd64"))
	g.Put(t, "app", "1", fixture.NewIndex(t, fixture.OCI(), fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/app"),
		fixture.Files{"app": arm, "lib/a.so": amd, "lib/hidden.so": amd, "opt/x/y": amd, "bin/b": arm},
		fixture.Files{"lib/.wh.hidden.so": "", "opt/.wh.x": "", "bin/c": arm, "etc/motd": "hello"})))
	clitest.Session{}.Verify(t, 0, g.Host+"/app:1")
	v := clitest.Session{}.Verify(t, 3, "--binaries", "all", g.Host+"/app:1")
	if diff := cmp.Diff([]string{"binary-stray linux/arm64 /lib/a.so"}, v.Codes()); diff != "" {
		t.Error(diff)
	}
	counts := map[string]int{}
	for _, c := range v.Images[0].Entries[0].Counts {
		counts[c.Platform+" "+c.Compatibility] = c.Count
	}
	if diff := cmp.Diff(map[string]int{"linux/arm64 native": 3, "linux/amd64 incompatible": 1}, counts); diff != "" {
		t.Error(diff)
	}
}

// TestVerifyEstargz has a layer of eStargz in a real registry: of it only the
// table and the program's chunk are asked for.
func TestVerifyEstargz(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	layer, table := estargz(t, "app", string(fixture.CompileProgram(t, "linux/amd64")), strings.Repeat("0123456789abcdef", 64<<10))
	image := func(toc string) fixture.Object {
		config := fixture.NewConfig("linux/arm64", "/app")
		config.RootFS = ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromBytes(layer)}}
		d := fixture.DescriptorOf(fixture.OCI().Layer, layer)
		d.Annotations = map[string]string{"containerd.io/snapshot/stargz/toc.digest": toc}
		return fixture.NewManifest(t, fixture.OCI().Manifest, fixture.OCI().Config, clitest.EncodeJSON(t, config), []ocispec.Descriptor{d}, [][]byte{layer}, config.Platform)
	}
	open.Put(t, "app", "1", image(digest.FromBytes(table).String()))
	open.Put(t, "app", "lies", image(digest.FromString("x").String()))
	ranges := func(seen *registrytest.Recorder) (parts, wholes int) {
		for _, r := range seen.Matching(func(r registrytest.Request) bool {
			return r.Kind == "blob" && r.Ref == digest.FromBytes(layer).String()
		}) {
			if r.Header.Get("Range") != "" && r.Status == http.StatusPartialContent {
				parts++
			} else {
				wholes++
			}
		}
		return parts, wholes
	}
	const wrong = "binary-platform linux/arm64 architecture /app"

	g, seen := open.BehindProxy(t, nil)
	v := clitest.Session{}.Verify(t, 3, g.Host+"/app:1")
	if parts, wholes := ranges(seen); parts != 2 || wholes != 0 {
		t.Errorf("%d parts were read and the whole %d times, want 2 and 0", parts, wholes)
	}
	if diff := cmp.Diff([]string{wrong}, v.Codes()); diff != "" {
		t.Error(diff)
	}
	// A table that nobody vouches for is not believed.
	g, seen = open.BehindProxy(t, nil)
	v = clitest.Session{}.Verify(t, 3, g.Host+"/app:lies")
	if parts, wholes := ranges(seen); parts != 1 || wholes != 1 {
		t.Errorf("%d parts were read and the whole %d times, want 1 and 1", parts, wholes)
	}
	if diff := cmp.Diff([]string{wrong, "toc-mismatch linux/arm64"}, v.Codes()); diff != "" {
		t.Error(diff)
	}
	// A registry that sends blobs whole only is read whole.
	g, seen = open.BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
		r.Header.Del("Range")
		return false
	})
	v = clitest.Session{}.Verify(t, 3, g.Host+"/app:1")
	if diff := cmp.Diff([]string{wrong}, v.Codes()); diff != "" {
		t.Error(diff)
	}
	if _, wholes := ranges(seen); wholes != 2 {
		t.Errorf("the whole was asked for %d times", wholes)
	}
}

// estargz is a layer of a program and of data, with a table of contents.
func estargz(t *testing.T, name, program, data string) (layer, table []byte) {
	t.Helper()
	var out bytes.Buffer
	var entries []map[string]any
	for _, one := range [][2]string{{name, program}, {"data", data}} {
		plain := fixture.Files{one[0]: one[1]}.Tar(t)
		out.Write(fixture.Gzip(t, plain[:512]))
		sum := digest.FromString(one[1]).String()
		entries = append(entries, map[string]any{
			"name": one[0], "type": "reg", "size": len(one[1]), "mode": 0o755, "offset": out.Len(), "digest": sum, "chunkDigest": sum,
		})
		out.Write(fixture.Gzip(t, plain[512:len(plain)-1024]))
	}
	table = clitest.EncodeJSON(t, map[string]any{"version": 1, "entries": entries})
	at := out.Len()
	out.Write(fixture.Gzip(t, fixture.Files{"stargz.index.json": string(table)}.Tar(t)))
	out.Write([]byte{0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 26, 0, 'S', 'G', 22, 0})
	fmt.Fprintf(&out, "%016xSTARGZ", at)
	out.Write([]byte{1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0})
	return out.Bytes(), table
}

// TestVerifyFormats holds that the answer is the same in all.
func TestVerifyFormats(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	wrong := fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/app"), fixture.Files{"app": string(fixture.CompileProgram(t, "linux/amd64"))})
	g.Put(t, "app", "1", fixture.NewIndex(t, fixture.OCI(), append(rightImages(t), wrong)...))
	run := func(format string) clitest.Result {
		done := clitest.Run(t, "verify", "--ignore", "duplicate-platform", "-o", format, g.Host+"/app:1")
		done.WantCode(t, 3)
		return done
	}
	clitest.WantSchema(t, "verify", run("json").Stdout)
	var log struct {
		Runs []struct{ Results []struct{ RuleID string } }
	}
	written := run("sarif").Stdout
	clitest.WantSARIF(t, "sarif", written)
	clitest.Must(t, json.Unmarshal([]byte(written), &log))
	if len(log.Runs) != 1 || len(log.Runs[0].Results) != 1 || log.Runs[0].Results[0].RuleID != "binary-platform" {
		t.Errorf("%+v", log)
	}
	var report struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
	}
	clitest.Must(t, xml.Unmarshal([]byte(run("junit").Stdout), &report))
	if report.Tests != 7 || report.Failures != 1 {
		t.Errorf("%+v", report)
	}
	clitest.WantText(t, "template", "linux/arm64 binary-platform\n",
		run(`template={{range .Images}}{{range .Findings}}{{.Entry.Platform}} {{.Code}}{{end}}{{end}}`).Stdout)
	if !strings.Contains(run("yaml").Stdout, "code: binary-platform") || !strings.Contains(run("text").Stdout, "error binary-platform") {
		t.Error("the finding is not told")
	}
}

// TestVerifyLayerOfRepository names two layouts with the same image, one of
// which lacks its layers.
func TestVerifyLayerOfRepository(t *testing.T) {
	t.Parallel()
	image := fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": string(fixture.CompileProgram(t, "linux/amd64"))})
	intact, broken := fixture.WriteLayout(t, map[string]fixture.Object{"1": image}), fixture.WriteLayout(t, map[string]fixture.Object{"1": image})
	clitest.Must(t, os.Remove(filepath.Join(string(broken), fixture.BlobPath(digest.FromBytes(image.Blobs[0])))))
	v := clitest.Session{}.Verify(t, 3, "oci-layout://"+string(intact)+":1", "oci-layout://"+string(broken)+":1")
	if len(v.Images[0].Findings) != 0 || len(v.Images[1].Findings) != 1 || v.Images[1].Findings[0].Code != "layer-missing" {
		t.Errorf("%+v", v.Images)
	}
}

// TestSARIFSchema holds the stored logs against the schema, those with hostile
// names too.
func TestSARIFSchema(t *testing.T) {
	t.Parallel()
	stored, err := filepath.Glob(clitest.RepoPath("testdata", "golden", "verify", "*sarif.json"))
	clitest.Must(t, err)
	if len(stored) < 2 {
		t.Fatalf("%d logs are stored", len(stored))
	}
	for _, path := range stored {
		raw, err := os.ReadFile(path)
		clitest.Must(t, err)
		clitest.WantSARIF(t, path, string(raw))
	}
}
