//go:build e2e

package resolve

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// TestCommandsChooseTheSameEntry asks resolve, inspect and verify for the entry of a
// platform, and query --has whether it is there exactly.
func TestCommandsChooseTheSameEntry(t *testing.T) {
	t.Parallel()
	family := fixture.OCI()
	image := func(platform, version string, features ...string) fixture.Object {
		p := fixture.ParsePlatform(platform)
		p.OSVersion, p.OSFeatures = version, features
		return fixture.NewImage(t, family, platform+version, p, 1)
	}
	undeclared := image("linux/s390x", "")
	undeclared.Platform = nil
	nested := fixture.NewIndex(t, family, image("linux/ppc64le", ""), undeclared)
	indexes := map[string]fixture.Object{
		"arm":     fixture.NewIndex(t, family, image("linux/arm64/v8.10", ""), image("linux/arm64", ""), image("linux/arm/v7", "")),
		"windows": fixture.NewIndex(t, family, image("windows/amd64", ""), image("windows/amd64", "10.0.17763.1"), image("windows/amd64", "10.0.20348.1", "win32k")),
		"nested":  fixture.NewIndex(t, family, image("linux/arm/v6", ""), nested),
		"outer":   fixture.NewIndex(t, family, nested),
	}
	layout := fixture.WriteLayout(t, indexes)
	for _, tt := range []struct {
		tag, platform string
		chosen        bool
		has           int // exit code of query --has
	}{
		{"arm", "linux/arm64/v8.10", false, 0}, // a variant that containerd does not know
		{"arm", "linux/aarch64", true, 0},
		{"arm", "linux/arm64/v9", true, 3},
		{"arm", "linux/arm/v8", true, 3},
		{"arm", "linux/amd64", false, 3},
		{"windows", "windows/amd64", true, 0},
		{"windows", "windows/amd64:10.0.20348", true, 0},
		{"windows", "windows/amd64:10.0.17763.9", true, 3},
		{"windows", "linux/amd64", false, 3},
		{"nested", "linux/arm/v7", true, 3},
		{"nested", "linux/ppc64le", true, 0},
		{"nested", "linux/386", false, 3},
		{"outer", "linux/ppc64le", true, 0},
		{"outer", "linux/arm64", false, 3},
	} {
		name, what := "oci-layout://"+string(layout)+":"+tt.tag, tt.platform+" of "+tt.tag
		code, want := 0, ""
		if !tt.chosen {
			code = 3
		}
		resolved := clitest.Run(t, "resolve", "--digest", "--platform", tt.platform, name)
		resolved.WantCode(t, code)
		want = strings.TrimSpace(resolved.Stdout)

		inspected := clitest.Run(t, "inspect", "-o", "json", "--platform", tt.platform, name)
		inspected.WantCode(t, code)
		clitest.WantText(t, "inspect "+what, want, deepest(t, inspected.Stdout))
		bytes := clitest.Run(t, "inspect", "--raw-bytes", "--platform", tt.platform, name)
		bytes.WantCode(t, code)
		if want != "" {
			clitest.WantText(t, "bytes of "+what, want, digest.FromString(bytes.Stdout).String())
		}

		verified := clitest.Session{}.Verify(t, code, "--binaries", "none", "--platform", tt.platform, name)
		got := ""
		if entries := verified.Images[0].Entries; len(entries) > 0 {
			got = entries[len(entries)-1].Digest.String()
		}
		clitest.WantText(t, "verify "+what, want, got)
		clitest.Run(t, "query", "--has", tt.platform, name).WantCode(t, tt.has)
	}
}

// TestSpellingsAreLines asks for one platform in several spellings, and for one that is
// not in any table.
func TestSpellingsAreLines(t *testing.T) {
	t.Parallel()
	family := fixture.OCI()
	arm, other := fixture.NewImage(t, family, "arm", fixture.ParsePlatform("linux/arm64"), 1), fixture.NewImage(t, family, "other", fixture.ParsePlatform("plan10/m68k"), 1)
	name := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": fixture.NewIndex(t, family, arm, other)})) + ":1"
	done := clitest.Run(t, "resolve", "--digest", "--platform", "linux/arm64,plan10/m68k,linux/aarch64", "--platform", "arm64v8,linux/arm64", name)
	done.WantCode(t, 0)
	a, o := arm.Digest().String()+"\n", other.Digest().String()+"\n"
	clitest.WantText(t, "digests", a+o+a+a, done.Stdout)
	for _, args := range []string{"query --has plan10/m68k ", "inspect --platform plan10/m68k ", "verify --binaries none --platform plan10/m68k "} {
		clitest.Run(t, strings.Fields(args+name)...).WantCode(t, 0)
	}
}

// deepest returns the digest of the innermost entry of an inspection, which has one at
// each level.
func deepest(t *testing.T, text string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	type entry struct {
		Digest  string
		Entries []json.RawMessage
	}
	var e entry
	clitest.Must(t, json.Unmarshal([]byte(text), &e))
	for len(e.Entries) > 0 {
		raw := e.Entries[0]
		if len(e.Entries) > 1 {
			t.Errorf("%d entries: %s", len(e.Entries), text)
		}
		e = entry{}
		clitest.Must(t, json.Unmarshal(raw, &e))
	}
	return e.Digest
}
