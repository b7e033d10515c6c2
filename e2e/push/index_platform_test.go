//go:build e2e

package push

import (
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// warningsOf returns the warnings of a run.
func warningsOf(r clitest.Result) []string {
	var all []string
	for line := range strings.Lines(r.Stderr) {
		if strings.HasPrefix(line, "warning: ") {
			all = append(all, line)
		}
	}
	return all
}

// wantOneWarning pushes a source with one warning, and not at all with --strict.
func wantOneWarning(t *testing.T, g *registrytest.Registry, source, warning string, flags ...string) []map[string]any {
	t.Helper()
	done, entries := pushOne(t, g, source, flags...)
	if all := warningsOf(done); len(all) != 1 || !strings.Contains(all[0], warning) {
		t.Errorf("warnings %q, want one with %q", all, warning)
	}
	spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:strict\nmanifests:\n"+source)
	strict := clitest.Run(t, append(append([]string{"push", "--strict"}, flags...), "from-spec", spec)...)
	strict.WantCode(t, 2)
	strict.WantStderr(t, warning)
	return entries
}

// TestPushFlattenComparesPlatforms has nested indexes whose platform is not that of
// their entries, or of the config of their image.
func TestPushFlattenComparesPlatforms(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	amd64 := fixture.ParsePlatform("linux/amd64")
	one := fixture.NewImage(t, fixture.OCI(), "one", amd64, 1)
	two := fixture.NewImage(t, fixture.OCI(), "two", amd64, 1)
	nested := func(tag, p string, images ...fixture.Object) {
		inner := fixture.NewIndex(t, fixture.OCI(), images...)
		platform := fixture.ParsePlatform(p)
		inner.Platform = &platform
		g.Put(t, "src", tag, fixture.NewIndex(t, fixture.OCI(), inner))
	}
	nested("other", "linux/s390x", one)
	nested("config", "linux/s390x", bare(one))
	nested("two", "linux/amd64", bare(one), bare(two))
	nested("equal", "linux/amd64", one)
	nested("equal-config", "linux/amd64", bare(one))
	wantOneWarning(t, g, "- image: REGISTRY/src:other\n", "is linux/s390x: its entry "+one.Digest().String()+" keeps linux/amd64", "--flatten")
	wantOneWarning(t, g, "- image: REGISTRY/src:config\n", `its architecture is declared as "s390x", its config says "amd64"`, "--flatten")
	if entries := wantOneWarning(t, g, "- image: REGISTRY/src:two\n", "is linux/amd64: it is left out, as the index has more than one image", "--flatten"); len(entries) != 2 {
		t.Errorf("entries %v", entries)
	}
	for _, tag := range []string{"equal", "equal-config"} {
		done, _ := pushOne(t, g, "- image: REGISTRY/src:"+tag+"\n", "--flatten", "--strict")
		clitest.WantText(t, "stderr of "+tag, "", done.Stderr)
	}
}

// TestPushEntriesWithoutAPlatform warns of images without a platform and of
// unknown/unknown, not of nested indexes and artifacts.
func TestPushEntriesWithoutAPlatform(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1)
	g.Put(t, "src", "bare", fixture.NewIndex(t, fixture.OCI(), bare(image)))
	unknown := fixture.NewIndex(t, fixture.OCI(), image)
	unknown.Raw = replaceOnce(t, unknown.Raw, `{"architecture":"amd64","os":"linux"}`, `{"architecture":"unknown","os":"unknown"}`)
	g.Put(t, "src", "unknown", unknown)
	g.Put(t, "src", "nested", fixture.NewIndex(t, fixture.OCI(), fixture.NewIndex(t, fixture.OCI(), image)))
	wantOneWarning(t, g, "- image: REGISTRY/src:bare\n", "its entry "+image.Digest().String()+" has no platform")
	wantOneWarning(t, g, "- image: REGISTRY/src:unknown\n", "(unknown/unknown): no node selects it")
	done, _ := pushOne(t, g, "- image: REGISTRY/src:nested\n", "--strict")
	clitest.WantText(t, "stderr", "", done.Stderr)
}

// TestPushAnnotationsOfAnIndexSource warns of annotations that have no entry.
func TestPushAnnotationsOfAnIndexSource(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1)
	g.Put(t, "src", "1", fixture.NewIndex(t, fixture.OCI(), image))
	wantOneWarning(t, g, "- image: REGISTRY/src:1\n  annotations: {c: d, a: b}\n", "is an index: its entries keep their annotations, the declared ones (a, c) are ignored")
}
