//go:build e2e

package archive

import (
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// TestReadCommands runs every command that reads on a layout, and on archives of it: all
// say the same.
func TestReadCommands(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	layout := fixture.WriteLayout(t, map[string]fixture.Object{
		"1.0": fixture.NewIndex(t, fixture.OCI(), images.Objects()...), "1.1": fixture.NewIndex(t, fixture.OCI(), images[0].Image, images[1].Image),
	})
	path := layout.Pack(t)
	archives := map[string]string{"plain": path, "compressed": fixture.Compress(t, path, "gzip")}
	for _, command := range []string{
		"inspect IMAGE:1.0", "inspect --raw IMAGE:1.1", "inspect --platform linux/arm64 IMAGE:1.0", "query IMAGE:1.0", "query --has linux/s390x IMAGE:1.0",
		"resolve --platform linux/arm/v7 IMAGE:1.0", "diff IMAGE:1.0 IMAGE:1.1", "verify --deep -o json IMAGE:1.0", "tags IMAGE", "inspect IMAGE", "query IMAGE:2",
	} {
		run := func(at string) clitest.Result {
			return clitest.Run(t, strings.Fields(strings.ReplaceAll(command, "IMAGE", at))...)
		}
		want := run("oci-layout://" + string(layout))
		if want.Code == 2 && !strings.HasSuffix(command, "IMAGE") {
			t.Errorf("%s: %s", command, want.Stderr)
		}
		for name, path := range archives {
			got := run("oci-archive://" + path)
			same := strings.NewReplacer("oci-archive://"+path, "oci-layout://"+string(layout), "the archive has", "the layout has", "oci-archive://FILE", "oci-layout://DIR")
			clitest.WantText(t, name+": "+command, want.Stdout+want.Stderr, same.Replace(got.Stdout+got.Stderr))
			got.WantCode(t, want.Code)
		}
	}
}
