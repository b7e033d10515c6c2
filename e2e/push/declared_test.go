//go:build e2e

package push

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// startDeclared returns a registry with images of arm/v7, arm64/v8 and amd64 in src.
func startDeclared(t *testing.T) *registrytest.Registry {
	t.Helper()
	g := registrytest.StartOpen(t)
	for tag, p := range map[string]string{"arm": "linux/arm/v7", "arm64": "linux/arm64/v8", "amd64": "linux/amd64"} {
		g.Put(t, "src", tag, fixture.NewImage(t, fixture.OCI(), tag, fixture.ParsePlatform(p), 1))
	}
	return g
}

// TestPushVariantAlone declares a variant without an architecture, which comes from
// the config, and numbers that YAML reads as fractions.
func TestPushVariantAlone(t *testing.T) {
	t.Parallel()
	g := startDeclared(t)
	for _, tt := range []struct{ tag, declared, want, warning string }{
		{"arm", "{variant: 7}", "linux/arm/v7", ""},
		{"arm", "{os: linux, variant: 7}", "linux/arm/v7", ""},
		{"arm", "{architecture: arm, variant: 7}", "linux/arm/v7", ""},
		{"arm", "{variant: 6}", "linux/arm/v6", `its variant is declared as "v6", its config says "v7"`},
		{"arm64", "{variant: 9}", "linux/arm64/v9", `its variant is declared as "v9", its config says "v8"`},
		{"arm64", "{variant: 8.0}", "linux/arm64/v8", ""},
		{"arm64", "{architecture: arm64, variant: v8.0}", "linux/arm64/v8", ""},
		{"amd64", "{variant: 3}", "linux/amd64/v3", ""},
		{"arm64", "{variant: v9.4}", "linux/arm64/v9.4", `its variant is declared as "v9.4", its config says "v8"`},
		{"arm64", "{architecture: armv7l}", "linux/arm/v7", `its architecture is declared as "arm", its config says "arm64"`},
	} {
		source := "- image: REGISTRY/src:" + tt.tag + "\n  platform: " + tt.declared + "\n"
		if tt.warning != "" {
			wantOneWarning(t, g, source, tt.warning)
		} else {
			done, _ := pushOne(t, g, source, "--strict")
			clitest.WantText(t, "stderr of "+tt.declared, "", done.Stderr)
		}
		clitest.WantText(t, tt.declared, tt.want, platformsOf(t, g, "app:all"))
	}
}

// TestPushPlatformThatNoFlagHelps has platforms that --allow-unknown-platform would
// publish, though they are mistakes: another hint explains them.
func TestPushPlatformThatNoFlagHelps(t *testing.T) {
	t.Parallel()
	g := startDeclared(t)
	g.Put(t, "src", "attestation", fixture.NewAttestation(t, fixture.NewImage(t, fixture.OCI(), "x", fixture.ParsePlatform("linux/amd64"), 1)))
	for source, hint := range map[string]string{
		"arm\n  platform: {os: linux, architecture: armv7l, variant: v6}": "armv7l means arm/v7, which is not variant v6",
		"amd64\n  platform: {architecture: ltsc2022, os: windows}":        "ltsc2022 is a version of Windows (10.0.20348), not an architecture",
		"attestation": "it is an attestation",
	} {
		done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:bad\nmanifests:\n- image: REGISTRY/src:"+source+"\n"))
		done.WantCode(t, 2)
		done.WantStderr(t, "hint: "+hint)
		if strings.Contains(done.Stderr, "allow-unknown-platform") {
			t.Errorf("%s: stderr %q", source, done.Stderr)
		}
	}
	args := clitest.Run(t, "push", "from-args", "--platforms", "windows/ltsc2022", "--template", g.Host+"/src:amd64", "--target", g.Host+"/app:bad")
	args.WantCode(t, 2)
	args.WantStderr(t, "hint: ltsc2022 is a version of Windows")
	g.WantAbsent(t, "app", "bad")
}

// TestPushShortKeys has arch and var in place of architecture and variant: they are
// ignored, and an error if they contradict the image.
func TestPushShortKeys(t *testing.T) {
	t.Parallel()
	g := startDeclared(t)
	wantOneWarning(t, g, "- image: REGISTRY/src:arm64\n  platform: {os: linux, arch: aarch64}\n", `did you mean "architecture"?`)
	for declared, reason := range map[string]string{
		"{os: linux, arch: arm64}":                      `its architecture would be "amd64", but an ignored key of the spec says "arm64"`,
		"{os: linux, architecture: amd64, arch: arm64}": `its architecture would be "amd64"`,
		"{architecture: amd64, variant: v2, var: v3}":   `its variant would be "v2", but an ignored key of the spec says "v3"`,
		"{var: 3}": `its variant would be "", but an ignored key of the spec says "v3"`,
	} {
		done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:bad\nmanifests:\n- image: REGISTRY/src:amd64\n  platform: "+declared+"\n"))
		done.WantCode(t, 2)
		done.WantStderr(t, reason, "hint: write the key ")
	}
	g.WantAbsent(t, "app", "bad")
}

// TestPushSpecAnnotationLevels has levels of buildx in the annotations of a spec.
func TestPushSpecAnnotationLevels(t *testing.T) {
	t.Parallel()
	g := startDeclared(t)
	entries := wantOneWarning(t, g, "- image: REGISTRY/src:arm\n  annotations: {'manifest-descriptor:c': d}\n", `the level of annotation "manifest-descriptor:c" is left out`)
	clitest.WantText(t, "annotations", "map[c:d]", fmt.Sprint(entries[0]["annotations"]))
	for key, reason := range map[string]string{"Index:a": "nearly a level", "indx:a": "nearly a level", "manifest:a": "another object"} {
		done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:bad\nannotations: {'"+key+"': b}\nmanifests:\n- image: REGISTRY/src:arm\n"))
		done.WantCode(t, 2)
		done.WantStderr(t, "spec.yaml:2: annotation ", reason, "hint: ")
	}
	g.WantAbsent(t, "app", "bad")
}
