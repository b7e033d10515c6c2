package platform_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/platform"
)

func TestComplete(t *testing.T) {
	windows := platform.Platform{
		OS: "windows", Architecture: "amd64", OSVersion: "10.0.17763.1", OSFeatures: []string{"win32k"},
	}
	armv6 := platform.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}
	tests := []struct {
		name                       string
		declared, configured, want platform.Platform
	}{
		{"nothing declared", platform.Platform{}, windows, windows},
		{"nothing anywhere", platform.Platform{}, platform.Platform{}, platform.Platform{}},
		{"everything declared", armv6, windows, armv6},
		{
			"only the os declared",
			platform.Platform{OS: "linux"},
			armv6, armv6,
		},
		{
			"only the architecture declared",
			platform.Platform{Architecture: "arm"},
			armv6, armv6,
		},
		{
			"another architecture takes no variant",
			platform.Platform{OS: "linux", Architecture: "amd64"},
			platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"},
			platform.Platform{OS: "linux", Architecture: "amd64"},
		},
		{
			"another spelling of the architecture takes the variant",
			platform.Platform{OS: "linux", Architecture: "arm64"},
			platform.Platform{OS: "linux", Architecture: "aarch64", Variant: "v8"},
			platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"},
		},
		{
			"the same architecture on another os takes the variant",
			platform.Platform{OS: "freebsd"},
			armv6,
			platform.Platform{OS: "freebsd", Architecture: "arm", Variant: "v6"},
		},
		{
			"a declared variant stays",
			platform.Platform{Architecture: "arm", Variant: "v7"},
			armv6,
			platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"},
		},
		{
			"another os takes neither version nor features",
			platform.Platform{OS: "linux", Architecture: "amd64"},
			windows,
			platform.Platform{OS: "linux", Architecture: "amd64"},
		},
		{
			"a config without os gives no version to any os",
			platform.Platform{OS: "linux"},
			platform.Platform{Architecture: "amd64", OSVersion: "1", OSFeatures: []string{"a"}},
			platform.Platform{OS: "linux", Architecture: "amd64"},
		},
		{
			"another architecture of the same os takes version and features",
			platform.Platform{OS: "windows", Architecture: "arm64"},
			windows,
			platform.Platform{
				OS: "windows", Architecture: "arm64", OSVersion: "10.0.17763.1", OSFeatures: []string{"win32k"},
			},
		},
		{
			"a declared version stays and features are filled",
			platform.Platform{OSVersion: "10.0.20348.1"},
			windows,
			platform.Platform{
				OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.1", OSFeatures: []string{"win32k"},
			},
		},
		{
			"declared features stay and the version is filled",
			platform.Platform{OSFeatures: []string{"b", "a"}},
			windows,
			platform.Platform{
				OS: "windows", Architecture: "amd64", OSVersion: "10.0.17763.1", OSFeatures: []string{"b", "a"},
			},
		},
		{
			"a declared variant means that of the config's architecture",
			platform.Platform{OS: "linux", Variant: "7"},
			platform.Platform{OS: "linux", Architecture: "armv7l"},
			platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"},
		},
		{
			"9 of arm64",
			platform.Platform{Variant: "9"},
			platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"},
			platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v9"},
		},
		{
			"3 of amd64",
			platform.Platform{Variant: "3"},
			platform.Platform{OS: "linux", Architecture: "amd64"},
			platform.Platform{OS: "linux", Architecture: "amd64", Variant: "v3"},
		},
		{
			"8.0 of arm64",
			platform.Platform{Variant: "8.0"},
			platform.Platform{OS: "linux", Architecture: "arm64"},
			platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"},
		},
		{
			"values of the config are respelled",
			platform.Platform{},
			platform.Platform{OS: "Linux", Architecture: "aarch64", Variant: "8", OSFeatures: []string{"b", "a", "b"}},
			platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8", OSFeatures: []string{"b", "a", "b"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := platform.Complete(tt.declared, tt.configured)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Fill (-want +got):\n%s", diff)
			}
		})
	}
}

func TestComplete_CopiesFeatures(t *testing.T) {
	declared := platform.Platform{OSFeatures: []string{"a"}}
	configured := platform.Platform{OSFeatures: []string{"b"}}
	platform.Complete(declared, configured).OSFeatures[0] = "changed"
	platform.Complete(platform.Platform{}, configured).OSFeatures[0] = "changed"
	if declared.OSFeatures[0] != "a" || configured.OSFeatures[0] != "b" {
		t.Errorf("a change of the result reached the arguments: %v, %v", declared.OSFeatures, configured.OSFeatures)
	}
}

func TestConflicts(t *testing.T) {
	tests := []struct {
		name                 string
		declared, configured platform.Platform
		want                 []platform.Conflict
	}{
		{"nothing", platform.Platform{}, platform.Platform{}, nil},
		{
			"only one side says something",
			platform.Platform{OS: "linux", Variant: "v7"},
			platform.Platform{Architecture: "arm", OSVersion: "1", OSFeatures: []string{"a"}},
			nil,
		},
		{
			"os and architecture",
			platform.Platform{OS: "linux", Architecture: "amd64"},
			platform.Platform{OS: "windows", Architecture: "arm64"},
			[]platform.Conflict{{"os", "linux", "windows"}, {"architecture", "amd64", "arm64"}},
		},
		{
			"arm64 is arm64/v8",
			platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"},
			platform.Platform{OS: "linux", Architecture: "arm64"},
			nil,
		},
		{
			"arm is arm/v7",
			platform.Platform{OS: "linux", Architecture: "arm"},
			platform.Platform{OS: "linux", Architecture: "arm", Variant: "v7"},
			nil,
		},
		{
			"spellings of one platform",
			platform.Platform{OS: "Linux", Architecture: "x86_64"},
			platform.Platform{OS: "linux", Architecture: "amd64"},
			nil,
		},
		{
			"spellings of one variant",
			platform.Platform{Architecture: "arm64", Variant: "v8.0"},
			platform.Platform{Architecture: "aarch64", Variant: "8"},
			nil,
		},
		{
			"variants",
			platform.Platform{Architecture: "arm", Variant: "v7"},
			platform.Platform{Architecture: "arm", Variant: "v6"},
			[]platform.Conflict{{"variant", "v7", "v6"}},
		},
		{
			"variants without an architecture",
			platform.Platform{Variant: "7"},
			platform.Platform{Architecture: "arm", Variant: "v7"},
			nil,
		},
		{
			"variants of two architectures",
			platform.Platform{Architecture: "arm", Variant: "v7"},
			platform.Platform{Architecture: "arm64", Variant: "v8"},
			[]platform.Conflict{{"architecture", "arm", "arm64"}},
		},
		{
			"one variant text of two architectures",
			platform.Platform{Architecture: "arm64", Variant: "v8"},
			platform.Platform{Architecture: "arm", Variant: "v8"},
			[]platform.Conflict{{"architecture", "arm64", "arm"}},
		},
		{
			"os versions",
			platform.Platform{OS: "windows", OSVersion: "10.0.1"},
			platform.Platform{OS: "windows", OSVersion: "10.0.2"},
			[]platform.Conflict{{"os.version", "10.0.1", "10.0.2"}},
		},
		{
			"features are a set",
			platform.Platform{OSFeatures: []string{"b", "a", "b"}},
			platform.Platform{OSFeatures: []string{"a", "b"}},
			nil,
		},
		{
			"features differ",
			platform.Platform{OSFeatures: []string{"b", "a"}},
			platform.Platform{OSFeatures: []string{"a"}},
			[]platform.Conflict{{"os.features", "b,a", "a"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := platform.Conflicts(tt.declared, tt.configured)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Conflicts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConflicts_Arguments(t *testing.T) {
	declared := platform.Platform{OS: "Linux", OSFeatures: []string{"c", "b", "a"}}
	configured := platform.Platform{OS: "linux", OSFeatures: []string{"b", "a"}}
	platform.Conflicts(declared, configured)
	if !slices.Equal(declared.OSFeatures, []string{"c", "b", "a"}) || !slices.Equal(configured.OSFeatures, []string{"b", "a"}) {
		t.Errorf("features were reordered: %v, %v", declared.OSFeatures, configured.OSFeatures)
	}
}
