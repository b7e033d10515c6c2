//go:build e2e

package e2e

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
)

// TestVerifyFollowsNestedIndexes has a child missing and a program wrong two
// indexes below the one that is named; one image is in two of them.
func TestVerifyFollowsNestedIndexes(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	app := func(target string) string { return string(compile(t, target)) }
	wrong := runnableImage(t, configFor("linux/arm64", "/app"), files{"app": app("linux/amd64")})
	gone := runnableImage(t, configFor("linux/arm/v6", "/app"), files{"app": app("linux/arm/6")})
	right := runnableImage(t, configFor("linux/amd64", "/app"), files{"app": app("linux/amd64")})
	inner := newIndex(t, ociMedia(), wrong, gone, right)
	middle := newIndex(t, ociMedia(), inner)
	open.put(t, "app", "1", newIndex(t, ociMedia(), right, middle))
	open.deleteManifest(t, "app", gone.digest())
	g, seen := open.behind(t, nil)
	v := session{}.verify(t, 3, g.host+"/app:1")
	want := []string{"binary-platform linux/arm64 architecture /app", "child-missing linux/arm/v6"}
	if diff := cmp.Diff(want, v.codes()); diff != "" {
		t.Error(diff)
	}
	if n := len(v.Images[0].Entries); n != 6 {
		t.Errorf("%d entries", n)
	}
	counts := map[string]int{}
	for _, r := range seen.all() {
		counts[r.method+" "+r.path]++
	}
	for row, n := range counts {
		if n > 1 {
			t.Errorf("%s was sent %d times", row, n)
		}
	}
}

// TestVerifyTakesAttestationsForWhatTheyAre verifies an index as BuildKit makes
// them.
func TestVerifyTakesAttestationsForWhatTheyAre(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	image := runnableImage(t, configFor("linux/amd64", "/app"), files{"app": string(compile(t, "linux/amd64"))})
	attestation := attestationOf(t, image)
	g.put(t, "app", "1", newIndex(t, ociMedia(), image, attestation))
	v := session{}.verify(t, 0, "--severity", "info", "--deep", g.host+"/app:1")
	if e := v.Images[0].Entries[1]; e.Kind != "attestation" || e.Verdict != "ok" {
		t.Errorf("%+v", e)
	}
}

// attestationOf is a manifest with a statement about an image.
func attestationOf(t *testing.T, image object) object {
	t.Helper()
	statement := []byte(`{"_type":"https://in-toto.io/Statement/v0.1"}`)
	build := platform("unknown/unknown")
	layer := describe("application/vnd.in-toto+json", statement)
	o := manifestOf(t, ociMedia().manifest, ociMedia().config, encode(t, ocispec.Image{Platform: build}), []ocispec.Descriptor{layer}, [][]byte{statement}, build)
	o.note = map[string]string{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image.digest().String()}
	return o
}

func TestVerifyDeepComparesDiffIDs(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	layer := gzipped(t, files{"app": string(compile(t, "linux/amd64"))}.tar(t))
	g.put(t, "app", "1", imageOf(t, "linux/amd64", ociMedia().layer, layer))
	session{}.verify(t, 0, g.host+"/app:1")
	v := session{}.verify(t, 3, "--deep", g.host+"/app:1")
	if diff := cmp.Diff([]string{"diff-id-mismatch linux/amd64"}, v.codes()); diff != "" {
		t.Error(diff)
	}
}

func TestVerifyOfAWronglyPackedLayer(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	layer := files{"app": string(compile(t, "linux/amd64"))}.tar(t)
	g.put(t, "app", "1", imageOf(t, "linux/amd64", ociMedia().layer, layer))
	v := session{}.verify(t, 3, g.host+"/app:1")
	if diff := cmp.Diff([]string{"layer-compression linux/amd64"}, v.codes()); diff != "" {
		t.Error(diff)
	}
	f := v.Images[0].Findings[0]
	if f.Severity != "warning" || f.Expected != "gzip" || f.Actual != "none" || v.Images[0].Entries[0].Verdict != "warning" {
		t.Errorf("%+v", f)
	}
}

// TestVerifyAllCountsEveryProgram hides one wrong program and leaves another.
func TestVerifyAllCountsEveryProgram(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	arm, amd := string(compile(t, "linux/arm64")), string(compile(t, "linux/amd64"))
	g.put(t, "app", "1", newIndex(t, ociMedia(), runnableImage(t, configFor("linux/arm64", "/app"),
		files{"app": arm, "lib/a.so": amd, "lib/hidden.so": amd, "opt/x/y": amd, "bin/b": arm},
		files{"lib/.wh.hidden.so": "", "opt/.wh.x": "", "bin/c": arm, "etc/motd": "hello"})))
	session{}.verify(t, 0, g.host+"/app:1")
	v := session{}.verify(t, 3, "--binaries", "all", g.host+"/app:1")
	if diff := cmp.Diff([]string{"binary-stray linux/arm64 /lib/a.so"}, v.codes()); diff != "" {
		t.Error(diff)
	}
	counts := map[string]int{}
	for _, c := range v.Images[0].Entries[0].Counts {
		counts[c.Platform+" "+c.Compatibility] = c.Count
	}
	if diff := cmp.Diff(map[string]int{"linux/arm64/v8 native": 3, "linux/amd64/v1 contradicts": 1}, counts); diff != "" {
		t.Error(diff)
	}
}

// TestVerifyReadsATableOfContents has a layer of eStargz in a real registry: of
// it only the table and the program's chunk are asked for.
func TestVerifyReadsATableOfContents(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	layer, table := estargz(t, "app", string(compile(t, "linux/amd64")), strings.Repeat("0123456789abcdef", 64<<10))
	image := func(toc string) object {
		config := configFor("linux/arm64", "/app")
		config.RootFS = ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromBytes(layer)}}
		d := describe(ociMedia().layer, layer)
		d.Annotations = map[string]string{"containerd.io/snapshot/stargz/toc.digest": toc}
		return manifestOf(t, ociMedia().manifest, ociMedia().config, encode(t, config), []ocispec.Descriptor{d}, [][]byte{layer}, config.Platform)
	}
	open.put(t, "app", "1", image(digest.FromBytes(table).String()))
	open.put(t, "app", "lies", image(digest.FromString("x").String()))
	ranges := func(seen *recorder) (parts, wholes int) {
		for _, r := range seen.matching(func(r request) bool { return r.kind == "blob" && r.ref == digest.FromBytes(layer).String() }) {
			if r.header.Get("Range") != "" && r.status == http.StatusPartialContent {
				parts++
			} else {
				wholes++
			}
		}
		return parts, wholes
	}
	const wrong = "binary-platform linux/arm64 architecture /app"

	g, seen := open.behind(t, nil)
	v := session{}.verify(t, 3, g.host+"/app:1")
	if parts, wholes := ranges(seen); parts != 2 || wholes != 0 {
		t.Errorf("%d parts were read and the whole %d times, want 2 and 0", parts, wholes)
	}
	if diff := cmp.Diff([]string{wrong}, v.codes()); diff != "" {
		t.Error(diff)
	}
	// A table that nobody vouches for is not believed.
	g, seen = open.behind(t, nil)
	v = session{}.verify(t, 3, g.host+"/app:lies")
	if parts, wholes := ranges(seen); parts != 1 || wholes != 1 {
		t.Errorf("%d parts were read and the whole %d times, want 1 and 1", parts, wholes)
	}
	if diff := cmp.Diff([]string{wrong, "toc-mismatch linux/arm64"}, v.codes()); diff != "" {
		t.Error(diff)
	}
	// A registry that sends blobs whole only is read whole.
	g, seen = open.behind(t, func(_ http.ResponseWriter, r *http.Request) bool {
		r.Header.Del("Range")
		return false
	})
	v = session{}.verify(t, 3, g.host+"/app:1")
	if diff := cmp.Diff([]string{wrong}, v.codes()); diff != "" {
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
		plain := files{one[0]: one[1]}.tar(t)
		out.Write(gzipped(t, plain[:512]))
		sum := digest.FromString(one[1]).String()
		entries = append(entries, map[string]any{
			"name": one[0], "type": "reg", "size": len(one[1]), "mode": 0o755, "offset": out.Len(), "digest": sum, "chunkDigest": sum,
		})
		out.Write(gzipped(t, plain[512:len(plain)-1024]))
	}
	table = encode(t, map[string]any{"version": 1, "entries": entries})
	at := out.Len()
	out.Write(gzipped(t, files{"stargz.index.json": string(table)}.tar(t)))
	out.Write([]byte{0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 26, 0, 'S', 'G', 22, 0})
	fmt.Fprintf(&out, "%016xSTARGZ", at)
	out.Write([]byte{1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0})
	return out.Bytes(), table
}

// TestVerifyWritesEveryFormat holds that the answer is the same in all.
func TestVerifyWritesEveryFormat(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	wrong := runnableImage(t, configFor("linux/arm64", "/app"), files{"app": string(compile(t, "linux/amd64"))})
	g.put(t, "app", "1", newIndex(t, ociMedia(), append(rightImages(t), wrong)...))
	run := func(format string) result {
		done := manifestTool(t, "verify", "--ignore", "duplicate-platform", "-o", format, g.host+"/app:1")
		done.wantCode(t, 3)
		return done
	}
	wantSchema(t, "verify", run("json").stdout)
	var log struct {
		Runs []struct{ Results []struct{ RuleID string } }
	}
	written := run("sarif").stdout
	wantSARIF(t, "sarif", written)
	must(t, json.Unmarshal([]byte(written), &log))
	if len(log.Runs) != 1 || len(log.Runs[0].Results) != 1 || log.Runs[0].Results[0].RuleID != "binary-platform" {
		t.Errorf("%+v", log)
	}
	var report struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
	}
	must(t, xml.Unmarshal([]byte(run("junit").stdout), &report))
	if report.Tests != 7 || report.Failures != 1 {
		t.Errorf("%+v", report)
	}
	wantText(t, "template", "linux/arm64 binary-platform\n",
		run(`template={{range .Images}}{{range .Findings}}{{.Entry.Platform}} {{.Code}}{{end}}{{end}}`).stdout)
	if !strings.Contains(run("yaml").stdout, "code: binary-platform") || !strings.Contains(run("text").stdout, "error binary-platform") {
		t.Error("the finding is not told")
	}
}

// TestVerifyLooksForALayerWhereItHasToBe names two layouts with the same image,
// one of which lacks its layers.
func TestVerifyLooksForALayerWhereItHasToBe(t *testing.T) {
	t.Parallel()
	image := runnableImage(t, configFor("linux/amd64", "/app"), files{"app": string(compile(t, "linux/amd64"))})
	whole, broken := writeLayout(t, map[string]object{"1": image}), writeLayout(t, map[string]object{"1": image})
	must(t, os.Remove(filepath.Join(string(broken), blobPath(digest.FromBytes(image.blobs[0])))))
	v := session{}.verify(t, 3, "oci-layout://"+string(whole)+":1", "oci-layout://"+string(broken)+":1")
	if len(v.Images[0].Findings) != 0 || len(v.Images[1].Findings) != 1 || v.Images[1].Findings[0].Code != "layer-missing" {
		t.Errorf("%+v", v.Images)
	}
}

// TestSARIFIsWhatItsSchemaSays holds the stored logs against the schema, those
// with hostile names too.
func TestSARIFIsWhatItsSchemaSays(t *testing.T) {
	t.Parallel()
	stored, err := filepath.Glob("../testdata/golden/verify/*sarif.json")
	must(t, err)
	if len(stored) < 2 {
		t.Fatalf("%d logs are stored", len(stored))
	}
	for _, path := range stored {
		raw, err := os.ReadFile(path)
		must(t, err)
		wantSARIF(t, path, string(raw))
	}
}
