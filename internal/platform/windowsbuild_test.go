package platform

import "testing"

func TestIsVersion(t *testing.T) {
	for _, tt := range []struct {
		written, osVersion string
		want               bool
	}{
		{"1809", "10.0.17763.1", true},
		{"ltsc2022", "10.0.20348.1", true},
		{"10.0.20348", "10.0.20348.1", true},
		{"10.0.20348.1", "10.0.20348.1", true},
		{"1809", "", true},
		{"1803", "10.0.17763.1", false},
		{"nanoserver", "10.0.17763.1", false},
		{"10.0.2034", "10.0.20348.1", false},
	} {
		if IsVersion(tt.written, tt.osVersion) != tt.want {
			t.Errorf("%s of %q: want %t", tt.written, tt.osVersion, tt.want)
		}
	}
}

func TestWindowsBuild(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"10.0.17763.1", "10.0.17763.6189", true},
		{"10.0.17763", "10.0.17763.1", true},
		{"10.0.17763.1", "10.0.20348.1", false},
		{"10.0", "10.0", false},
		{"10.0.1", "10.0", false},
		{"", "10.0.17763.1", false},
	} {
		if got := IsSameBuild(tt.a, tt.b); got != tt.want {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
}
