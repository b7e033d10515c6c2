//go:build e2e

package resolve

import (
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestVersionsByName asks for releases of Windows by their names, and for versions
// with blanks, in every command that has a platform.
func TestVersionsByName(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	var images []fixture.Object
	for _, p := range []string{"windows/amd64:10.0.17763.2452", "windows/amd64:10.0.20348.350", "darwin/arm64:macOS 12.6", "darwin/arm64:macOS 13.4", "linux/arm64", "linux/arm/v7"} {
		images = append(images, fixture.NewImage(t, fixture.OCI(), "image of "+p, fixture.ParsePlatform(p), 1))
	}
	g.Put(t, "app", "all", fixture.NewIndex(t, fixture.OCI(), images...))
	ref := g.Host + "/app:all"
	for asked, want := range map[string]int{
		"windows/amd64:ltsc2019": 0, "windows/amd64:1809": 0, "windows/amd64:17763": 0,
		"windows/amd64:LTSC2022": 1, "windows/amd64:20348": 1, "windows(ltsc2022)/amd64": 1,
		"darwin/arm64:macOS 12.6": 2, "macos/arm64:macOS 13.4": 3, "arm64": 4, "aarch64": 4, "armhf": 5, "linux/armv7l": 5, "linux/arm/7": 5,
	} {
		digest := images[want].Digest().String()
		resolved := clitest.Run(t, "resolve", "--digest", "--platform", asked, ref)
		clitest.WantText(t, "resolve "+asked, digest+"\n", resolved.Stdout)
		inspected := clitest.Run(t, "inspect", "--platform", asked, "-o", "template={{range .Entries}}{{.Digest}}{{end}}", ref)
		clitest.WantText(t, "inspect "+asked, digest, strings.TrimSpace(inspected.Stdout))
		clitest.Run(t, "query", "--has", asked, ref).WantCode(t, 0)
		clitest.Run(t, "verify", "--binaries", "none", "--platform", asked, ref).WantCode(t, 0)
	}
	for _, asked := range []string{"windows/amd64:20H2", "windows/amd64:ltsc2025"} {
		clitest.Run(t, "query", "--has", asked, ref).WantCode(t, 3)
	}
	for _, command := range []string{"resolve", "inspect", "verify"} {
		for asked, says := range map[string]string{
			"windows/amd64:ltsc2023": `"ltsc2023" is not a version of Windows`, "arm64/v8": "did you mean linux/arm64/v8?", "linux": "os/arch",
		} {
			refused := clitest.Run(t, command, "--platform", asked, ref)
			refused.WantCode(t, 2)
			refused.WantStderr(t, says)
		}
	}
	shown := clitest.Run(t, "query", ref)
	clitest.WantLines(t, shown.Stdout, "   - darwin/arm64:macOS 12.6", "   - darwin/arm64:macOS 13.4", "   - linux/arm64")
}
