//go:build e2e

package verify

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// withConfig returns an image without layers whose config has the given bytes.
func withConfig(t *testing.T, config string) fixture.Object {
	family := fixture.OCI()
	return fixture.NewManifest(t, family.Manifest, family.Config, []byte(config), []ocispec.Descriptor{}, nil, fixture.ParsePlatform("linux/amd64"))
}

// TestConfigsAsBuildersWriteThem has a config with unexpected values: every command reads
// its platform and warns, verify has findings, and --strict fails.
func TestConfigsAsBuildersWriteThem(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ field, says string }{
		"empty time":  {`"created":""`, `created is "", which is ignored`},
		"two zones":   {`"created":"2022-02-21T14:44:59+00:00Z"`, "created is "},
		"entrypoint":  {`"config":{"Entrypoint":"/app"}`, `config.Entrypoint is "/app", read as ["/app"]`},
		"user":        {`"config":{"User":1000}`, `config.User is 1000, read as "1000"`},
		"labels":      {`"config":{"Labels":["a"]}`, `config.Labels is ["a"], which is ignored`},
		"history":     {`"history":{}`, "history is {}, which is ignored"},
		"volume list": {`"config":{"Volumes":["/data"]}`, "config.Volumes is "},
	} {
		image := withConfig(t, `{"os":"linux","architecture":"riscv64","rootfs":{"type":"layers","diff_ids":[]},`+tt.field+`}`)
		image.Platform = nil
		layout := fixture.WriteLayout(t, map[string]fixture.Object{"1": image, "all": fixture.NewIndex(t, fixture.OCI(), image)})
		ref := "oci-layout://" + string(layout)
		spec := clitest.WriteSpec(t, "", "image: "+ref+":new\nmanifests:\n  - image: "+ref+":1\n")
		for _, args := range []string{
			"query --has linux/riscv64 " + ref + ":1", "inspect " + ref + ":1", "inspect --platform linux/riscv64 " + ref + ":1",
			"inspect -o json --expand-config " + ref + ":all", "resolve --platform linux/riscv64 " + ref + ":1", "resolve --platform linux/riscv64 " + ref + ":all",
			"push from-spec " + spec,
		} {
			done := clitest.Run(t, strings.Fields(args)...)
			done.WantCode(t, 0)
			done.WantStderr(t, tt.says)
			strict := clitest.Run(t, append([]string{"--strict"}, strings.Fields(args)...)...)
			strict.WantStderr(t, tt.says)
			if strict.Code == 0 {
				t.Errorf("%s: --strict %s succeeds", name, args)
			}
		}
		found := clitest.Session{}.Verify(t, 3, "--binaries", "none", ref+":1")
		if f := found.Images[0].Findings; len(f) != 1 || f[0].Code != "config-value" || f[0].Severity != "warning" || !strings.Contains(f[0].Message, tt.says) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestConfigsThatAreNotJSON has one under an entry that declares its platform, where it
// does not matter, and one of a single image.
func TestConfigsThatAreNotJSON(t *testing.T) {
	t.Parallel()
	image := withConfig(t, "ELF")
	layout := fixture.WriteLayout(t, map[string]fixture.Object{"1": image, "all": fixture.NewIndex(t, fixture.OCI(), image)})
	ref := "oci-layout://" + string(layout)
	for _, args := range []string{
		"query --has linux/amd64 " + ref + ":all", "inspect " + ref + ":all", "inspect -o json --expand-config " + ref + ":all", "resolve --platform linux/amd64 " + ref + ":all",
		"push from-spec " + clitest.WriteSpec(t, "", "image: "+ref+":new\nmanifests:\n  - image: "+ref+":1\n    platform: {os: linux, architecture: arm64}\n"),
	} {
		clitest.Run(t, strings.Fields(args)...).WantCode(t, 0)
	}
	for _, args := range []string{
		"query " + ref + ":1", "inspect " + ref + ":1", "resolve --platform linux/amd64 " + ref + ":1",
		"push from-spec " + clitest.WriteSpec(t, "", "image: "+ref+":new\nmanifests:\n  - image: "+ref+":1\n"),
	} {
		done := clitest.Run(t, strings.Fields(args)...)
		done.WantCode(t, 1)
		done.WantStderr(t, "reading the config of", "the platform of this image is unknown", "can declare it")
	}
}

// TestLayersThatAreNotTar has layers of other forms: they are not looked at.
func TestLayersThatAreNotTar(t *testing.T) {
	t.Parallel()
	content := []byte("neither a tar archive nor compressed")
	for _, kind := range []string{
		"application/vnd.oci.image.layer.nydus.blob.v1", "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "application/vnd.oci.image.layer.v1.tar+zstd+encrypted",
		"application/vnd.oci.image.layer.squashfs", "application/vnd.oci.image.layer.v1.erofs", "application/vnd.erofs.layer.v1", "application/vnd.wasm.content.layer.v1+wasm",
		"application/wasm", "application/vnd.sylabs.sif.layer.v1.sif", "application/vnd.docker.image.rootfs.diff.squashfs",
	} {
		config := fixture.NewConfig("linux/amd64", "/app")
		config.RootFS = ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromBytes(content)}}
		family := fixture.OCI()
		image := fixture.NewManifest(t, family.Manifest, family.Config, clitest.EncodeJSON(t, config), []ocispec.Descriptor{fixture.DescriptorOf(kind, content)}, [][]byte{content}, config.Platform)
		name := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": image})) + ":1"
		clitest.Run(t, "verify", name).WantCode(t, 0)
		clitest.Run(t, "verify", "--deep", "--binaries", "all", name).WantCode(t, 0)
		found := clitest.Session{}.Verify(t, 3, "--severity", "info", name)
		if f := found.Images[0].Findings; len(f) != 1 || f[0].Code != "layer-not-tar" || f[0].Actual != kind {
			t.Errorf("%s: %+v", kind, f)
		}
		if verdict := found.Images[0].Entries[0].Verdict; verdict != "unknown" {
			t.Errorf("%s: verdict %s", kind, verdict)
		}
	}
}

// TestEntriesThatNoNodeChooses has platforms that no node matches, and an index in an index.
func TestEntriesThatNoNodeChooses(t *testing.T) {
	t.Parallel()
	image := withConfig(t, `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}`)
	for text, code := range map[string]string{
		`{}`: "platform-incomplete", `{"os":"linux"}`: "platform-incomplete", `{"os":"linux","architecture":""}`: "platform-incomplete", `{"architecture":"amd64"}`: "platform-incomplete",
		`{"os":"linux","architecture":"amd64"}`: "", `{"os":"linux","architecture":"amd64","variant":"v3"}`: "", `{"os":"linux","architecture":"amd64","variant":"v8"}`: "platform-impossible",
	} {
		var p ocispec.Platform
		clitest.Must(t, json.Unmarshal([]byte(text), &p))
		image.Platform = &p
		layout := fixture.WriteLayout(t, map[string]fixture.Object{"all": fixture.NewIndex(t, fixture.OCI(), image)})
		exit := 0
		if code != "" {
			exit = 3
		}
		found := clitest.Session{}.Verify(t, exit, "--binaries", "none", "oci-layout://"+string(layout)+":all")
		var codes []string
		for _, f := range found.Images[0].Findings {
			codes = append(codes, f.Code)
		}
		if (code == "") != (len(codes) == 0) || code != "" && !slices.Contains(codes, code) {
			t.Errorf("%s: %q, want %q", text, codes, code)
		}
	}
	forARM64 := withConfig(t, `{"os":"linux","architecture":"arm","variant":"v8","rootfs":{"type":"layers","diff_ids":[]}}`).WithPlatform("linux/arm/v8")
	taken := fixture.WriteLayout(t, map[string]fixture.Object{"all": fixture.NewIndex(t, fixture.OCI(), forARM64)})
	clitest.Run(t, "verify", "--binaries", "none", "oci-layout://"+string(taken)+":all").WantCode(t, 0)
	nested := fixture.NewIndex(t, fixture.OCI(), fixture.NewIndex(t, fixture.OCI(), image.WithPlatform("linux/amd64")))
	layout := fixture.WriteLayout(t, map[string]fixture.Object{"all": nested})
	clitest.Run(t, "verify", "--binaries", "none", "oci-layout://"+string(layout)+":all").WantCode(t, 0)
	found := clitest.Run(t, "verify", "--binaries", "none", "--severity", "info", "oci-layout://"+string(layout)+":all")
	found.WantCode(t, 3)
	clitest.WantLines(t, found.Stdout, "info index-nested: an entry is an index: some runtimes do not follow nested indexes")
}
