package manifest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/resolve"
	"manifest-tool/internal/manifest/verify"
	"manifest-tool/internal/platform"
)

// generator makes indexes of every shape that the choice of an entry depends on.
type generator struct {
	*rand.Rand
	from *manifesttest.Scripted
	made int
}

func platformPool() []platform.Platform {
	windows := func(version string, features ...string) platform.Platform {
		return platform.Platform{OS: "windows", Architecture: "amd64", OSVersion: version, OSFeatures: features}
	}
	return []platform.Platform{
		manifesttest.Linux("amd64", ""), manifesttest.Linux("amd64", "v1"), manifesttest.Linux("amd64", "v2"), manifesttest.Linux("amd64", "v3"),
		manifesttest.Linux("x86_64", ""), manifesttest.Linux("386", ""), manifesttest.Linux("arm", ""), manifesttest.Linux("arm", "v5"), manifesttest.Linux("arm", "v6"),
		manifesttest.Linux("arm", "v7"), manifesttest.Linux("arm", "v8"), manifesttest.Linux("arm64", ""), manifesttest.Linux("arm64", "v8"),
		manifesttest.Linux("arm64", "v8.2"), manifesttest.Linux("arm64", "v8.10"), manifesttest.Linux("arm64", "v9"), manifesttest.Linux("aarch64", ""),
		manifesttest.Linux("sparc64", ""), manifesttest.Linux("", ""),
		{},
		{Architecture: "amd64"},
		{OS: "unknown", Architecture: "unknown"},
		windows(""), windows("10.0.17763.1"), windows("10.0.17763.2"), windows("10.0.20348.1"), windows("10.0.26100.1"), windows("10.0.20348.9", "win32k"), windows("", "win32k"), windows("", "a", "win32k"),
	}
}

// entry makes an entry: an image with or without a declared platform, an artifact, an
// attestation, a type that is not known, or an index.
func (g *generator) entry(t *testing.T, depth int) ocispec.Descriptor {
	g.made++
	pool := platformPool()
	p := pool[g.IntN(len(pool))]
	config := g.from.Add("", ocispec.MediaTypeImageConfig, fmt.Sprintf(`{"os":%q,"architecture":%q,"variant":%q,"os.version":%q,"rootfs":{"diff_ids":[]},"note":%d}`,
		p.OS, p.Architecture, p.Variant, p.OSVersion, g.made))
	d := g.from.Add("", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(config, `"layers":[]`))
	switch g.IntN(12) {
	case 0, 1:
		return d
	case 2:
		d = g.from.Add("", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(ocispec.DescriptorEmptyJSON, fmt.Sprintf(`"artifactType":"x/%d","layers":[]`, g.made)))
	case 3:
		return manifesttest.WithSubject(d, d)
	case 4:
		d.MediaType = "application/x-thing"
	case 5, 6:
		if depth < manifest.MaxDepth-1 {
			if d = g.index(t, "", depth+1); g.IntN(2) == 0 {
				return d
			}
		}
	case 7:
		d = g.from.Add("", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(g.from.Add("", ocispec.MediaTypeImageConfig, fmt.Sprintf("not JSON %d", g.made)), `"layers":[]`))
		if g.IntN(2) == 0 {
			return d
		}
	}
	return manifesttest.WithPlatform(d, p)
}

func (g *generator) index(t *testing.T, tag string, depth int) ocispec.Descriptor {
	var entries []ocispec.Descriptor
	for range g.IntN(6) {
		entries = append(entries, g.entry(t, depth))
	}
	return g.from.AddIndex(t, tag, entries...)
}

// TestSelection_Agreement compares, for generated indexes and platforms, the entries
// that resolve, inspect --platform and verify --platform choose.
func TestSelection_Agreement(t *testing.T) {
	const indexes, seed = 80, 11
	g := &generator{Rand: rand.New(rand.NewPCG(seed, seed)), from: manifesttest.NewScripted(t)}
	g.from.Add("", ocispec.DescriptorEmptyJSON.MediaType, "{}")
	chosen := 0
	for i := range indexes {
		tag := fmt.Sprintf("i%d", i)
		g.index(t, tag, 1)
		for range 6 {
			pool := platformPool()
			want := pool[g.IntN(len(pool))]
			if want.OS == "" || want.Architecture == "" {
				continue
			}
			if compareChoices(t, g.from.Host+"/app:"+tag, want) != "" {
				chosen++
			}
		}
	}
	if chosen < indexes {
		t.Errorf("only %d choices", chosen)
	}
}

// compareChoices returns the entry that the commands choose for a platform.
func compareChoices(t *testing.T, name string, want platform.Platform) digest.Digest {
	t.Helper()
	r, err := resolve.Resolve(t.Context(), manifesttest.NewStore(t), name, platform.RuleContainerd, []platform.Platform{want})
	if err != nil {
		t.Fatal(err)
	}
	resolved := r.Platforms[0].Digest

	var inspected digest.Digest
	in, err := inspect.Inspect(t.Context(), manifesttest.NewStore(t), name, inspect.Options{Platform: &want})
	var none *inspect.NoMatchError
	switch {
	case errors.As(err, &none):
	case err != nil:
		t.Fatal(err)
	default:
		for entries := in.Result().Entries; len(entries) > 0; entries = entries[0].Entries {
			if len(entries) > 1 {
				t.Fatalf("%s for %s: %d entries", name, platform.Format(want), len(entries))
			}
			inspected = entries[0].Digest
		}
	}

	var verified digest.Digest
	v, err := verify.Verify(t.Context(), manifesttest.NewStore(t), []string{name}, verify.Options{Platform: &want, Binaries: verify.BinariesNone})
	if err != nil || v.Err() != nil {
		t.Fatal(err, v.Err())
	}
	if kept := v.Images[0].Entries; len(kept) > 0 {
		verified = kept[len(kept)-1].Digest
	}
	if inspected != resolved || verified != resolved {
		t.Errorf("%s for %s: resolve %q, inspect %q, verify %q", name, platform.Format(want), resolved, inspected, verified)
	}
	return resolved
}
