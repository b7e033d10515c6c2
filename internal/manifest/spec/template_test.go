package spec

import (
	"strings"
	"testing"

	"manifest-tool/internal/platform"
)

func TestExpandTemplate(t *testing.T) {
	armv7 := platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}
	amd64 := platform.Platform{OS: "windows", Architecture: "amd64"}
	tests := []struct {
		template string
		p        platform.Platform
		want     string
	}{
		{"", armv7, ""},
		{"r/a:1", armv7, "r/a:1"},
		{"r/a:ARCH", armv7, "r/a:arm"},
		{"r/a:OS-ARCH", armv7, "r/a:linux-arm"},
		{"r/a:OS_ARCH.VARIANT", armv7, "r/a:linux_arm.v7"},
		{"r/a:ARCHVARIANT", armv7, "r/a:armv7"},
		{"r/a:OSARCHVARIANT", armv7, "r/a:linuxarmv7"},
		{"r/a:VARIANTOS", armv7, "r/a:v7linux"},
		{"r/a:ARCHVARIANT", amd64, "r/a:amd64"},
		{"r/a:ARCH-VARIANT", amd64, "r/a:amd64-"},
		{"ARCH/a-ARCH:ARCH", armv7, "arm/a-arm:arm"},
		{"OSOS", armv7, "linuxlinux"},
		{"r/CENTOS-ARCH", armv7, "r/CENTOS-arm"},
		{"r/ARCHIVE:ARCH", armv7, "r/ARCHIVE:arm"},
		{"r/OSX:OS", armv7, "r/OSX:linux"},
		{"r/VARIANTS", armv7, "r/VARIANTS"},
		{"r/MACOS/OS", armv7, "r/MACOS/linux"},
		{"r/ARC:ARCHOSV", armv7, "r/ARC:ARCHOSV"},
		{"ARCHv1", armv7, "armv1"},
		{"xARCH2OS", armv7, "xarm2linux"},
		{"Arch-os-variant", armv7, "Arch-os-variant"},
		{"größe:ÄOS", armv7, "größe:Älinux"},
		{"OS", platform.Platform{OS: "ARCH", Architecture: "OS"}, "ARCH"},
	}
	for _, tt := range tests {
		if got := expandTemplate(tt.template, tt.p); got != tt.want {
			t.Errorf("expandTemplate(%q) = %q, want %q", tt.template, got, tt.want)
		}
	}
}

// FuzzExpandTemplate holds that only placeholders change: with their own names
// as values a template is itself, and without any it never changes.
func FuzzExpandTemplate(f *testing.F) {
	for _, s := range []string{
		"", "r/a:OS-ARCH", "ARCHVARIANT", "OSOS", "CENTOS-ARCH", "VARIANTVARIANTX", "Ö\xffOS", "a\x00ARCH",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, template string) {
		names := platform.Platform{OS: "OS", Architecture: "ARCH", Variant: "VARIANT"}
		if got := expandTemplate(template, names); got != template {
			t.Errorf("expandTemplate(%q) with its own names = %q", template, got)
		}
		values := platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}
		got := expandTemplate(template, values)
		placeholders := strings.Contains(template, "OS") || strings.Contains(template, "ARCH") || strings.Contains(template, "VARIANT")
		if !placeholders && got != template {
			t.Errorf("expandTemplate(%q) = %q, though nothing is to replace", template, got)
		}
		if again := expandTemplate(got, values); again != got {
			t.Errorf("expandTemplate(%q) = %q, which is not done: %q", template, got, again)
		}
	})
}
