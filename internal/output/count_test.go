package output

import "testing"

func TestCounted(t *testing.T) {
	for _, c := range []struct {
		n          int
		noun, want string
	}{
		{0, "layer", "0 layers"},
		{1, "layer", "1 layer"},
		{2, "layer", "2 layers"},
		{1, "index", "1 index"},
		{2, "index", "2 indexes"},
		{0, "registry", "0 registries"},
		{1, "registry", "1 registry"},
		{3, "registry", "3 registries"},
	} {
		if got := Pluralize(c.n, c.noun); got != c.want {
			t.Errorf("%d of %s: %q, want %q", c.n, c.noun, got, c.want)
		}
	}
}
