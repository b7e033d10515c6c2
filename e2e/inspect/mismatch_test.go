//go:build e2e

package inspect

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// TestInspectWrongSize has an index whose second entry states a wrong size: it is shown
// with the difference, as a missing child is.
func TestInspectWrongSize(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	index := fixture.NewIndex(t, fixture.OCI(), images.Objects()...)
	wrong := images[1].Image.Descriptor()
	raw := strings.Replace(string(index.Raw), `"size":`+fmt.Sprint(wrong.Size)+`,"platform":{"architecture":"arm64"`, `"size":7,"platform":{"architecture":"arm64"`, 1)
	if raw == string(index.Raw) {
		t.Fatalf("the size was not replaced: %s", raw)
	}
	layout := fixture.WriteLayout(t, map[string]fixture.Object{"all": {MediaType: index.MediaType, Raw: []byte(raw), Children: index.Children}})
	name := "oci-layout://" + string(layout) + ":all"
	difference := wrong.Digest.String() + " is " + fmt.Sprint(wrong.Size) + " bytes long, its entry says 7"

	done := clitest.Run(t, "inspect", name)
	done.WantCode(t, 3)
	clitest.WantLines(t, done.Stdout, "[1] # Layers: 2", "[2]   Digest: "+wrong.Digest.String(), "[2] Mismatch: "+difference, "[3] # Layers: 3")
	done.WantStderr(t, "1 of 3 entries of "+name+" differ from their manifest in size or media type")
	data := clitest.Run(t, "inspect", "-o", "json", name)
	data.WantCode(t, 3)
	clitest.WantSchema(t, "inspect", data.Stdout)
	for _, args := range []string{"-o json", "--raw"} {
		shown := clitest.Run(t, append([]string{"inspect", name}, strings.Fields(args)...)...)
		shown.WantCode(t, 3)
		if !strings.Contains(shown.Stdout, `"mismatch": "`+difference+`"`) {
			t.Errorf("%s does not show the difference:\n%s", args, shown.Stdout)
		}
	}
	for args, code := range map[string]int{"--platform linux/arm64": 3, "--platform linux/arm64 --raw-bytes": 3, "--platform linux/amd64": 0} {
		clitest.Run(t, append([]string{"inspect", name}, strings.Fields(args)...)...).WantCode(t, code)
	}
}
