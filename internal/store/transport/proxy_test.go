package transport

import (
	"slices"
	"testing"
)

func TestUnusableProxies(t *testing.T) {
	t.Parallel()
	for value, usable := range map[string]bool{
		"": true, "proxy": true, "proxy:3128": true, "http://proxy:3128/": true, "https://user:pass@proxy": true,
		"user:pass@proxy:3128": true, "socks5://[::1]:1080": true, "socks5h://proxy": true, "10.0.0.1:8080": true,
		"htt p://proxy": false, "ftp://proxy": false, "http://proxy:31x8": false, "user:pass@proxy:31x8": false,
		"http://": false, ":3128": false, "http:///path": false,
	} {
		got := UnusableProxies(func(name string) string {
			if name == "https_proxy" {
				return value
			}
			return ""
		})
		if want := []string{"https_proxy"}; usable && got != nil || !usable && !slices.Equal(got, want) {
			t.Errorf("%q: %q", value, got)
		}
	}
}
