//go:build e2e

package verify

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// TestPlatformSpelling has images whose platforms are spelled as uname or a
// person does, in the entry, in the config or in both. The programs are compared
// with what is meant.
func TestPlatformSpelling(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		declared, configured ocispec.Platform
		program              string
		want                 []string
	}{
		"right": {ocispec.Platform{OS: "linux", Architecture: "arm64"}, ocispec.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}, "go-linux-arm64", nil},
		"entry": {
			ocispec.Platform{OS: "linux", Architecture: "aarch64"},
			ocispec.Platform{OS: "linux", Architecture: "arm64"},
			"go-linux-arm64",
			[]string{"platform-spelling linux/aarch64 architecture"},
		},
		"config": {
			ocispec.Platform{OS: "linux", Architecture: "amd64"},
			ocispec.Platform{OS: "linux", Architecture: "x86_64"},
			"go-linux-amd64-v1",
			[]string{"platform-spelling linux/amd64 architecture"},
		},
		"both": {
			ocispec.Platform{OS: "Linux", Architecture: "armv7l"},
			ocispec.Platform{OS: "linux", Architecture: "ARM", Variant: "7"},
			"go-linux-arm-7",
			[]string{
				"platform-spelling Linux/armv7l architecture", "platform-spelling Linux/armv7l architecture",
				"platform-spelling Linux/armv7l os", "platform-spelling Linux/armv7l variant",
			},
		},
		"wrong program": {
			ocispec.Platform{OS: "linux", Architecture: "x64"},
			ocispec.Platform{OS: "linux", Architecture: "amd64"},
			"go-linux-arm64",
			[]string{"binary-platform linux/x64 architecture /app", "platform-spelling linux/x64 architecture"},
		},
		"wrong config": {
			ocispec.Platform{OS: "linux", Architecture: "aarch64"},
			ocispec.Platform{OS: "linux", Architecture: "amd64"},
			"go-linux-amd64-v1",
			[]string{"config-platform linux/aarch64 architecture", "platform-spelling linux/aarch64 architecture"},
		},
		"Windows": {
			ocispec.Platform{OS: "Windows", Architecture: "amd64"},
			ocispec.Platform{OS: "Windows", Architecture: "amd64"},
			"go-windows-amd64",
			[]string{"platform-spelling Windows/amd64 os", "platform-spelling Windows/amd64 os"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := "app"
			if tt.configured.OS == "Windows" {
				path = "Files/app.exe"
			}
			config := ocispec.Image{Platform: tt.configured, Config: ocispec.ImageConfig{Cmd: []string{"/app"}}}
			image := fixture.NewRunnableImage(t, config, fixture.Files{path: fixture.StoredProgram(t, tt.program)})
			image.Platform = &tt.declared
			layout := fixture.WriteLayout(t, map[string]fixture.Object{"1": fixture.NewIndex(t, fixture.OCI(), image)})
			code := 0
			if tt.want != nil {
				code = 3
			}
			v := clitest.Session{}.Verify(t, code, "oci-layout://"+string(layout)+":1")
			if diff := cmp.Diff(tt.want, v.Codes()); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%+v", diff, v.Images[0].Findings)
			}
		})
	}
}

// TestPlatformSpelling_Push pushes an image with a config that a push reads by
// what it means: that stays so.
func TestPlatformSpelling_Push(t *testing.T) {
	t.Parallel()
	config := ocispec.Image{Platform: ocispec.Platform{OS: "linux", Architecture: "aarch64"}, Config: ocispec.ImageConfig{Cmd: []string{"/app"}}}
	image := fixture.NewRunnableImage(t, config, fixture.Files{"app": fixture.StoredProgram(t, "go-linux-arm64")})
	ref := "oci-layout://" + string(fixture.WriteLayout(t, map[string]fixture.Object{"1": image}))
	spec := clitest.WriteSpec(t, "", "image: "+ref+":new\nmanifests:\n  - image: "+ref+":1\n")
	clitest.Run(t, "push", "--verify", "binaries", "from-spec", spec).WantCode(t, 0)
	clitest.Run(t, "inspect", ref+":new").WantCode(t, 0)
	v := clitest.Session{}.Verify(t, 3, ref+":new")
	if diff := cmp.Diff([]string{"platform-spelling linux/arm64 architecture"}, v.Codes()); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
