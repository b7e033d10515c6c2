//go:build e2e

package push

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// pushOne pushes the sources, lines of a spec, to REGISTRY/app:all and returns the
// entries of the index as JSON.
func pushOne(t *testing.T, g *registrytest.Registry, sources string, flags ...string) (clitest.Result, []map[string]any) {
	t.Helper()
	spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:all\nmanifests:\n"+sources)
	done := clitest.Run(t, append(append([]string{"push"}, flags...), "from-spec", spec)...)
	done.WantCode(t, 0)
	return done, entriesIn(t, g, done.PushedDigest(t))
}

func entriesIn(t *testing.T, g *registrytest.Registry, d digest.Digest) []map[string]any {
	t.Helper()
	var index struct{ Manifests []map[string]any }
	clitest.Must(t, json.Unmarshal(g.Repository("app").Manifest(t, d), &index))
	return index.Manifests
}

// newArtifact returns a manifest with an artifactType of its own.
func newArtifact(t *testing.T, artifactType, content string) fixture.Object {
	t.Helper()
	blob := []byte(content)
	o := fixture.NewManifest(t, fixture.OCI().Manifest, "application/vnd.oci.empty.v1+json", []byte("{}"),
		[]ocispec.Descriptor{fixture.DescriptorOf("application/octet-stream", blob)}, [][]byte{blob}, fixture.ParsePlatform("linux/amd64"))
	o.Raw = replaceOnce(t, o.Raw, `"config":`, `"artifactType":"`+artifactType+`","config":`)
	return o
}

func replaceOnce(t *testing.T, raw []byte, old, replacement string) []byte {
	t.Helper()
	if strings.Count(string(raw), old) != 1 {
		t.Fatalf("%s is not once in %s", old, raw)
	}
	return []byte(strings.Replace(string(raw), old, replacement, 1))
}

// TestPushKeepsUnknownFieldsOfEntries takes the entries of Docker lists and OCI
// indexes with fields that neither format's descriptor has.
func TestPushKeepsUnknownFieldsOfEntries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		family fixture.MediaTypes
		flags  []string
	}{
		{"a Docker list", fixture.Docker(), nil},
		{"a Docker list as an OCI index", fixture.Docker(), []string{"--type", "oci"}},
		{"an OCI index", fixture.OCI(), nil},
		{"an OCI index as a Docker list", fixture.OCI(), []string{"--type", "docker", "--strict"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := registrytest.StartOpen(t)
			index := fixture.NewIndex(t, test.family, fixture.NewImage(t, test.family, "app", fixture.ParsePlatform("linux/amd64"), 1))
			index.Raw = replaceOnce(t, index.Raw, `"os":"linux"}`, `"os":"linux","features":["sse4"]},"com.example.weight":1.50`)
			g.Put(t, "src", "1", index)
			done, entries := pushOne(t, g, "- image: REGISTRY/src:1\n", test.flags...)
			clitest.WantText(t, "stderr", "", done.Stderr)
			want := map[string]any{"architecture": "amd64", "os": "linux", "features": []any{"sse4"}}
			if diff := cmp.Diff(want, entries[0]["platform"]); diff != "" || entries[0]["com.example.weight"] != 1.5 {
				t.Errorf("entry %v (-want +got):\n%s", entries[0], diff)
			}
		})
	}
}

// TestPushWritesArtifactTypes copies that of a manifest into its entry, and that of
// a spec into the index.
func TestPushWritesArtifactTypes(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	const artifactType = "application/vnd.opentofu.provider-target"
	g.Put(t, "src", "1", newArtifact(t, artifactType, "zip"))
	const source = "- image: REGISTRY/src:1\n  platform: {os: linux, architecture: amd64}\n"
	_, entries := pushOne(t, g, source)
	clitest.WantText(t, "artifactType of the entry", artifactType, fmt.Sprint(entries[0]["artifactType"]))

	spec := "image: REGISTRY/app:all\nartifactType: application/vnd.opentofu.provider\nmanifests:\n" + source
	printed := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, spec)).PushedDigest(t)
	var index ocispec.Index
	clitest.Must(t, json.Unmarshal(g.Repository("app").Manifest(t, printed), &index))
	clitest.WantText(t, "artifactType of the index", "application/vnd.opentofu.provider", index.ArtifactType)
	for _, flags := range [][]string{{"--type", "docker"}} {
		done := clitest.Run(t, append(append([]string{"push"}, flags...), "from-spec", clitest.WriteSpec(t, g.Host, spec))...)
		done.WantCode(t, 2)
		done.WantStderr(t, "does not support an artifact type")
	}
	bad := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, strings.Replace(spec, "vnd.opentofu.provider\n", "\n", 1)))
	bad.WantCode(t, 2)
	bad.WantStderr(t, "is not a media type")
}

// TestPushArtifactNextToAnImage takes an index as SOCI writes it: for one platform an
// image and an artifact with a type of its own.
func TestPushArtifactNextToAnImage(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1)
	soci := newArtifact(t, "application/vnd.amazon.soci.index.v2+json", "ztoc")
	index := fixture.NewIndex(t, fixture.OCI(), image, soci)
	index.Raw = replaceOnce(t, index.Raw, `}}]`, `},"artifactType":"application/vnd.amazon.soci.index.v2+json"}]`)
	g.Put(t, "src", "1", index)
	done, entries := pushOne(t, g, "- image: REGISTRY/src:1\n")
	clitest.WantText(t, "stderr", "", done.Stderr)
	if len(entries) != 2 {
		t.Errorf("entries %v", entries)
	}
	fixture.WantComplete(t, g.Repository("app"), done.PushedDigest(t))
}

// TestPushOntoASource pushes a target that is one of its own sources, twice: the
// second time the source is the index of the first.
func TestPushOntoASource(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.Put(t, "app", "1", images[0].Image)
	g.Put(t, "app", "1-"+images[1].Tag, images[1].Image)
	spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:1\nmanifests:\n- image: REGISTRY/app:1\n- image: REGISTRY/app:1-"+images[1].Tag+"\n")
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	again := clitest.Run(t, "push", "-o", "json", "from-spec", spec)
	again.WantCode(t, 0)
	clitest.WantText(t, "stderr", "", again.Stderr)
	var second struct {
		Digest    digest.Digest
		Unchanged bool
	}
	clitest.Must(t, json.Unmarshal([]byte(again.Stdout), &second))
	if second.Digest != printed || !second.Unchanged {
		t.Errorf("the second push: %+v, want %s unchanged", second, printed)
	}

	twice := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:2\nmanifests:\n- image: REGISTRY/app@"+images[0].Image.Digest().String()+"\n- image: REGISTRY/app@"+images[0].Image.Digest().String()+"\n")
	done := clitest.Run(t, "push", "from-spec", twice)
	done.WantCode(t, 0)
	done.WantStderr(t, "is listed more than once")
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("app"), done.PushedDigest(t)), images[0].Image)
}

// TestPushEntryWithoutMediaType publishes an entry without mediaType with that of
// its manifest, from another repository and from the target's.
func TestPushEntryWithoutMediaType(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1)
	index := fixture.NewIndex(t, fixture.OCI(), image)
	index.Raw = replaceOnce(t, index.Raw, `{"mediaType":"`+fixture.OCI().Manifest+`","digest"`, `{"digest"`)
	at := fixture.WriteLayout(t, map[string]fixture.Object{"1": index})
	source := "oci-layout://" + string(at) + ":1"
	warning := "warning: image " + source + ": its entry " + image.Digest().String() + " has no mediaType"
	done, entries := pushOne(t, g, "- image: "+source+"\n")
	done.WantStderr(t, warning)
	clitest.WantText(t, "mediaType", fixture.OCI().Manifest, fmt.Sprint(entries[0]["mediaType"]))

	inPlace := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, "", "image: oci-layout://"+string(at)+":2\nmanifests:\n- image: "+source+"\n"))
	inPlace.WantStderr(t, warning)
	clitest.WantText(t, "digest in the same layout", done.PushedDigest(t).String(), inPlace.PushedDigest(t).String())
}

// TestPushFlatten lifts the entries of nested indexes. An image without a platform
// gets that of the index around it.
func TestPushFlatten(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	attested, images, attestations := fixture.NewAttestedIndex(t)
	arm := fixture.NewImage(t, fixture.OCI(), "arm", fixture.ParsePlatform("linux/arm/v7"), 1)
	inner := fixture.NewIndex(t, fixture.OCI(), bare(arm))
	inner.Platform = arm.Platform
	outer := fixture.NewIndex(t, fixture.OCI(), fixture.NewIndex(t, fixture.OCI(), attested), inner)
	g.Put(t, "src", "1", outer)
	want := []fixture.Object{images[0], images[1], arm, attestations[0], attestations[1]}
	done, _ := pushOne(t, g, "- image: REGISTRY/src:1\n", "--flatten")
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("app"), done.PushedDigest(t)), want...)

	kept, entries := pushOne(t, g, "- image: REGISTRY/src:1\n")
	if len(entries) != 2 || kept.PushedDigest(t) == done.PushedDigest(t) {
		t.Errorf("without --flatten: %v", entries)
	}
	again := clitest.Run(t, "push", "--flatten", "from-spec", clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:flat\nmanifests:\n- image: REGISTRY/app:all\n"))
	clitest.WantText(t, "digest from the same repository", done.PushedDigest(t).String(), again.PushedDigest(t).String())
}

// TestPushWarnsOfAnUnusablePlatform covers configs and entries that no node selects.
func TestPushWarnsOfAnUnusablePlatform(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	put := func(tag, config string) {
		layer := []byte(tag)
		g.Put(t, "src", tag, fixture.NewManifest(t, fixture.OCI().Manifest, fixture.OCI().Config, []byte(config),
			[]ocispec.Descriptor{fixture.DescriptorOf(fixture.OCI().Layer, layer)}, [][]byte{layer}, fixture.ParsePlatform("linux/amd64")))
	}
	put("none", `{"rootfs":{"type":"layers","diff_ids":[]}}`)
	put("half", `{"os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`)
	put("v8", `{"os":"linux","architecture":"amd64","variant":"v8","rootfs":{"type":"layers","diff_ids":[]}}`)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1)
	for tag, platform := range map[string]string{"empty-entry": `{}`, "half-entry": `{"os":"linux"}`, "v8-entry": `{"os":"linux","architecture":"amd64","variant":"v8"}`} {
		index := fixture.NewIndex(t, fixture.OCI(), image)
		index.Raw = replaceOnce(t, index.Raw, `{"architecture":"amd64","os":"linux"}`, platform)
		g.Put(t, "src", tag, index)
	}
	const declared = "  platform: {os: linux, architecture: amd64}\n"
	for _, test := range []struct {
		tag, declared, warning string
		strict                 int
	}{
		{"none", declared, "its config has no os and no architecture", 2},
		{"half", declared, "its config has no architecture", 2},
		{"v8", "", `its config has the variant "v8", which amd64 cannot have: it is left out`, 2},
		{"empty-entry", "", "has no os and no architecture: no node selects it", 2},
		{"half-entry", "", "has no architecture: no node selects it", 2},
		{"v8-entry", "", `has the variant "v8", which amd64 cannot have: no node selects it`, 2},
	} {
		source := "- image: REGISTRY/src:" + test.tag + "\n" + test.declared
		done, entries := pushOne(t, g, source)
		done.WantStderr(t, "warning: image "+g.Host+"/src:"+test.tag+": ", test.warning)
		if test.tag == "v8" {
			if diff := cmp.Diff(map[string]any{"os": "linux", "architecture": "amd64"}, entries[0]["platform"]); diff != "" {
				t.Error(diff)
			}
		}
		if test.strict > 0 {
			spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:strict\nmanifests:\n"+source)
			clitest.Run(t, "push", "--strict", "from-spec", spec).WantCode(t, test.strict)
		}
	}
}

// TestPushComparesTheDeclaredPlatformOfAnIndex warns only if it differs from that of
// the images in it.
func TestPushComparesTheDeclaredPlatformOfAnIndex(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/arm64/v8"), 1)
	g.Put(t, "src", "1", fixture.NewIndex(t, fixture.OCI(), image, fixture.NewAttestation(t, image)))
	for declared, warns := range map[string]bool{
		"{os: linux, architecture: arm64}": false, "{os: linux, architecture: arm64, variant: v8}": false, "{architecture: arm64}": false,
		"{os: linux, architecture: amd64}": true, "{os: windows, architecture: arm64}": true, "{os: linux, architecture: arm64, os.version: '1'}": true,
		"{os: linux, architecture: z80}": true,
	} {
		done, _ := pushOne(t, g, "- image: REGISTRY/src:1\n  platform: "+declared+"\n")
		if got := strings.Contains(done.Stderr, "is ignored"); got != warns {
			t.Errorf("%s: stderr %q", declared, done.Stderr)
		}
	}
}

// TestBuildCacheIsNotAnImage reads a BuildKit cache: an index of blobs.
func TestBuildCacheIsNotAnImage(t *testing.T) {
	t.Parallel()
	layer, config := []byte("a cached layer"), []byte(`{"layers":[{"blob":"sha256:0"}]}`)
	cache := fixture.Object{MediaType: fixture.OCI().Index, Blobs: [][]byte{layer, config}, Raw: clitest.EncodeJSON(t, map[string]any{
		"schemaVersion": 2, "mediaType": fixture.OCI().Index, "manifests": []any{
			fixture.DescriptorOf(fixture.OCI().Layer, layer), fixture.DescriptorOf("application/vnd.buildkit.cacheconfig.v0", config),
		},
	})}
	ref := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": cache})) + ":1"
	shown := clitest.Run(t, "inspect", ref)
	shown.WantCode(t, 0)
	clitest.WantLines(t, shown.Stdout, " * Contains 2 blobs, it is a BuildKit cache:")
	verified := clitest.Run(t, "verify", ref)
	verified.WantCode(t, 3)
	if !strings.Contains(verified.Stdout, "index-of-blobs") || strings.Contains(verified.Stdout, "missing") {
		t.Errorf("verify:\n%s", verified.Stdout)
	}
	resolved := clitest.Run(t, "resolve", "--platform", "linux/amd64", ref)
	resolved.WantCode(t, 3)
	if !strings.Contains(resolved.Stdout, "it is a blob: the index is a BuildKit cache") {
		t.Errorf("resolve:\n%s", resolved.Stdout)
	}
	pushed := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, "", "image: oci-layout://"+t.TempDir()+"/new:1\nmanifests:\n- image: "+ref+"\n"))
	pushed.WantCode(t, 2)
	pushed.WantStderr(t, "image "+ref+" is a BuildKit cache, not an image")
}
