package output

import (
	"slices"
	"testing"

	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/platform"
)

func TestMqueryPlatforms(t *testing.T) {
	entry := func(os, version string) inspect.QueryPlatform {
		return inspect.QueryPlatform{Platform: &platform.Platform{OS: os, Architecture: "arm64", OSVersion: version}}
	}
	for _, tt := range []struct {
		entries []inspect.QueryPlatform
		want    []string
	}{
		{[]inspect.QueryPlatform{entry("darwin", "macOS 12.6"), entry("linux", "6.1"), entry("darwin", "macOS 13.4"), {}}, []string{"darwin/arm64:macOS 12.6", "linux/arm64", "darwin/arm64:macOS 13.4", noPlatform}},
		{[]inspect.QueryPlatform{entry("linux", "6.1"), entry("linux", "6.1")}, []string{"linux/arm64", "linux/arm64"}},
		{[]inspect.QueryPlatform{entry("windows", "10.0.1")}, []string{"windows/arm64:10.0.1"}},
	} {
		if got := mqueryPlatforms(tt.entries); !slices.Equal(got, tt.want) {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
