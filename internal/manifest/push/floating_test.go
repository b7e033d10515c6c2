package push

import (
	"slices"
	"strings"
	"testing"
)

func TestFloatingTags(t *testing.T) {
	all := []Floating{FloatingMajor, FloatingMinor, FloatingLatest}
	for _, c := range []struct{ tag, existing, want string }{
		{"1.4.2", "", "1 1.4 latest"},
		{"v1.4.2", "", "v1 v1.4 latest"},
		{"1.4.2", "1.4.1 1.3.9 0.9.0 latest 1 nightly", "1 1.4 latest"},
		{"1.4.2", "1.4.2", "1 1.4 latest"},
		{"1.4.2", "1.4.10", ""},
		{"1.4.2", "1.5.0", "1.4"},
		{"1.4.2", "2.0.0", "1 1.4"},
		{"1.4.2", "v2.0.0", "1 1.4"},
		{"1.4.2", "2.0.0-rc.1 1.4.3-alpine", "1 1.4 latest"},
		{"1.4.2", "1.4 2 99 2026.11.30", "1 1.4"},
		{"2.0.0-rc.1", "1.0.0", ""},
		{"0.0.1", "", "0 0.0 latest"},
		{"1.99999999999999999999.0", "1.100000000000000000000.0", "1.99999999999999999999"},
	} {
		v, ok := parseVersion(c.tag)
		if !ok {
			t.Fatalf("%s is not a version", c.tag)
		}
		got, notes := floatingTags(v, all, strings.Fields(c.existing))
		if want := strings.Fields(c.want); !slices.Equal(got, want) || len(got)+len(notes) != len(all) {
			t.Errorf("%s, given %q: got %q with notes %q, want %q", c.tag, c.existing, got, notes, want)
		}
	}
}

func TestParseVersion_Others(t *testing.T) {
	for _, tag := range []string{"", "v", "1", "1.4", "v1.4", "1.4.2.3", "01.4.2", "latest", "vv1.4.2", "1.4.x", "1.4-rc.1.2"} {
		if v, ok := parseVersion(tag); ok {
			t.Errorf("%q is the version %v", tag, v)
		}
	}
}
