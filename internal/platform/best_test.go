package platform

import "testing"

func TestBest(t *testing.T) {
	for _, c := range []struct {
		want string
		have []string
		best int
	}{
		{"linux/amd64", []string{"linux/arm64", "linux/amd64"}, 1},
		{"linux/arm64", []string{"linux/arm/v7", "linux/arm64/v8"}, 1},
		{"linux/arm64", []string{"linux/arm/v6", "linux/arm/v7"}, 1},
		{"linux/arm/v7", []string{"linux/arm/v5", "linux/arm/v6"}, 1},
		{"linux/arm/v6", []string{"linux/arm/v7"}, -1},
		{"linux/amd64/v3", []string{"linux/amd64", "linux/amd64/v2", "linux/amd64/v4"}, 1},
		{"linux/amd64", []string{"linux/386"}, 0},
		{"linux/amd64", []string{"linux/amd64", "linux/amd64"}, 0},
		{"linux/riscv64", []string{"linux/amd64", "unknown/unknown"}, -1},
		{"windows/amd64:10.0.20348.1", []string{"windows/amd64:10.0.17763.9", "windows/amd64:10.0.20348.2"}, 1},
		{"windows/amd64:10.0.20348.2", []string{"windows/amd64:10.0.20348.1", "windows/amd64:10.0.20348.2", "windows/amd64:10.0.20348.3"}, 1},
		{"windows/amd64:10.0.20348.9", []string{"windows/amd64:10.0.20348.1", "windows/amd64:10.0.20348.2"}, 0},
		{"linux/amd64", nil, -1},
	} {
		want, err := Parse(c.want)
		if err != nil {
			t.Fatal(err)
		}
		var have []Platform
		for _, text := range c.have {
			p, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			have = append(have, p)
		}
		if got := Best(want, have); got != c.best {
			t.Errorf("%s of %q: %d, want %d", c.want, c.have, got, c.best)
		}
	}
	if got := Best(Platform{OS: "linux", Architecture: "amd64"}, []Platform{{}, {Architecture: "amd64"}}); got != -1 {
		t.Errorf("a platform that is not set: %d", got)
	}
}
