package platform

import "testing"

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
